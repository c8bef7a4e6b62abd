import { InputError } from '../../../src-shared/inputError.ts';
import { openSafetensors, readTensor, type SafetensorsFile } from '../files/safetensors.ts';
import { splitRows } from '../numbers.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';

/** Something is wrong with the reference files themselves. */
export class GoldenError extends InputError {
  override name = 'GoldenError';
}

/** What an index says of one tensor. */
export interface GoldenEntry {
  readonly shape?: Shape;
  readonly meaning?: string;
  /** Recommended limit of ||yours - golden|| / ||golden||. */
  readonly tolerance?: number;
  /** Key of the same tensor as computed in float64. */
  readonly float64Key?: string;
}

/** A file of reference tensors, which keeps account of what is read and of what is compared. */
export class GoldenFile {
  readonly path: string;
  /** Begins the names of its cases: "text", "train/plain1". */
  readonly label: string;
  readonly #file: SafetensorsFile;
  readonly #entries: ReadonlyMap<string, GoldenEntry>;
  readonly #read = new Set<string>();
  readonly #settled = new Set<string>();

  /**
   * @param entries what the index says; where there is no index, the file's own keys are described by nothing
   * @throws GoldenError where the file is damaged
   */
  constructor(path: string, label: string, entries?: ReadonlyMap<string, GoldenEntry>) {
    this.path = path;
    this.label = label;
    this.#file = asGoldenError(() => openSafetensors(path));
    this.#entries = entries ?? new Map([...this.#file.tensors.keys()].map((key) => [key, {}]));
  }

  /** Keys that the index describes, in its order. */
  get keys(): string[] {
    return [...this.#entries.keys()];
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  entry(key: string): GoldenEntry {
    return this.#entries.get(key) ?? {};
  }

  meaning(key: string): string {
    return this.entry(key).meaning ?? '';
  }

  /** @throws GoldenError where there is no such tensor, or its index describes another */
  shape(key: string): Shape {
    const found = this.#file.tensors.get(key)?.shape;
    if (!found) throw new GoldenError(`${this.path}: tensor '${key}' is missing`);
    const { shape = found } = this.entry(key);
    if (sameShape(found, shape)) return found;
    const shapes = `${formatShape(found)}, its index says ${formatShape(shape)}`;
    throw new GoldenError(`${this.path}: tensor '${key}' is ${shapes}`);
  }

  /** The tensor as numbers. @throws GoldenError as {@link shape} */
  numbers(key: string): Float32Array | Float64Array | Uint8Array {
    this.#read.add(key);
    this.shape(key);
    const { data } = asGoldenError(() => readTensor(this.#file, key));
    return data instanceof BigInt64Array ? Float64Array.from(data, Number) : data;
  }

  floats(key: string): Float32Array {
    const numbers = this.numbers(key);
    return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  }

  /** Whole numbers, such as timesteps. */
  integers(key: string): number[] {
    return [...this.numbers(key)];
  }

  /** The tensor cut along all but its last axis: prompts of token ids. */
  idRows(key: string): number[][] {
    return rowsOf(this.integers(key), this.shape(key).at(-1) ?? 1);
  }

  /** The tensor cut along its first axis. */
  rows(key: string): Float32Array[] {
    return splitRows(this.floats(key), this.shape(key)[0]);
  }

  /** From here on a case answers for the tensor. */
  settle(key: string): void {
    this.#settled.add(key);
    const { float64Key } = this.entry(key);
    if (float64Key !== undefined) this.#settled.add(float64Key);
  }

  /**
   * Tensors that no case answers for: those to compare with (they have a tolerance) that nothing was compared with,
   * and others that nothing read.
   */
  unaccounted(): string[] {
    const described = this.keys.filter(
      (key) =>
        !this.#settled.has(key) &&
        (this.entry(key).tolerance !== undefined || !this.#read.has(key)),
    );
    const float64Keys = new Set([...this.#entries.values()].map(({ float64Key }) => float64Key));
    const undescribed = [...this.#file.tensors.keys()].filter(
      (key) => !this.has(key) && !float64Keys.has(key),
    );
    return [...described, ...undescribed];
  }
}

export function rowsOf(values: readonly number[], size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, row) =>
    values.slice(row * size, (row + 1) * size),
  );
}

/** What is refused while reading them is damage of the reference files. @throws GoldenError instead of InputError */
export function asGoldenError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new GoldenError(error.message);
    throw error;
  }
}
