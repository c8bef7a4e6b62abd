import type {
  ConceptDetail,
  ConceptSummary,
  ConceptVersion,
} from '../../src-shared/conceptRecord.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';

/** A concept before anything is trained. */
export interface NewConcept {
  readonly name: string;
  readonly token: string;
  readonly classWord: string;
  readonly tags?: readonly string[];
  readonly notes?: string;
}

/** A version to be added: the library gives it its id, number and time. */
export type NewVersion = Omit<ConceptVersion, 'id' | 'number' | 'createdAt' | 'bytes'> & {
  /** The concept's rows (vectors x width, row by row) after some steps, for the embedding map. */
  readonly path?: readonly PathPoint[];
};

/** Where the concept stood in the embedding space. */
export interface PathPoint {
  readonly step: number;
  /** vectors x width, row by row. */
  readonly rows: Float32Array;
}

/** A version with the concept that it is of. */
export interface OwnedVersion {
  readonly concept: ConceptSummary;
  readonly version: ConceptVersion;
}

/**
 * Concepts with their versions. Among concepts outside the trash a token is unique, as written.
 *
 * Every method throws InputError for an id that the library does not have, a file that is not in the store, and a token
 * that is taken (the message names both concepts).
 */
export interface ConceptRepository {
  /**
   * Tags: those that have all of them. Methods: those whose newest version has one of them. Order `drift`: the least
   * drifted first, those without a measurement last.
   */
  list(query: StudioRequest<'listConcepts'>): StudioOutput<'listConcepts'>;
  summary(id: string): ConceptSummary;
  detail(id: string): ConceptDetail;
  create(concept: NewConcept): ConceptSummary;
  change(request: StudioRequest<'changeConcept'>): ConceptSummary;
  /** Adds a version with its photos and previews: all of it or nothing. The concept's newest version becomes this one. */
  addVersion(conceptId: string, version: NewVersion): ConceptVersion;
  /** A version by its own id. */
  version(versionId: string): OwnedVersion;
  /** In the order of steps; empty where it was not recorded. */
  path(versionId: string): PathPoint[];
  /** The concept outside the trash that has this token. */
  withToken(token: string): ConceptSummary | undefined;
  trash(ids: readonly string[]): void;
  /** All of them or none. @throws InputError where another concept has taken the token of one */
  untrash(ids: readonly string[]): void;
  /** Deletes for good. @throws InputError for one that is not in the trash, or whose training has not ended */
  remove(ids: readonly string[]): void;
  /** Of the concepts outside the trash, the most used first. */
  tags(): { tag: string; count: number }[];
}
