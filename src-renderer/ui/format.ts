/** Numbers as people read them. All in the window's own language for separators, with units in English. */

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** "1.5 GB"; thousands, not 1024s. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** "8 s", "2 min 5 s", "1 h 20 min"; no more than two parts. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return joinParts(minutes, 'min', total % 60, 's');
  const allMinutes = Math.round(total / 60);
  return joinParts(Math.floor(allMinutes / 60), 'h', allMinutes % 60, 'min');
}

function joinParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A time that is only guessed: "about 40 s", "about 3 min", "about 1 h 20 min". */
export function formatEstimate(seconds: number): string {
  return seconds < 10 ? 'a few seconds' : `about ${formatRounded(seconds)}`;
}

/** The same where there is little room: "40 s", "3 min", "1 h 20 min". */
export function formatRounded(seconds: number): string {
  if (seconds < 55) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  return formatDuration(Math.round(seconds / 60) * 60);
}

/** With as many digits as matter: "0.0123", "1.25", "12,345". */
export function formatNumber(value: number, significant = 3): string {
  if (!Number.isFinite(value)) return '-';
  if (value !== 0 && Math.abs(value) < 1e-4)
    return value.toExponential(Math.max(0, significant - 2));
  if (Math.abs(value) >= 10 ** significant) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(significant)));
}

/** "3 photos", "1 photo". */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;
}

/** "just now", "5 min ago", "yesterday", "12 Mar 2026". */
export function formatWhen(time: number, now = Date.now()): string {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 172_800) return 'yesterday';
  const date = new Date(time);
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}
