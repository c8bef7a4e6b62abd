import {
  QueryClient,
  type QueryKey,
  type UseQueryOptions,
  useMutation,
  useQuery,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JobStatus } from '../src-shared/jobRecord.ts';
import type { StudioCallName, StudioInput, StudioOutput } from '../src-shared/studioApi.ts';
import type { CallProgress, StudioEvent } from '../src-shared/studioEvent.ts';
import {
  call,
  connectionState,
  onConnectionState,
  onStudioEvent,
  type StudioCallError,
} from './studioApi.ts';

/** The studio's calls as TanStack queries. What was asked stays fresh until the studio says that it has changed. */

export const queryClient = new QueryClient({
  defaultOptions: {
    // No network is involved, so being offline means nothing, and a refusal stays one.
    queries: { staleTime: Number.POSITIVE_INFINITY, retry: false, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});

export function studioQueryKey<Name extends StudioCallName>(
  name: Name,
  input: StudioInput<Name>,
): QueryKey {
  return [name, input];
}

type QueryOptions<Name extends StudioCallName> = Omit<
  UseQueryOptions<StudioOutput<Name>, StudioCallError>,
  'queryKey' | 'queryFn'
>;

export function useStudioQuery<Name extends StudioCallName>(
  name: Name,
  input: StudioInput<Name>,
  options: QueryOptions<Name> = {},
) {
  return useQuery<StudioOutput<Name>, StudioCallError>({
    queryKey: studioQueryKey(name, input),
    queryFn: ({ signal }) => call(name, input, { signal }),
    ...options,
  });
}

/** A call that changes something. What it changes is asked again by itself. */
export function useStudioMutation<Name extends StudioCallName>(name: Name) {
  return useMutation<StudioOutput<Name>, StudioCallError, StudioInput<Name>>({
    mutationFn: (input) => call(name, input),
  });
}

/** A call that takes long: with its progress and a way to end it. A newer start ends an older one. */
export function useStudioTask<Name extends StudioCallName>(name: Name) {
  const [progress, setProgress] = useState<CallProgress>();
  const running = useRef<AbortController>(undefined);
  const mutation = useMutation<StudioOutput<Name>, StudioCallError, StudioInput<Name>>({
    mutationFn: (input) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setProgress(undefined);
      return call(name, input, {
        signal: controller.signal,
        onProgress: (next) => running.current === controller && setProgress(next),
      });
    },
  });
  const cancel = useCallback(() => running.current?.abort(), []);
  useEffect(() => cancel, [cancel]);
  return { ...mutation, progress: mutation.isPending ? progress : undefined, cancel };
}

/** Listens as long as the component is shown. */
export function useStudioEvent(listener: (event: StudioEvent) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => onStudioEvent((event) => latest.current(event)), []);
}

export function useConnectionState() {
  return useSyncExternalStore(onConnectionState, connectionState);
}

/** Which calls answer differently once rows of a kind have changed. */
const dependents: Readonly<
  Record<Extract<StudioEvent, { type: 'changed' }>['what'], readonly StudioCallName[]>
> = {
  concepts: [
    'listConcepts',
    'getConcept',
    'conceptWithToken',
    'listTags',
    'checkToken',
    'embeddingMap',
    'getTraining',
  ],
  compositions: ['listCompositions', 'getComposition', 'nextBallot'],
  models: ['listModels', 'suggestWords', 'proposeAnchors', 'embeddingMap'],
  priors: ['listPriors'],
  settings: ['getSettings', 'about', 'estimateTraining'],
  votes: ['nextBallot'],
  devices: ['listDevices', 'about'],
};

/** Keeps what was asked true. Called once, by main.tsx. */
export function followStudio(client: QueryClient): void {
  onStudioEvent((event) => follow(client, event));
  let wasLost = false;
  onConnectionState((state) => {
    if (state === 'connected' && wasLost) void client.invalidateQueries();
    wasLost ||= state === 'lost' || state === 'refused';
  });
}

function follow(client: QueryClient, event: StudioEvent): void {
  if (event.type === 'changed') invalidate(client, [...dependents[event.what], 'storage']);
  if (event.type === 'job') followJob(client, event.job);
}

/** Progress comes often: it is put in place. Only a change of state asks again. */
function followJob(client: QueryClient, job: JobStatus): void {
  const known = knownState(client, job.id);
  client.setQueryData<JobStatus>(studioQueryKey('getJob', { id: job.id }), job);
  client.setQueriesData<StudioOutput<'listJobs'>>({ queryKey: ['listJobs'] }, (old) => {
    return old && { jobs: old.jobs.map((one) => (one.id === job.id ? job : one)) };
  });
  client.setQueryData<StudioOutput<'getTraining'>>(
    studioQueryKey('getTraining', { id: job.id }),
    (old) => old && { ...old, job },
  );
  if (known !== job.state) invalidate(client, ['listJobs', 'getTraining', 'about']);
}

function knownState(client: QueryClient, id: string): JobStatus['state'] | undefined {
  const lists = client.getQueriesData<StudioOutput<'listJobs'>>({ queryKey: ['listJobs'] });
  const listed = lists.flatMap(([, list]) => list?.jobs ?? []).find((job) => job.id === id);
  return (listed ?? client.getQueryData<JobStatus>(studioQueryKey('getJob', { id })))?.state;
}

function invalidate(client: QueryClient, names: readonly StudioCallName[]): void {
  const asked = new Set<unknown>(names);
  void client.invalidateQueries({ predicate: ({ queryKey }) => asked.has(queryKey[0]) });
}
