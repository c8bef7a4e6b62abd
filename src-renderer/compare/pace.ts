/** Parts that must be done, and seconds that must have passed, before a pace tells anything. */
const least = { parts: 0.2, seconds: 2 };

/**
 * Guesses when work of like parts ends, by how long its parts have taken until now.
 *
 * @returns gives the seconds that are left; undefined while nothing can be said
 */
export function createPace(
  now = () => performance.now(),
): (done: number, total: number) => number | undefined {
  let begun: { readonly time: number; readonly done: number } | undefined;
  return (done, total) => {
    begun ??= { time: now(), done };
    const parts = done - begun.done;
    const seconds = (now() - begun.time) / 1000;
    if (parts < least.parts || seconds < least.seconds) return undefined;
    return (seconds / parts) * Math.max(0, total - done);
  };
}
