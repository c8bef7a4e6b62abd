import { freemem, totalmem } from 'node:os';

/** Share of the memory that a process may hold and still keep what it does not need at the moment. */
const ownShare = 1 / 4;
/** Share of the memory that must be left for others. */
const freeShare = 1 / 8;

/** Whether what could be made again should be given back. */
export function memoryIsShort(): boolean {
  // 0, or more than there is, where nothing limits this process
  const total = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
  return process.memoryUsage.rss() > ownShare * total || freeMemory() < freeShare * totalmem();
}

/** macOS counts pages as free only when they hold nothing at all, not even files that could be read again. */
function freeMemory(): number {
  return process.platform === 'darwin' ? Number.POSITIVE_INFINITY : freemem();
}
