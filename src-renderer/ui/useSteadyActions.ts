import { useState } from 'react';

/** One object for good that holds the newest functions: what takes it is not drawn again when only they are new. */
export function useSteadyActions<Actions extends object>(actions: Actions): Actions {
  const [steady] = useState(() => ({ ...actions }));
  return Object.assign(steady, actions);
}
