/** Custom Diffusion as diffusers 0.17 and later write it: pytorch_custom_diffusion_weights, by attention processors. */
import { InputError } from '../../../src-shared/inputError.ts';
import { quote } from '../files/storedValues.ts';
import type { TensorFile } from '../files/tensorFile.ts';
import { elementCount, formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import { float32Data, type TensorData } from '../tensor/tensorData.ts';
import { type ModelWeights, otherModel, readFinite } from './modelWeights.ts';

/** An attention without weights of its own, as Tessera's export names it for diffusers. */
function isUntrained(key: string, { shape }: { readonly shape: Shape }): boolean {
  return key.endsWith('.processor') && elementCount(shape) === 0;
}

const processorKey =
  /^(?:unet\.)?(.+)\.processor\.(to_[qkv]|to_out)_custom_diffusion(\.\d+)?\.(weight|bias)$/;

/**
 * The weights that take the place of the UNet's, by their keys there.
 *
 * @throws InputError where the file holds something else, or is for another model
 */
export function readForeignCustomDiffusion(
  file: TensorFile,
  model: ModelWeights,
): Map<string, TensorData> {
  const weights = [...file.tensors].filter(([key, tensor]) => !isUntrained(key, tensor));
  return new Map(
    weights.map(([key, { shape }]) => {
      const [, layer, name, index = '', kind] = processorKey.exec(key) ?? [];
      if (layer === undefined) {
        throw new InputError(
          `${file.path}: ${quote(key)} is no weight of Custom Diffusion: expected processors of attention alone`,
        );
      }
      const own = `${layer}.${name}${index}.${kind}`;
      const expected = model.unet.get(own);
      if (!expected || !sameShape(expected, shape)) {
        const place = expected ? `a weight ${formatShape(expected)}` : 'one that is not there';
        throw otherModel(file, model, `${quote(key)} ${formatShape(shape)} stands for ${place}`);
      }
      return [own, float32Data(shape, readFinite(file, key))];
    }),
  );
}
