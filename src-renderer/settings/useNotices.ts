import { useState } from 'react';
import { useStudioQuery } from '../studioQueries.ts';
import { noticePermission } from '../ui/systemNotice.ts';
import { useChangeSettings } from './useChangeSettings.ts';

export interface Notices {
  /** Whether the end of a training that nobody watches is told. */
  readonly on: boolean;
  /** Whether they can be had here: of a browser that was told to show none, it is to be told otherwise there. */
  readonly possible: boolean;
  /** Whether a browser has yet to be asked. */
  readonly unasked: boolean;
  /** Asks the browser where it was not asked yet. */
  turn(on: boolean): void;
}

/** Whether trainings tell their end by a notice of the system: a setting of the studio, and of each browser. */
export function useNotices(): Notices {
  const change = useChangeSettings();
  const wanted = useStudioQuery('getSettings', {}).data?.notices ?? false;
  const isBrowser = window.tessera === undefined;
  const [permission, setPermission] = useState(noticePermission);
  const turn = async (on: boolean) => {
    if (on && isBrowser && permission === 'default') {
      const answer = await Notification.requestPermission();
      setPermission(answer);
      if (answer !== 'granted') return;
    }
    change({ notices: on });
  };
  return {
    on: wanted && (!isBrowser || permission === 'granted'),
    possible: !isBrowser || permission === 'default' || permission === 'granted',
    unasked: isBrowser && permission === 'default',
    turn: (on) => void turn(on),
  };
}
