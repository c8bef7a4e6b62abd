import { messageOf } from '../../../src-shared/caught.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { relativeL2 } from '../numbers.ts';
import {
  type CaseResult,
  differing,
  largestDistance,
  type Measure,
  type Numbers,
} from './caseResult.ts';
import { GoldenError, type GoldenFile } from './goldenFile.ts';
import type { GoldenIndex } from './goldenIndex.ts';

/** Where the index recommends nothing: the least tolerance that the reference's README recommends. */
export const defaultTolerance = 2e-5;

export interface ReportOptions {
  /** Ends the run. */
  readonly signal?: AbortSignal;
  /** Of every relative error, where the index has a smaller one. */
  readonly leastTolerance?: number;
  /** Told what is wrong with the reference files themselves. */
  readonly onDamage?: (damage: GoldenError) => void;
}

export interface CompareOptions {
  /** Stands in for the index's recommendation. */
  readonly tolerance?: number;
  /** 'relative L2' where absent. */
  readonly measure?: Measure;
}

/** What a case answers for: if it cannot be run, these tensors are not silently dropped. */
export interface CaseScope {
  readonly name: string;
  readonly file?: GoldenFile;
  readonly keys?: readonly string[];
}

const distances: Readonly<Record<Measure, (actual: Numbers, expected: Numbers) => number>> = {
  'relative L2': relativeL2,
  levels: largestDistance,
  differing,
};

/** Takes the results of one group of cases. */
export class CaseReporter {
  readonly #group: string;
  readonly #onCase: (result: CaseResult) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #leastTolerance: number;
  readonly #onDamage: (damage: GoldenError) => void;
  readonly #files = new Set<GoldenFile>();

  constructor(
    group: string,
    onCase: (result: CaseResult) => void,
    { signal, leastTolerance = 0, onDamage = () => {} }: ReportOptions = {},
  ) {
    this.#group = group;
    this.#onCase = onCase;
    this.#signal = signal;
    this.#leastTolerance = leastTolerance;
    this.#onDamage = onDamage;
  }

  /**
   * Opens a file that an index describes, of which every tensor will be accounted for; reports it where it is missing or
   * damaged.
   */
  open(index: GoldenIndex | undefined, name: string): GoldenFile | undefined {
    const label = index?.labelOf(name) ?? name;
    return this.read({ name: label }, () => {
      const file = index?.file(name);
      if (file) return this.account(file);
      const isDescribed = index?.fileNames.includes(name);
      this.unsupported(label, isDescribed ? `${name} is not there` : 'no index describes it');
      return undefined;
    });
  }

  /** Every tensor of the file will be accounted for. */
  account(file: GoldenFile): GoldenFile {
    this.#files.add(file);
    return file;
  }

  /** At the very end: what no case answers for is reported, never passed over in silence. */
  reportUnaccounted(): void {
    for (const file of this.#files) {
      for (const key of file.unaccounted()) {
        this.read({ name: `${file.label}/${key}` }, () => {
          file.shape(key);
          this.unsupported(`${file.label}/${key}`, 'no case knows this tensor');
        });
      }
    }
  }

  /** Compares values with a stored tensor. */
  compare(file: GoldenFile, key: string, actual: Numbers, options: CompareOptions = {}): void {
    const { tolerance = file.entry(key).tolerance ?? defaultTolerance } = options;
    const { measure = 'relative L2' } = options;
    file.settle(key);
    const detail = float64Detail(file, key, actual);
    this.compareValues(`${file.label}/${key}`, actual, file.numbers(key), {
      tolerance,
      measure,
      detail,
    });
  }

  /** Compares values with others that stand in no tensor of their own. */
  compareValues(
    name: string,
    actual: Numbers,
    expected: Numbers,
    options: { readonly tolerance: number; readonly measure: Measure; readonly detail?: string },
  ): void {
    if (actual.length !== expected.length) {
      const detail = `${actual.length} values, expected ${expected.length}`;
      this.#onCase({ group: this.#group, name, status: 'failed', detail });
      return;
    }
    this.judge(name, distances[options.measure](actual, expected), options);
  }

  /** A case whose error is known. */
  judge(
    name: string,
    error: number,
    options: { readonly tolerance: number; readonly measure: Measure; readonly detail?: string },
  ): void {
    if (!Number.isFinite(error)) {
      const detail = 'the values are not finite';
      this.#onCase({ group: this.#group, name, status: 'failed', ...options, detail });
      return;
    }
    const least = options.measure === 'relative L2' ? this.#leastTolerance : 0;
    const tolerance = Math.max(options.tolerance, least);
    const status = error <= tolerance ? 'passed' : 'failed';
    this.#onCase({ group: this.#group, name, status, error, ...options, tolerance });
  }

  /** One result for tensors that cannot be compared. */
  refuse(scope: CaseScope, detail: string): void {
    this.#end(scope, 'unsupported', detail);
  }

  /** One result for tensors of which it is plain that what they are compared with is something else. */
  fail(scope: CaseScope, detail: string): void {
    this.#end(scope, 'failed', detail);
  }

  unsupported(name: string, detail: string): void {
    this.#end({ name }, 'unsupported', detail);
  }

  #end({ name, file, keys = [] }: CaseScope, status: CaseResult['status'], detail: string): void {
    for (const key of keys) file?.settle(key);
    this.#onCase({ group: this.#group, name, status, detail });
  }

  /**
   * Runs one case. What it throws becomes its result: 'unsupported' where the engine refuses the input, else 'failed',
   * as where the reference itself is damaged: other cases go on.
   *
   * @throws the signal's reason when it is aborted
   */
  async attempt(scope: CaseScope, run: () => Promise<void>): Promise<void> {
    this.#signal?.throwIfAborted();
    try {
      await run();
    } catch (error) {
      this.#settle(scope, error);
    }
  }

  /** As {@link attempt}, for what is at hand at once. @returns undefined where it throws */
  read<T>(scope: CaseScope, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#settle(scope, error);
      return undefined;
    }
  }

  #settle(scope: CaseScope, error: unknown): void {
    this.#signal?.throwIfAborted();
    const isDamage = error instanceof GoldenError;
    if (isDamage) this.#onDamage(error);
    const status = error instanceof InputError && !isDamage ? 'unsupported' : 'failed';
    this.#end(scope, status, messageOf(error));
  }
}

function float64Detail(file: GoldenFile, key: string, actual: Numbers): string | undefined {
  const { float64Key } = file.entry(key);
  if (float64Key === undefined) return undefined;
  const exact = file.numbers(float64Key);
  if (exact.length !== actual.length) return undefined;
  return `${relativeL2(actual, exact).toExponential(1)} from the float64 value`;
}
