import { arch, platform, release } from 'node:os';
import type { SelfTest } from '../library/deviceRepository.ts';
import type { LibraryFigures } from '../library/libraryFigures.ts';
import { machineReport } from './devices.ts';
import type { Handlers } from './handlers.ts';
import { programVersion } from './programVersion.ts';
import type { StudioContext } from './studioContext.ts';
import { withoutPersonalPaths } from './withoutPersonalPaths.ts';

/** For a bug report. */
export const diagnosticsHandlers: Handlers<'diagnostics'> = {
  diagnostics: async (studio) => {
    const sections = [
      programLines(studio),
      await machineLines(studio),
      modelLines(studio),
      libraryLines(await studio.library.figures()),
      failedJobs(studio),
      ['Faults of this run', ...orNone(studio.faults.lines())],
    ];
    return { text: withoutPersonalPaths(sections.map((lines) => lines.join('\n')).join('\n\n')) };
  },
};

function programLines({ shell, library }: StudioContext): string[] {
  const { device, threads } = library.settings.get();
  return [
    `Tessera ${programVersion} (${shell})`,
    `Node ${process.versions.node}, ${platform()} ${release()} ${arch()}`,
    `chosen device: ${device}, threads: ${threads}`,
  ];
}

async function machineLines(studio: StudioContext): Promise<string[]> {
  const { processor, threads, memory, freeMemory, runtime, devices } = await machineReport(studio);
  return [
    `${processor}, ${threads} threads, ${gigabytes(memory)} of memory, ${gigabytes(freeMemory)} free`,
    runtime,
    ...devices.map(({ name, works, reason }) => {
      const test = studio.library.devices.selfTest(name);
      const standing = works ? 'works' : (reason ?? 'does not work');
      return `device ${name}: ${standing}${test ? `; ${selfTestLine(test)}` : ''}`;
    }),
  ];
}

function selfTestLine({ at, passed, error, stepsPerSecond, detail }: SelfTest): string {
  const parts = [
    `self-test ${passed ? 'passed' : 'failed'} on ${new Date(at).toISOString()}`,
    stepsPerSecond !== undefined && `${stepsPerSecond.toPrecision(3)} steps per second`,
    error !== undefined && `largest relative error ${error.toPrecision(2)}`,
    detail,
  ];
  return parts.filter(Boolean).join(', ');
}

function modelLines({ library }: StudioContext): string[] {
  const lines = library.models.list().map(({ kind, builtIn, inspection }) => {
    const { family, bytes, parameters, problem } = inspection;
    const what = `${builtIn ? 'built-in ' : ''}${kind}, ${family ?? 'unknown family'}`;
    return `${what}, ${parameters} parameters, ${gigabytes(bytes)}${problem ? `: ${problem}` : ''}`;
  });
  return ['Models', ...orNone(lines)];
}

function libraryLines(figures: LibraryFigures): string[] {
  return ['Library', ...Object.entries(figures).map(([name, value]) => `${name}: ${value}`)];
}

/** Failed jobs told at most. */
const mostJobs = 10;

function failedJobs({ library }: StudioContext): string[] {
  const failed = library.jobs.list({ ended: true }).filter(({ state }) => state === 'failed');
  const lines = failed.slice(0, mostJobs).map(({ kind, device, error }) => {
    return `${kind} on ${device}: ${error?.message ?? 'no reason known'}`;
  });
  return ['Failed jobs', ...orNone(lines)];
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? lines : ['none'];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
