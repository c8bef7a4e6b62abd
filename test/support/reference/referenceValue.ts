/** A value of the reference interpreter: float64 whatever the graph's type; whole numbers and 0/1 for int64 and bool. */
export interface ReferenceValue {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function countOf(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** Fills a value by asking for each element by its index along every axis. */
export function generate(
  shape: readonly number[],
  element: (index: readonly number[]) => number,
): ReferenceValue {
  const data = new Float64Array(countOf(shape));
  const index = shape.map(() => 0);
  for (let position = 0; position < data.length; position++) {
    data[position] = element(index);
    advance(index, shape);
  }
  return { shape, data };
}

/** Visits every index of a shape, the last axis fastest. */
export function forEachIndex(
  shape: readonly number[],
  visit: (index: readonly number[]) => void,
): void {
  const index = shape.map(() => 0);
  for (let remaining = countOf(shape); remaining > 0; remaining--) {
    visit(index);
    advance(index, shape);
  }
}

function advance(index: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis]++;
    if (index[axis] < shape[axis]) return;
    index[axis] = 0;
  }
}

/** Where an element lies. The last axes are aligned and an axis of size 1 repeats, so this also broadcasts. */
export function positionOf(shape: readonly number[], index: readonly number[]): number {
  const skipped = index.length - shape.length;
  let position = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    const place = shape[axis] === 1 ? 0 : index[axis + skipped];
    if (!(place >= 0 && place < shape[axis])) {
      throw new Error(`reference: index [${index}] is outside [${shape}]`);
    }
    position = position * shape[axis] + place;
  }
  return position;
}

export function at(value: ReferenceValue, index: readonly number[]): number {
  return value.data[positionOf(value.shape, index)];
}

export function total(count: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += term(i);
  return sum;
}

/** The shape that two shapes broadcast to. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const padded = [a, b].map((shape) => [...Array<number>(rank - shape.length).fill(1), ...shape]);
  return padded[0].map((size, axis) => (size === 1 ? padded[1][axis] : size));
}
