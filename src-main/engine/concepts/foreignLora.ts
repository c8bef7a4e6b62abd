/**
 * LoRAs as other programs write them: diffusers (0.17 with the names of attention processors, 0.22 and later with
 * `unet.<module>.lora.down`, PEFT's `lora_A` and `lora_B`) and kohya's sd-scripts 0.9 with what follows its names.
 */
import { InputError } from '../../../src-shared/inputError.ts';
import { quote } from '../files/storedValues.ts';
import type { TensorFile } from '../files/tensorFile.ts';
import type { StoredFactors } from '../inversion/trainedParts.ts';
import { elementCount, formatShape, type Shape } from '../tensor/shape.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';
import {
  type AdaptedLayer,
  type AdapterSettings,
  adapterScale,
  readAdapterSettings,
} from './adapterSettings.ts';
import { type ModelWeights, otherModel, readFinite } from './modelWeights.ts';

export interface ForeignLora {
  readonly unet: StoredFactors;
  readonly textEncoder: StoredFactors;
  /** The largest of its layers. */
  readonly rank: number;
  /** What the file does not say, for the user to see. */
  readonly assumption: string | undefined;
}

const networks = ['unet', 'textEncoder'] as const;
type Network = (typeof networks)[number];
type Role = 'down' | 'up' | 'alpha';

/** Where a tensor belongs. */
interface Place {
  /** Undefined where the names of layers alone tell: in adapters of PEFT and of a network by itself. */
  readonly network: Network | undefined;
  /** Of the layer, with underscores for dots. */
  readonly name: string;
  readonly role: Role;
}

/**
 * Reads a LoRA for a model. The scale of each layer, alpha over rank, is multiplied into `up`.
 *
 * @throws InputError where it is one of another kind, is for another model, or lacks a part
 */
export function readForeignLora(file: TensorFile, model: ModelWeights): ForeignLora {
  const layers = new Map<string, Partial<Record<Role, string>> & Pick<Place, 'network' | 'name'>>();
  for (const key of file.tensors.keys()) {
    const { network, name, role } = placeOf(file, key);
    const id = `${network} ${name}`;
    const twin = layers.get(id)?.[role];
    if (twin !== undefined) {
      throw new InputError(`${file.path}: ${quote(twin)} and ${quote(key)} stand for the same`);
    }
    layers.set(id, { ...layers.get(id), network, name, [role]: key });
  }
  const source = { file, model, settings: readAdapterSettings(file) };
  const known = { unet: byName(model.unet), textEncoder: byName(model.textEncoder) };
  const lora = { unet: new Map(), textEncoder: new Map() };
  let rank = 1;
  for (const { network, name, down, up, alpha } of layers.values()) {
    const key = down ?? up ?? alpha ?? name;
    const layer = (network ? [network] : networks).flatMap((one) => {
      const found = known[one].get(name) ?? known[one].get(`text_model_${name}`);
      return found ? [{ ...found, network: one }] : [];
    })[0];
    if (!layer) throw otherModel(file, model, `${quote(key)} changes a layer that is not there`);
    if (down === undefined || up === undefined) {
      throw new InputError(`${file.path}: the layer of ${quote(key)} lacks its other half`);
    }
    const factors = readFactors(source, layer, { down, up, alpha });
    lora[layer.network].set(layer.key, factors);
    rank = Math.max(rank, factors.down.shape[0]);
  }
  return { ...lora, rank, assumption: assumptionOf(source) };
}

const factorEnd =
  /(?:\.lora_(?<half>down|up|A|B)(?:\.default(?:_0)?)?|(?:\.lora|_lora|\.lora_linear_layer)\.(?<old>down|up))\.weight$/;
const roles = { down: 'down', up: 'up', A: 'down', B: 'up' } as const;

function placeOf(file: TensorFile, key: string): Place {
  const alpha = /\.alpha$/.exec(key);
  const factor = factorEnd.exec(key);
  const end = alpha ?? factor;
  if (!end) {
    throw new InputError(
      `${file.path}: ${quote(key)} is no part of a LoRA that Tessera can use: expected the halves of layers, such as lora_down and lora_up, and their alpha`,
    );
  }
  const half = (factor?.groups?.half ?? factor?.groups?.old) as keyof typeof roles | undefined;
  return { ...layerOf(key.slice(0, end.index)), role: half ? roles[half] : 'alpha' };
}

/** The network of a module, and the layer's name in it; attention processors are named as what they process. */
function layerOf(module: string): Pick<Place, 'network' | 'name'> {
  const [, begin = '', rest] =
    /^(?:base_model\.model\.)?(lora_te_|text_encoder\.|lora_unet_|unet\.)?(.*)$/s.exec(module)!;
  const ofPrefix = /te/.test(begin) ? 'textEncoder' : 'unet';
  const network = begin === '' ? undefined : ofPrefix;
  const name = rest
    .replace('.processor.', '.')
    .replaceAll('.', '_')
    .replace(/_to_out$/, '_to_out_0');
  if (network !== 'textEncoder') return { network, name };
  const projection = name.replace(/_to_([qkv])$/, '_$1_proj').replace(/_to_out_0$/, '_out_proj');
  return { network, name: projection };
}

interface Layer {
  /** Without `.weight`. */
  readonly key: string;
  readonly shape: Shape;
}

/** Linear layers and convolutions by their names with underscores, from which kohya's cannot be told back. */
function byName(weights: ReadonlyMap<string, Shape>): Map<string, Layer> {
  const changed = [...weights].filter(
    ([key, { length }]) => /(?<!embedding)\.weight$/.test(key) && (length === 2 || length === 4),
  );
  return new Map(
    changed.map(([weight, shape]) => {
      const key = weight.slice(0, -'.weight'.length);
      return [key.replaceAll('.', '_'), { key, shape }];
    }),
  );
}

/** What is read, and for what. */
interface Source {
  readonly file: TensorFile;
  readonly model: ModelWeights;
  readonly settings: AdapterSettings | undefined;
}

/** PEFT's own files have their scale in another one, which may not have come along. */
function assumptionOf({ file: { path, tensors }, settings }: Source): string | undefined {
  const isPeft = [...tensors.keys()].some((key) => key.startsWith('base_model.model.'));
  if (!isPeft || settings !== undefined) return undefined;
  return `${path} is an adapter of PEFT, and its adapter_config.json does not lie beside it: alpha is taken to be the rank`;
}

interface FactorKeys {
  readonly down: string;
  readonly up: string;
  readonly alpha: string | undefined;
}

/** Factors in the shapes of the layer's kind: [rank, in, ...kernel] and [out, rank, ...]. */
function readFactors(
  source: Source,
  { network, key, shape: [out, ...inside] }: Layer & { readonly network: Network },
  keys: FactorKeys,
): { readonly down: TensorData; readonly up: TensorData } {
  const { file, model } = source;
  const [down, up] = [keys.down, keys.up].map((key) => file.tensors.get(key)!.shape);
  const rank = down[0] ?? 0;
  const fits =
    elementCount(down) === rank * elementCount(inside) &&
    down[1] === inside[0] &&
    elementCount(up) === out * rank &&
    up[0] === out;
  if (!fits || rank === 0) {
    const shapes = `${formatShape(down)} and ${formatShape(up)}`;
    const layer = formatShape([out, ...inside]);
    throw otherModel(file, model, `${quote(keys.down)} has factors ${shapes} for a layer ${layer}`);
  }
  const scale = scaleOf(source, { network, key, rank }, keys);
  const kernel = inside.slice(1);
  return {
    down: float32Data([rank, ...inside], readFinite(file, keys.down)),
    up: float32Data(
      [out, rank, ...kernel.map(() => 1)],
      readFinite(file, keys.up).map((value) => value * scale),
    ),
  };
}

/** alpha over rank: 1 where there is no alpha, or one of 0, as sd-scripts has it. */
function scaleOf(
  { file, settings }: Source,
  layer: AdaptedLayer,
  { alpha: key }: FactorKeys,
): number {
  if (key === undefined) return (settings && adapterScale(settings, layer)) ?? 1;
  const [alpha] = readFinite(file, key);
  return alpha ? alpha / layer.rank : 1;
}
