import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const loaded = z.object({ torch: z.string(), threads: z.number() });
/** What either side says of its steps. */
export const timed = z.object({
  milliseconds: z.array(z.number()),
  check: z.number(),
  peakBytes: z.number(),
});

export interface Timing {
  readonly milliseconds: readonly number[];
  /** A number computed from the result, to see that both sides did the same work. */
  readonly check: number;
  /** Most memory that the process had in RAM meanwhile, weights mapped from files included. 0 where it cannot be told. */
  readonly peakBytes: number;
}

export interface WorkSize {
  readonly batch: number;
  /** Of the latent. */
  readonly height: number;
  readonly width: number;
  readonly steps: number;
  /** For the peer: computes the blocks once more in the backward pass instead of keeping what lies in between. */
  readonly checkpointing?: boolean;
}

/** PyTorch in a process of its own, kept between measurements so that each starts warm. */
export class Peer {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(python: string) {
    const script = resolve(import.meta.dirname, 'peer/serve.py');
    this.#process = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#process;
    if (!stdout) throw new Error('internal: the peer has no output');
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  async load(model: string, threads: number) {
    return loaded.parse(await this.#ask({ do: 'load', model, threads }));
  }

  async time(work: string, size: WorkSize): Promise<Timing> {
    return timed.parse(await this.#ask({ do: work, ...size }));
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }

  async #ask(command: object): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#answers.next();
    if (done)
      throw new Error('the peer stopped: is torch installed for this Python? (bench/README.md)');
    return JSON.parse(value);
  }
}
