import type { LayoutPrior } from '../../src-shared/layout.ts';

/** A layout distribution that was saved. */
export interface StoredPrior {
  id: string;
  name: string;
  createdAt: number;
  prior: LayoutPrior;
}

export interface PriorRepository {
  /** The newest first. */
  list(): StoredPrior[];
  save(name: string, prior: LayoutPrior): StoredPrior;
  /** @throws InputError where the library does not have it */
  remove(id: string): void;
}
