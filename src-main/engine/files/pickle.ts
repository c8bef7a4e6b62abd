/**
 * Reads pickles (protocols 2 to 5; opcodes as CPython 3.13's Lib/pickletools.py describes them) without ever calling
 * what they name. A pickle is a program that builds a value; of its instructions only those are known that make plain
 * values, and of the functions that it may call only those that the reader gives, which stand in for them.
 */
import { InputError } from '../../../src-shared/inputError.ts';
import { quote } from './storedValues.ts';

/** Instructions of one pickle: enough for a quarter of a million tensors. */
const stepLimit = 8_000_000;
/** Of the names of modules and functions. */
const nameLimit = 1000;

/** What stands in for a function or class of Python: makes a value of its arguments. */
export type Substitute = (args: readonly unknown[]) => unknown;

/** A function or class that a pickle names. */
export class PickleGlobal {
  readonly name: string;
  readonly substitute: Substitute;

  constructor(name: string, substitute: Substitute) {
    this.name = name;
    this.substitute = substitute;
  }
}

export interface PickleReader {
  /** For messages. */
  readonly path: string;
  /** By module and name, "collections.OrderedDict"; all others are refused. */
  readonly globals: ReadonlyMap<string, Substitute>;
  /** What stands for something that lies outside the pickle. */
  readonly persistent: (id: unknown) => unknown;
}

/**
 * The value of a pickle: lists and tuples as arrays, dicts and objects as maps.
 *
 * @param start where it begins; more may follow its end
 * @throws InputError where it is damaged, or names what is not allowed
 */
export function readPickle(
  bytes: Buffer,
  reader: PickleReader,
  start = 0,
): { readonly value: unknown; readonly end: number } {
  const machine = new Machine(bytes, reader, start);
  for (let step = 0; step < stepLimit; step++) {
    const code = machine.byte();
    if (code === stop) return { value: machine.pop(), end: machine.at };
    const instruction = instructions.get(code);
    if (!instruction) {
      throw machine.refusal(`has the instruction 0x${code.toString(16)}, which Tessera never runs`);
    }
    instruction(machine);
  }
  throw machine.refusal(`has more than ${stepLimit} instructions`);
}

/** The stack and the memo of a pickle under way. */
class Machine {
  at: number;
  readonly memo = new Map<number, unknown>();
  readonly #bytes: Buffer;
  readonly #reader: PickleReader;
  readonly #stack: unknown[] = [];
  /** Heights of the stack. */
  readonly #marks: number[] = [];

  constructor(bytes: Buffer, reader: PickleReader, start: number) {
    this.#bytes = bytes;
    this.#reader = reader;
    this.at = start;
  }

  refusal(what: string): InputError {
    return new InputError(`${this.#reader.path}: the pickle ${what}: nothing of it was run`);
  }

  damage(what: string): InputError {
    return new InputError(`${this.#reader.path}: the pickle ${what}: the file is damaged`);
  }

  take(count: number): Buffer {
    const end = this.at + count;
    if (end > this.#bytes.length) throw this.damage(`ends before byte ${end}`);
    const taken = this.#bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  byte(): number {
    return this.take(1)[0];
  }

  uint32(): number {
    return this.take(4).readUInt32LE(0);
  }

  uint64(): number {
    const value = this.take(8).readBigUInt64LE(0);
    return value > BigInt(this.#bytes.length) ? Number.POSITIVE_INFINITY : Number(value);
  }

  line(): string {
    const end = this.#bytes.subarray(this.at, this.at + nameLimit).indexOf(0x0a);
    if (end < 0) throw this.damage(`has a name of more than ${nameLimit} bytes`);
    return this.take(end + 1).toString('utf8', 0, end);
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  get #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  pop(): unknown {
    if (this.#stack.length <= this.#floor) throw this.damage('takes from an empty stack');
    return this.#stack.pop();
  }

  top(): unknown {
    if (this.#stack.length <= this.#floor) throw this.damage('looks at an empty stack');
    return this.#stack.at(-1);
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** All above the last mark. */
  popMarked(): unknown[] {
    const height = this.#marks.pop();
    if (height === undefined) throw this.damage('goes back to a mark that it has not set');
    return this.#stack.splice(height);
  }

  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw this.damage(`recalls value ${index}, which it has not kept`);
    this.push(this.memo.get(index));
  }

  keep(index: number): void {
    this.memo.set(index, this.top());
  }

  /** A function or class, which is looked up in the list of those allowed. */
  findGlobal([module, name]: readonly unknown[]): void {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.damage('names a function by what is no text');
    }
    const full = `${module}.${name}`;
    const substitute = this.#reader.globals.get(full);
    if (!substitute) {
      throw this.refusal(`asks for ${quote(full)}, which a file of tensors has no use for`);
    }
    this.push(new PickleGlobal(full, substitute));
  }

  call(): void {
    const [callee, args] = this.popMany(2);
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
      throw this.damage('calls what is no function');
    }
    this.push(callee.substitute(args));
  }

  loadPersistent(): void {
    this.push(this.#reader.persistent(this.pop()));
  }

  append(values: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.damage('appends to what is no list');
    for (const value of values) list.push(value);
  }

  add(values: readonly unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw this.damage('adds to what is no set');
    for (const value of values) set.add(value);
  }

  /** @param items key, value, key, value, ... */
  setItems(items: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw this.damage('sets items of what is no dict');
    fill(dict, this.#requirePairs(items));
  }

  pushDict(items: readonly unknown[]): void {
    this.push(fill(new Map(), this.#requirePairs(items)));
  }

  #requirePairs(items: readonly unknown[]): readonly unknown[] {
    if (items.length % 2 !== 0) throw this.damage('has a key without a value');
    return items;
  }

  /** The state of an object; of a ParameterDict its parameters are kept, of others nothing. */
  build(): void {
    const state = this.pop();
    const object = this.top();
    if (!(object instanceof Map)) throw this.damage('gives a state to what has none');
    const parameters = state instanceof Map ? state.get('_parameters') : undefined;
    if (parameters instanceof Map) for (const [key, value] of parameters) object.set(key, value);
  }
}

function fill(dict: Map<unknown, unknown>, items: readonly unknown[]): Map<unknown, unknown> {
  for (let index = 0; index < items.length; index += 2) dict.set(items[index], items[index + 1]);
  return dict;
}

type Instruction = (machine: Machine) => void;

const stop = 0x2e;
const text = (length: (machine: Machine) => number): Instruction => {
  return (machine) => machine.push(machine.take(length(machine)).toString('utf8'));
};
const bytes = (length: (machine: Machine) => number): Instruction => {
  return (machine) => machine.push(machine.take(length(machine)));
};
const tuple = (length: number): Instruction => {
  return (machine) => machine.push(machine.popMany(length));
};
const constant = (value: () => unknown): Instruction => {
  return (machine) => machine.push(value());
};
const one: (machine: Machine) => number = (machine) => machine.byte();
const four: (machine: Machine) => number = (machine) => machine.uint32();
const eight: (machine: Machine) => number = (machine) => machine.uint64();

/** By their code, which is a letter where it is an old one. */
const instructions: ReadonlyMap<number, Instruction> = new Map<number, Instruction>([
  // PROTO, FRAME: neither changes what follows
  [0x80, (machine) => machine.take(1)],
  [0x95, (machine) => machine.take(8)],
  // MARK, POP, POP_MARK, DUP
  [letter('('), (machine) => machine.mark()],
  [letter('0'), (machine) => machine.pop()],
  [letter('1'), (machine) => machine.popMarked()],
  [letter('2'), (machine) => machine.push(machine.top())],
  // NONE, NEWTRUE, NEWFALSE
  [letter('N'), constant(() => null)],
  [0x88, constant(() => true)],
  [0x89, constant(() => false)],
  // BININT, BININT1, BININT2, LONG1, BINFLOAT
  [letter('J'), (machine) => machine.push(machine.take(4).readInt32LE(0))],
  [letter('K'), (machine) => machine.push(machine.byte())],
  [letter('M'), (machine) => machine.push(machine.take(2).readUInt16LE(0))],
  [0x8a, (machine) => machine.push(wholeNumber(machine.take(machine.byte())))],
  [letter('G'), (machine) => machine.push(machine.take(8).readDoubleBE(0))],
  // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8, SHORT_BINSTRING, BINSTRING
  [letter('X'), text(four)],
  [0x8c, text(one)],
  [0x8d, text(eight)],
  [letter('U'), text(one)],
  [letter('T'), text(four)],
  // BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8
  [letter('B'), bytes(four)],
  [letter('C'), bytes(one)],
  [0x8e, bytes(eight)],
  [0x96, bytes(eight)],
  // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
  [letter(')'), tuple(0)],
  [0x85, tuple(1)],
  [0x86, tuple(2)],
  [0x87, tuple(3)],
  [letter('t'), (machine) => machine.push(machine.popMarked())],
  // EMPTY_LIST, LIST, APPEND, APPENDS
  [letter(']'), tuple(0)],
  [letter('l'), (machine) => machine.push(machine.popMarked())],
  [letter('a'), (machine) => machine.append([machine.pop()])],
  [letter('e'), (machine) => machine.append(machine.popMarked())],
  // EMPTY_SET, ADDITEMS, FROZENSET
  [0x8f, constant(() => new Set())],
  [0x90, (machine) => machine.add(machine.popMarked())],
  [0x91, (machine) => machine.push(new Set(machine.popMarked()))],
  // EMPTY_DICT, DICT, SETITEM, SETITEMS
  [letter('}'), constant(() => new Map())],
  [letter('d'), (machine) => machine.pushDict(machine.popMarked())],
  [letter('s'), (machine) => machine.setItems(machine.popMany(2))],
  [letter('u'), (machine) => machine.setItems(machine.popMarked())],
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  [letter('q'), (machine) => machine.keep(machine.byte())],
  [letter('r'), (machine) => machine.keep(machine.uint32())],
  [0x94, (machine) => machine.keep(machine.memo.size)],
  [letter('h'), (machine) => machine.recall(machine.byte())],
  [letter('j'), (machine) => machine.recall(machine.uint32())],
  // GLOBAL, STACK_GLOBAL, REDUCE, NEWOBJ, BUILD, BINPERSID
  [letter('c'), (machine) => machine.findGlobal([machine.line(), machine.line()])],
  [0x93, (machine) => machine.findGlobal(machine.popMany(2))],
  [letter('R'), (machine) => machine.call()],
  [0x81, (machine) => machine.call()],
  [letter('b'), (machine) => machine.build()],
  [letter('Q'), (machine) => machine.loadPersistent()],
]);

function letter(text: string): number {
  return text.charCodeAt(0);
}

/** Two's complement, little-endian; of any length up to 255 bytes. */
function wholeNumber(digits: Buffer): number | bigint {
  if (digits.length === 0) return 0;
  const unsigned = BigInt(`0x${Buffer.from(digits).reverse().toString('hex')}`);
  const value = BigInt.asIntN(8 * digits.length, unsigned);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
