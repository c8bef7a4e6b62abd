import type { CallOutput, CallRequest, TrainedConcept } from '../../src-shared/api.ts';
import type { ConceptVariant } from '../../src-shared/concept.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { plainPathOf } from './conceptPaths.ts';
import { checkOutput } from './outputFile.ts';
import { withVariant } from './withVariant.ts';

type Input = CallRequest<'trainConcept'>;

/** Trains a concept, and where asked first its plain twin from the same seed, photos and steps. */
export async function trainConcept(
  engine: Engine,
  input: Input,
  options: JobOptions,
): Promise<CallOutput<'trainConcept'>> {
  await checkOutput(input.out, '.safetensors');
  const variant = input.anchors?.kind === 'none' ? 'plain' : 'semantic';
  if (!input.bothWays) return { trained: await train(engine, input, variant, options) };
  if (variant === 'plain') {
    throw new InputError(
      'anchors is "none", but a comparison needs them: leave --anchors out, or --compare',
    );
  }
  const plainInput: Input = { ...input, anchors: { kind: 'none' }, out: plainPathOf(input.out) };
  const plain = await train(engine, plainInput, 'plain', tellingVariant(options, 'plain'));
  const trained = await train(engine, input, 'semantic', tellingVariant(options, 'semantic'));
  return { trained, plain };
}

function train(
  engine: Engine,
  { bothWays: _, ...input }: Input,
  variant: ConceptVariant,
  options: JobOptions,
): Promise<TrainedConcept> {
  return engine.call('trainConcept', { ...input, variant }, options);
}

function tellingVariant({ onEvent, signal }: JobOptions, variant: ConceptVariant): JobOptions {
  return { signal, onEvent: (event) => onEvent?.(withVariant(event, variant)) };
}
