/** What a backup of that day is called: "tessera-2026-03-09.tessera-backup". */
export function backupName(day: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  return `tessera-${date}.tessera-backup`;
}
