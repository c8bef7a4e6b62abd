import { useQueryClient } from '@tanstack/react-query';
import type { StudioInput } from '../../src-shared/studioApi.ts';
import { studioQueryKey, useStudioMutation } from '../studioQueries.ts';
import { useToast } from '../ui/Toast.tsx';

/** Changes settings, and says so where it does not work. */
export function useChangeSettings(): (change: StudioInput<'changeSettings'>) => void {
  const client = useQueryClient();
  const toast = useToast();
  const { mutate } = useStudioMutation('changeSettings');
  return (change) =>
    mutate(change, {
      onSuccess: (settings) => client.setQueryData(studioQueryKey('getSettings', {}), settings),
      onError: ({ message }) =>
        toast({ tone: 'bad', title: 'The setting stays as it was', detail: message }),
    });
}
