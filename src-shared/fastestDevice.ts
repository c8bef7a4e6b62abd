import type { DeviceReport } from './api.ts';

/** What 'auto' stands for: of the devices that work, the one that was fastest when it was tried out. */
export function fastestDevice<Report extends Pick<DeviceReport, 'name' | 'gigaflops'>>(
  reports: readonly Report[],
): Report | undefined {
  const measured = reports.filter(({ gigaflops }) => gigaflops !== undefined);
  return measured.toSorted((a, b) => b.gigaflops! - a.gigaflops!)[0];
}
