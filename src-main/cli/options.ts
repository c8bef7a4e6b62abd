import { type Command, InvalidArgumentError } from 'commander';
import {
  type AnchorChoice,
  deviceNames,
  precisionNames,
  samplerNames,
} from '../../src-shared/api.ts';

/** Options that several commands share, and the parsers of option values. */

/** The value of a numeric option. The call's own parser knows its range. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected a number');
}

/** As a shell gives it for a variable that is not set, an empty text would mean something else than leaving it out. */
export function filled(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('it is empty; give a value, or leave the option out');
}

/** A picture to be written. */
export function picture(text: string): string {
  if (/[^/\\]\.png$/i.test(text)) return text;
  throw new InvalidArgumentError('expected a file name that ends in .png');
}

export function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65535) return value;
  throw new InvalidArgumentError(
    'expected a whole number from 0 to 65535; 0 takes any that is free',
  );
}

/** "512x768", width first, or "512" for a square. */
export function size(text: string): { width: number; height: number } {
  const match = /^(\d+)(?:x(\d+))?$/i.exec(text.trim());
  if (!match) throw new InvalidArgumentError('expected a size such as 512 or 512x768');
  const width = Number(match[1]);
  return { width, height: match[2] === undefined ? width : Number(match[2]) };
}

/** Words or phrases divided by commas. */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

export function anchors(text: string): AnchorChoice {
  if (text === 'none' || text === 'auto' || text === 'class-word') return { kind: text };
  return { kind: 'words', words: list(text) };
}

export function initializer(text: string) {
  if (text === 'class-word' || text === 'cross') return { kind: text } as const;
  return { kind: 'words' as const, words: list(text) };
}

export function layout(text: string) {
  return text === 'auto'
    ? { kind: 'auto' as const }
    : { kind: 'file' as const, path: filled(text) };
}

export interface CommonOptions {
  readonly json?: boolean;
}

export function addCommonOptions(command: Command): Command {
  return command.option('--json', 'one JSON object per line instead of text');
}

/** Where to compute. */
export function addDeviceOptions(command: Command): Command {
  return command
    .option('--device <name>', `where to compute: ${deviceNames.join(', ')} (default: cpu)`)
    .option(
      '--precision <name>',
      `of the UNet: ${precisionNames.join(', ')} (default: auto, which is float32, but for pictures on a device that is faster in float16)`,
    )
    .option(
      '--threads <n>',
      'threads of one operator (default: as many as the processor has)',
      number,
    );
}

/** How pictures are sampled. */
export function addSamplingOptions(command: Command): Command {
  return command
    .option('--sampler <name>', `${samplerNames.join(', ')} (default: lms)`)
    .option('--steps <n>', 'of the sampler (default: 50)', number)
    .option('--guidance <scale>', 'of classifier-free guidance (default: 7.5)', number)
    .option('--seed <n>', 'the same seed gives the same result (default: 0)', number)
    .option('--size <WxH>', "of the pictures (default: the model's own)", size);
}

/** Which model, read how. */
export function addModelOptions(command: Command): Command {
  return command
    .requiredOption('--model <path>', 'diffusers folder or single-file .safetensors checkpoint')
    .option('--model-config <path>', 'configuration of a single file: a diffusers folder or JSON')
    .option('--prediction-type <type>', 'epsilon or v_prediction, where the file does not say');
}
