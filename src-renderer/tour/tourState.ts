import { useSyncExternalStore } from 'react';

/** Where the user is in the tour. It survives a reload, so that the tour can be left and resumed. */

export const tourSteps = ['welcome', 'sample', 'train', 'compare', 'end'] as const;
export type TourStep = (typeof tourSteps)[number];

export interface TourState {
  /** Whether its sheet shows. */
  readonly open: boolean;
  readonly step: TourStep;
  readonly conceptId?: string | undefined;
  readonly jobId?: string | undefined;
}

const storageKey = 'tessera.tour';
const closed: TourState = { open: false, step: 'welcome' };

let state = remembered();
const listeners = new Set<() => void>();

export interface Tour {
  readonly state: TourState;
  /** Opens the tour where it was left. */
  start: () => void;
  change: (part: Partial<TourState>) => void;
  /** Puts it away; it is resumed from where it was. */
  leave: () => void;
  /** Puts it away for good: it begins from the start the next time. */
  finish: () => void;
}

const actions = {
  start: () => enter({ ...state, open: true }),
  change: (part: Partial<TourState>) => enter({ ...state, ...part }),
  leave: () => enter({ ...state, open: false }),
  finish: () => enter(closed),
};

export function useTour(): Tour {
  return { state: useSyncExternalStore(subscribe, () => state), ...actions };
}

function enter(next: TourState): void {
  state = next;
  localStorage.setItem(storageKey, JSON.stringify(next));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @returns the beginning where nothing, or nothing readable, was stored */
function remembered(): TourState {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? 'null') as Partial<TourState>;
    const known = tourSteps.find((step) => step === stored?.step);
    return known ? { ...closed, ...stored, step: known } : closed;
  } catch {
    return closed;
  }
}
