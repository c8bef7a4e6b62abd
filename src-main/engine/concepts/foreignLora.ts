/**
 * LoRAs as other programs write them: diffusers (0.17 with the names of attention processors, 0.22 and later with
 * `unet.<module>.lora.down`, PEFT's `lora_A` and `lora_B`) and kohya's sd-scripts 0.9 with what follows its names.
 */
import { InputError } from '../../../src-shared/inputError.ts';
import { quote } from '../checkpoint/safetensors.ts';
import type { TensorFile } from '../checkpoint/tensorFile.ts';
import type { StoredFactors } from '../inversion/trainedParts.ts';
import { elementCount, formatShape, type Shape } from '../tensor/shape.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';
import { type ModelWeights, otherModel, readFinite } from './modelWeights.ts';

export interface ForeignLora {
  readonly unet: StoredFactors;
  readonly textEncoder: StoredFactors;
  /** The largest of its layers. */
  readonly rank: number;
}

type Network = 'unet' | 'textEncoder';
type Role = 'down' | 'up' | 'alpha';

/** Where a tensor belongs. */
interface Place {
  readonly network: Network;
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
  const known = { unet: byName(model.unet), textEncoder: byName(model.textEncoder) };
  const lora = { unet: new Map(), textEncoder: new Map() };
  let rank = 1;
  for (const { network, name, down, up, alpha } of layers.values()) {
    const key = down ?? up ?? alpha ?? name;
    const layer = known[network].get(name) ?? known[network].get(`text_model_${name}`);
    if (!layer) throw otherModel(file, model, `${quote(key)} changes a layer that is not there`);
    if (down === undefined || up === undefined) {
      throw new InputError(`${file.path}: the layer of ${quote(key)} lacks its other half`);
    }
    const factors = readFactors(file, model, layer.shape, { down, up, alpha });
    lora[network].set(layer.key, factors);
    rank = Math.max(rank, factors.down.shape[0]);
  }
  return { ...lora, rank };
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
  const network = /te/.test(begin) ? 'textEncoder' : 'unet';
  const name = rest
    .replace('.processor.', '.')
    .replaceAll('.', '_')
    .replace(/_to_out$/, '_to_out_0');
  if (network === 'unet') return { network, name };
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

interface FactorKeys {
  readonly down: string;
  readonly up: string;
  readonly alpha: string | undefined;
}

/** Factors in the shapes of the layer's kind: [rank, in, ...kernel] and [out, rank, ...]. */
function readFactors(
  file: TensorFile,
  model: ModelWeights,
  [out, ...inside]: Shape,
  keys: FactorKeys,
): { readonly down: TensorData; readonly up: TensorData } {
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
  const scale = scaleOf(file, keys, rank);
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
function scaleOf(file: TensorFile, { alpha: key, down }: FactorKeys, rank: number): number {
  const alpha = key === undefined ? adapterAlpha(file, down) : readFinite(file, key)[0];
  return alpha ? alpha / rank : 1;
}

/**
 * What PEFT's settings, which diffusers 0.34 and later write beside the factors, say of all layers of a network.
 *
 * @throws InputError where they ask for what cannot be had by one alpha
 */
function adapterAlpha(file: TensorFile, key: string): number | undefined {
  const network = key.startsWith('text_encoder.') ? 'text_encoder' : 'unet';
  const settings = adapterSettings(file);
  const of = (name: string) => settings.get(`${network}.${name}`);
  const isOwn = Object.keys(Object(of('alpha_pattern'))).length > 0;
  const other = isOwn ? 'alpha_pattern' : ['use_rslora', 'use_dora'].find((name) => of(name));
  if (other !== undefined) {
    throw new InputError(
      `${file.path}: its lora_adapter_metadata sets ${other}, which Tessera cannot use: expected one lora_alpha`,
    );
  }
  return Number(of('lora_alpha')) || undefined;
}

function adapterSettings({ metadata }: TensorFile): Map<string, unknown> {
  try {
    const settings: unknown = JSON.parse(metadata.get('lora_adapter_metadata') ?? '{}');
    return new Map(Object.entries(Object(settings)));
  } catch {
    return new Map();
  }
}
