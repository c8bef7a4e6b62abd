import { useSyncExternalStore } from 'react';

/** State that outlives its screen: what was begun goes on, and is found again, when the user comes back. */
export interface Store<State> {
  get(): State;
  /** Merges fields in. */
  set(change: Partial<State> | ((state: State) => Partial<State>)): void;
  /** @returns ends the listening */
  subscribe(listener: () => void): () => void;
}

export function createStore<State extends object>(first: State): Store<State> {
  let state = first;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(change) {
      state = { ...state, ...(typeof change === 'function' ? change(state) : change) };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<State>(store: Store<State>): State {
  return useSyncExternalStore(store.subscribe, store.get);
}
