import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { useStudioQuery } from '../studioQueries.ts';

/** Jobs that have not ended, then the trainings that failed: those stay until they are tried again or discarded. */
export function useOpenJobs(): readonly JobStatus[] {
  const open = useStudioQuery('listJobs', {}).data?.jobs ?? [];
  const all = useStudioQuery('listJobs', { ended: true }).data?.jobs ?? [];
  const known = new Set(open.map(({ id }) => id));
  const failed = all.filter(
    ({ id, kind, state }) => kind === 'train' && state === 'failed' && !known.has(id),
  );
  return [...open, ...failed];
}
