import type {
  ComparisonWay,
  ComposedPicture,
  KeptComposition,
} from '../../src-shared/composition.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';

/** A picture to be kept. */
export interface NewComposition {
  readonly picture: ComposedPicture;
  readonly thumbnail: BlobHash;
  readonly modelName: string;
  /** 0 where absent. */
  readonly rating?: number;
  readonly way?: ComparisonWay;
}

/** Kept pictures. Throws InputError for ids and files that the library does not have. */
export interface CompositionRepository {
  /** The newest first. In lists `attention` is empty: heat maps over time are large. `get` has it. */
  list(query: StudioRequest<'listCompositions'>): StudioOutput<'listCompositions'>;
  get(id: string): KeptComposition;
  keep(composition: NewComposition): KeptComposition;
  /** Keeps the pictures of a comparison under one new id: all of them or none. */
  keepComparison(compositions: readonly (NewComposition & { readonly way: ComparisonWay })[]): {
    comparisonId: string;
    compositions: KeptComposition[];
  };
  rate(id: string, rating: number): KeptComposition;
  trash(ids: readonly string[]): void;
  untrash(ids: readonly string[]): void;
  /** Deletes for good. @throws InputError for one that is not in the trash */
  remove(ids: readonly string[]): void;
}
