import { SingleBar } from 'cli-progress';
import type { JobEvent, JobProgress, VerifiedCase } from '../../src-shared/job.ts';

/** How a command tells what happens. */
export interface Reporter {
  event(event: JobEvent): void;
  /** @param lines for people; `data` is for programs */
  result(data: object, lines: readonly string[]): void;
  error(kind: 'input' | 'cancelled' | 'fault', message: string): void;
  /** Takes what stands on the terminal for the time being away. */
  close(): void;
}

/** Results go to standard output, how things are going to standard error. */
export function createReporter(json: boolean): Reporter {
  if (json) return jsonReporter();
  return process.stderr.isTTY ? terminalReporter() : plainReporter();
}

/** One JSON object per line, each with an `event`. */
function jsonReporter(): Reporter {
  const print = (value: object) => console.log(JSON.stringify(value));
  return {
    event: ({ type, ...fields }) => print({ event: type, ...fields }),
    result: (data) => print({ event: 'result', ...data }),
    error: (kind, message) => print({ event: 'error', kind, message }),
    close: () => {},
  };
}

/** A progress bar per phase. */
function terminalReporter(): Reporter {
  let bar: SingleBar | undefined;
  let phase: string | undefined;
  /** What is not measured in every step stays on the line. */
  let values: JobProgress['values'];
  const close = () => {
    bar?.stop();
    [bar, phase, values] = [undefined, undefined, undefined];
  };
  const show = (event: JobProgress) => {
    if (event.phase !== phase) close();
    values = { ...values, ...event.values };
    const progress = { ...event, values };
    if (!bar) {
      bar = createBar();
      bar.start(progress.total, progress.step, barFields(progress));
      phase = progress.phase;
    }
    bar.update(progress.step, barFields(progress));
    if (progress.step >= progress.total) close();
  };
  return {
    event: (event) => {
      if (event.type === 'progress') return show(event);
      close();
      printEvent(event);
    },
    result: (_, lines) => {
      close();
      printLines(lines);
    },
    error: (_, message) => {
      close();
      console.error(`tessera: ${message}`);
    },
    close,
  };
}

function createBar(): SingleBar {
  return new SingleBar({
    format: '{phase} [{bar}] {value}/{total}{figures}{timeLeft} · {memory}',
    barsize: 24,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    hideCursor: true,
    stopOnComplete: false,
  });
}

function barFields({ phase, values, timeLeft, memory }: JobProgress) {
  const left = timeLeft === undefined ? '' : ` · ${formatDuration(timeLeft)} left`;
  return { phase, figures: formatValues(values), timeLeft: left, memory: formatBytes(memory) };
}

/** Milliseconds between two lines about the same phase. */
const linePause = 10_000;

/** Lines for logs: begin and end of a phase, and how far it is every ten seconds. */
function plainReporter(): Reporter {
  let phase: string | undefined;
  let lastLine = 0;
  const show = (progress: JobProgress) => {
    const { step, total, timeLeft, values } = progress;
    const isEdge = progress.phase !== phase || step >= total;
    if (!isEdge && performance.now() - lastLine < linePause) return;
    [phase, lastLine] = [progress.phase, performance.now()];
    const left =
      timeLeft === undefined || step >= total ? '' : `, ${formatDuration(timeLeft)} left`;
    console.error(`${phase}: ${step} of ${total}${formatValues(values)}${left}`);
  };
  return {
    event: (event) => (event.type === 'progress' ? show(event) : printEvent(event)),
    result: (_, lines) => printLines(lines),
    error: (_, message) => console.error(`tessera: ${message}`),
    close: () => {},
  };
}

function printEvent(event: Exclude<JobEvent, JobProgress>): void {
  if (event.type === 'case') console.log(formatCase(event));
  if (event.type === 'note')
    console.error(`${event.level === 'warning' ? 'warning: ' : ''}${event.message}`);
}

function printLines(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

const statusWidth = 'unsupported'.length;

function formatCase({ name, status, error, tolerance, measure, detail }: VerifiedCase): string {
  const figures =
    error === undefined ? '' : `${error.toExponential(1)} of ${tolerance?.toExponential(1) ?? '-'}`;
  const rest = [figures, measure, detail].filter(Boolean).join('  ');
  return `${status.padEnd(statusWidth)}  ${name.padEnd(56)}  ${rest}`.trimEnd();
}

/** What a person follows; programs get all values. */
const shownValues: ReadonlyMap<string, string> = new Map([
  ...['loss', 'anchor', 'prior'].map((name) => [name, name] as const),
  ['normRatio', 'length'],
  ['classCosine', 'cosine'],
]);

function formatValues(values: JobProgress['values']): string {
  const texts = Object.entries(values ?? {}).flatMap(([name, value]) => {
    const word = shownValues.get(name);
    return word === undefined ? [] : [` · ${word} ${formatNumber(value)}`];
  });
  return texts.join('');
}

/** Three digits that count. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${formatNumber(bytes / 1000 ** power)} ${units[power]}`;
}

/** Hours, minutes and seconds, the smaller ones only while they matter. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
