/** Addresses of the screens. What a screen is to begin with stands behind the question mark: see {@link linkTo}. */

export const routes = {
  library: '/library',
  newConcept: '/concepts/new',
  concept: '/concepts/:id',
  training: '/trainings/:jobId',
  compose: '/compose',
  compare: '/compare',
  gallery: '/gallery',
  map: '/map',
  models: '/models',
  settings: '/settings',
} as const;

export const linkTo = {
  concept: (id: string) => `/concepts/${id}`,
  training: (jobId: string) => `/trainings/${jobId}`,
  /** @param parentId version whose photos and settings the form begins with; it is retrained as a new version */
  newConcept: (from: { conceptId?: string; parentId?: string; sample?: string } = {}) =>
    withQuery(routes.newConcept, from),
  /**
   * @param concepts that the prompt begins with
   * @param versions of them that are taken instead of the newest
   */
  compose: (concepts: readonly string[] = [], versions: readonly string[] = []) =>
    withQuery(routes.compose, { concepts: concepts.join(','), versions: versions.join(',') }),
  /** Composes once more from the settings of a kept picture; `vary` takes another seed. */
  repeat: (compositionId: string, vary = false) =>
    withQuery(routes.compose, { composition: compositionId, vary: vary ? '1' : '' }),
  /** @param concepts each with a plain and a semantic version */
  compare: (concepts: readonly string[] = []) =>
    withQuery(routes.compare, { concepts: concepts.join(',') }),
  /** Shows a kept comparison. */
  comparison: (id: string) => withQuery(routes.compare, { comparison: id }),
  /** @param concepts whose newest plain and semantic versions are shown */
  map: (concepts: readonly string[] = []) =>
    withQuery(routes.map, { concepts: concepts.join(',') }),
  gallery: (conceptId?: string) => withQuery(routes.gallery, { concept: conceptId }),
} as const;

function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value);
  const search = new URLSearchParams(given as [string, string][]).toString();
  return search ? `${path}?${search}` : path;
}

/** Ids behind a name in the query of the address: "?versions=a,b". */
export function idsInSearch(search: string, name: string): string[] {
  return (new URLSearchParams(search).get(name) ?? '').split(',').filter(Boolean);
}
