import type { CallOutput, CallRequest, TrainedConcept } from '../../src-shared/api.ts';
import type { ConceptVariant } from '../../src-shared/concept.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobEvent, JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { plainPathOf } from './conceptPaths.ts';
import { checkOutput } from './outputFile.ts';

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
  const plain = await train(engine, plainInput, 'plain', named(options, 'plain'));
  const trained = await train(engine, input, 'semantic', named(options, 'semantic'));
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

/** Tells which of two trainings an event is about. */
function named({ onEvent, signal }: JobOptions, name: ConceptVariant): JobOptions {
  const rename = (event: JobEvent): JobEvent =>
    event.type === 'progress' ? { ...event, phase: `${event.phase} (${name})` } : event;
  return { signal, onEvent: (event) => onEvent?.(rename(event)) };
}
