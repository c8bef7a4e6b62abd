import type { TrainingSettings } from '../../src-shared/conceptRecord.ts';
import { formatNumber } from '../ui/format.ts';

type Field = keyof TrainingSettings;

const labels: readonly (readonly [Field, string])[] = [
  ['anchors', 'Anchors'],
  ['anchorWeight', 'Anchor weight'],
  ['initializer', 'Initialiser'],
  ['learningRate', 'Learning rate'],
  ['schedule', 'Schedule'],
  ['warmupSteps', 'Warm-up steps'],
  ['scheduleCycles', 'Cycles'],
  ['schedulePower', 'Power'],
  ['batch', 'Batch'],
  ['accumulate', 'Gradient accumulation'],
  ['rank', 'LoRA rank'],
  ['alpha', 'LoRA alpha'],
  ['priorImages', 'Prior images'],
  ['priorWeight', 'Prior weight'],
  ['classPreserving', 'Class-preserving weight'],
  ['maskedAttention', 'Masked attention weight'],
  ['directional', 'Directional'],
  ['official', 'As the published scripts'],
  ['size', 'Training size'],
  ['flip', 'Random flips'],
  ['seed', 'Seed'],
];

/** What a training was told, name and value; what was left to the method is left out. */
export function settingsInWords(settings: TrainingSettings): [string, string][] {
  const lora = settings.method === 'lora-dreambooth';
  return labels.flatMap(([field, label]): [string, string][] => {
    if (field === 'rank' && !lora) return [];
    const text = valueInWords(settings[field]);
    return text === undefined ? [] : [[label, text]];
  });
}

function valueInWords(value: TrainingSettings[Field]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'string') return value.replaceAll('_', ' ');
  if ('width' in value) return `${value.width} × ${value.height} px`;
  return 'words' in value ? value.words.join(', ') : value.kind.replaceAll('-', ' ');
}
