import { sameShape } from '../tensor/shape.ts';
import type { StoredWeight } from './bindWeights.ts';
import type { NamedWeight } from './weightTable.ts';

/** diffusers before 0.18 named the VAE's attention so; the files of SD 1.x still do. */
const deprecatedAttention: Readonly<Record<string, string>> = {
  query: 'to_q',
  key: 'to_k',
  value: 'to_v',
  proj_attn: 'to_out.0',
};

/** Keys of vae/*.safetensors; the projections of the attention get one name and one shape, [C, C]. */
export function renameAutoencoder(key: string, weight: StoredWeight): readonly NamedWeight[] {
  const name = key.replace(
    /(\.attentions\.\d+\.)(query|key|value|proj_attn)(?=\.)/,
    (_, module: string, projection: string) => module + deprecatedAttention[projection],
  );
  const isProjection = /\.attentions\.\d+\.to_(q|k|v|out\.0)\.weight$/.test(name);
  return [[name, isProjection ? asMatrix(weight) : weight]];
}

/** A 1 x 1 convolution [out, in, 1, 1] as the matrix [out, in]: the bytes are the same. */
function asMatrix(weight: StoredWeight): StoredWeight {
  const [rows, columns] = weight.shape;
  if (!sameShape(weight.shape, [rows, columns, 1, 1])) return weight;
  return { ...weight, shape: [rows, columns] };
}

const unusedOfClip =
  /(^|\.)position_ids$|^(text_projection\.weight|logit_scale)$|^(vision_model|visual_projection)\./;

/**
 * Keys of text_encoder/*.safetensors. position_ids counts from 0 to 76; text_projection serves image retrieval only, and
 * so does the rest of CLIP, which some files hold. Some programs leave out the prefix text_model.
 */
export function renameTextEncoder(key: string, weight: StoredWeight): readonly NamedWeight[] {
  if (unusedOfClip.test(key)) return [];
  const isBare = /^(embeddings|encoder|final_layer_norm)\./.test(key);
  return [[isBare ? `text_model.${key}` : key, weight]];
}

/** Keys of a CLIPModel. position_ids only count; logit_scale serves training: cosines need none. */
export function renameClip(key: string, weight: StoredWeight): readonly NamedWeight[] {
  return /\.position_ids$|^logit_scale$/.test(key) ? [] : [[key, weight]];
}

/** For models whose files have the keys that the modules here ask for. */
export function renameNothing(key: string, weight: StoredWeight): readonly NamedWeight[] {
  return [[key, weight]];
}
