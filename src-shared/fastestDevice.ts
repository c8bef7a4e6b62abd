import type { DeviceReport } from './api.ts';

type Speeds = Pick<DeviceReport, 'name' | 'gigaflops' | 'halfGigaflops'>;

/** What 'auto' stands for: of the devices that work, the one that was fastest when it was tried out. */
export function fastestDevice<Report extends Speeds>(
  reports: readonly Report[],
): Report | undefined {
  const measured = reports.filter(({ gigaflops }) => gigaflops !== undefined);
  return measured.toSorted((a, b) => speedOf(b) - speedOf(a))[0];
}

/** Whether a device is faster in half precision. */
export function isFasterInHalf({ gigaflops = 0, halfGigaflops = 0 }: Speeds): boolean {
  return halfGigaflops > gigaflops;
}

function speedOf({ gigaflops = 0, halfGigaflops = 0 }: Speeds): number {
  return Math.max(gigaflops, halfGigaflops);
}
