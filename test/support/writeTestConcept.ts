import { writeConcept } from '../../src-main/engine/commands/conceptFile.ts';
import { RandomStream } from '../../src-main/engine/diffusion/random.ts';
import type { ConceptDescription } from '../../src-shared/concept.ts';

/** A concept for tiny-sd1 as textual inversion leaves it, with random rows. */
export function writeTestConcept(path: string, changes: Partial<ConceptDescription> = {}): void {
  const description: ConceptDescription = {
    version: 1,
    token: '<my-cat>',
    vectors: 2,
    classWord: 'cat',
    method: 'textual-inversion',
    variant: 'semantic',
    family: 'sd1',
    width: 32,
    modelName: 'tiny-sd1',
    seed: 0,
    steps: 3,
    loss: 0.5,
    anchors: [],
    ...changes,
  };
  const random = RandomStream.create(description.seed, 'test concept');
  const rows = random.normal(description.vectors * description.width);
  writeConcept(path, description, { rows, replaced: new Map(), lora: new Map() });
}
