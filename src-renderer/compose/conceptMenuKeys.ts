/** What a key does in the menu of concepts. */
export type MenuAct = 'next' | 'previous' | 'take' | 'close' | 'wait';

interface MenuStanding {
  /** Concepts that are listed. */
  readonly count: number;
  /** Whether more may come. */
  readonly isLooking: boolean;
}

const acts: Readonly<Record<string, MenuAct>> = {
  ArrowDown: 'next',
  ArrowUp: 'previous',
  Enter: 'take',
  Tab: 'take',
  Escape: 'close',
};

/**
 * Undefined where the key is for the text. Enter never is while the menu is open: who types fast would get a new line in
 * place of a concept. In an empty menu Tab leads on, so that nobody is held there.
 */
export function menuAct(key: string, { count, isLooking }: MenuStanding): MenuAct | undefined {
  if (count > 0 || key === 'Escape') return acts[key];
  if (key !== 'Enter') return undefined;
  return isLooking ? 'wait' : 'close';
}
