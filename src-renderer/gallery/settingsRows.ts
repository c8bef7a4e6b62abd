import type { KeptComposition } from '../../src-shared/composition.ts';
import { guidedStepsOf } from '../../src-shared/guidedSteps.ts';
import { formatDuration, formatNumber } from '../ui/format.ts';

export interface SettingsRow {
  readonly label: string;
  readonly value: string;
}

const samplers: Readonly<Record<KeptComposition['settings']['sampler'], string>> = {
  ddim: 'DDIM',
  lms: 'LMS',
  euler: 'Euler',
  'euler-ancestral': 'Euler ancestral',
  dpmpp2m: 'DPM++ 2M',
  pndm: 'PNDM',
};

/** All that made a picture, by the field's own names, apart from its prompt. */
export function settingsRows(composition: KeptComposition): SettingsRow[] {
  const { settings, modelName, width, height, seconds } = composition;
  const { sampler, karras, steps, guidance, seed } = settings;
  return [
    ...(settings.negative ? [{ label: 'Negative prompt', value: settings.negative }] : []),
    { label: 'Model', value: modelName },
    { label: 'Size', value: `${width} x ${height} pixels` },
    { label: 'Seed', value: String(seed) },
    { label: 'Sampler', value: `${samplers[sampler]}${karras ? ', Karras' : ''}` },
    { label: 'Steps', value: String(steps) },
    { label: 'Guidance', value: formatNumber(guidance) },
    ...conceptRows(settings),
    ...layoutRows(composition),
    { label: 'Took', value: seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds) },
  ];
}

function conceptRows({ concepts }: KeptComposition['settings']): SettingsRow[] {
  return concepts.map(({ token, strength }) => ({
    label: token,
    value: strength === 1 ? 'full strength' : `strength ${formatNumber(strength, 2)}`,
  }));
}

function layoutRows({ settings, layout }: KeptComposition): SettingsRow[] {
  if (!layout) return [{ label: 'Layout', value: 'none' }];
  const objects = layout.objects.map(({ phrase, boxes }) =>
    boxes.length === 1 ? phrase : `${phrase} (${boxes.length} boxes)`,
  );
  const place = { label: 'Layout', value: objects.join(', ') };
  if (!settings.spatial) return [place, { label: 'Spatial inversion', value: 'off' }];
  const { layoutLoss, layoutUpdates, layoutThreshold, official } = settings;
  const updates = `at most ${layoutUpdates} ${layoutUpdates === 1 ? 'update' : 'updates'}`;
  return [
    place,
    {
      label: 'Spatial inversion',
      value: `${layoutLoss} loss, first ${guidedStepsOf(settings)} steps, ${updates} above ${formatNumber(layoutThreshold)}`,
    },
    ...(official ? [{ label: 'Variant', value: 'as in the released code' }] : []),
  ];
}
