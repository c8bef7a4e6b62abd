import type { CallRequest } from '../../src-shared/api.ts';
import type { Layout } from '../../src-shared/layout.ts';
import type { GenerationParameters } from '../pictureFiles/pngInfo.ts';

type Settings = Pick<
  CallRequest<'composePreview'>,
  'prompt' | 'negative' | 'steps' | 'sampler' | 'karras' | 'guidance' | 'seed'
>;

/** What made a picture. */
export interface PictureFacts extends Settings {
  readonly width: number;
  readonly height: number;
  readonly modelName: string;
  readonly conceptNames: readonly string[];
  /** The one that was used, given or proposed. */
  readonly layout?: Layout;
}

const samplerLabels: Record<Settings['sampler'], string> = {
  ddim: 'DDIM',
  lms: 'LMS',
  euler: 'Euler',
  'euler-ancestral': 'Euler a',
  dpmpp2m: 'DPM++ 2M',
  pndm: 'PLMS',
};

/** As other programs of the field write them into their pictures. */
export function pictureParameters(facts: PictureFacts): GenerationParameters {
  const { prompt, negative, steps, sampler, karras, guidance, seed, width, height } = facts;
  const { modelName, conceptNames, layout } = facts;
  return {
    prompt,
    negative,
    settings: [
      ['Steps', steps],
      ['Sampler', `${samplerLabels[sampler]}${karras ? ' Karras' : ''}`],
      ['CFG scale', guidance],
      ['Seed', seed],
      ['Size', `${width}x${height}`],
      ['Model', modelName],
      ...conceptNames.map((name) => ['Concept', name] as const),
      ...(layout ? [['Layout', JSON.stringify(layout)] as const] : []),
      ['Version', 'Tessera'],
    ],
  };
}

/** What stands below a comparison. */
export function captionOf({ settings }: GenerationParameters): string {
  const shown = ['Model', 'Sampler', 'Steps', 'CFG scale', 'Seed', 'Size'];
  return shown
    .map((name) => settings.find(([known]) => known === name))
    .map((setting) => setting?.join(' '))
    .join(' · ');
}
