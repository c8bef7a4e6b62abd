import { InputError } from '../../../src-shared/inputError.ts';
import { readConcept } from '../concepts/conceptFile.ts';
import { type KnownRows, mapEmbeddings } from '../evaluation/embeddingMap.ts';
import { classWordTokens } from '../inversion/classWord.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import type { CommandContext } from './context.ts';
import { withModel } from './openModel.ts';

type Params = EngineParams<'mapVocabulary'>;

/** Nearest words told of each concept. */
const neighbours = 8;

/** The vocabulary's whole words on a plane, with the ways of concepts through it. */
export async function mapVocabulary(
  params: Params,
  context: CommandContext,
): Promise<EngineAnswer<'mapVocabulary'>> {
  return withModel(params, context, async ({ model }) => {
    const { tokenizer, configs } = model;
    const ids = tokenizer.wholeWords().filter((id) => id < configs.textEncoder.vocabSize);
    const paths = params.paths.map((path) => wholePath(path, configs.textEncoder.hiddenSize));
    const map = await mapEmbeddings(model, { ids, paths, neighbours });
    const wanted = new Set([
      ...params.paths.flatMap(({ classWord }) => classIds(tokenizer, classWord)),
      ...map.paths.flatMap(({ nearest }) => nearest.map(({ id }) => id)),
    ]);
    const told = chooseEvenly(ids, wanted, params.limit);
    return {
      words: told.map((index) => ({ word: tokenizer.word(ids[index]), ...map.points[index] })),
      core: map.core,
      paths: map.paths.map(({ points, nearest }) => ({
        points: [...points],
        nearest: nearest.map(({ id, cosine }) => ({ word: tokenizer.word(id), cosine })),
      })),
      explained: map.explained,
    };
  });
}

/** With the rows of the concept file at its end. @throws InputError where they have another width than the words */
function wholePath({ points, end }: Params['paths'][number], width: number): KnownRows[] {
  if (!end) return points;
  const { rows, description } = readConcept(end.file);
  if (description.width === width) return [...points, { step: end.step, rows }];
  throw new InputError(
    `${end.file} was trained on another kind of model (width ${description.width}, this one has ${width}): choose the model it was trained on`,
  );
}

function classIds(tokenizer: Tokenizer, classWord: string): number[] {
  return classWord === '' ? [] : classWordTokens(tokenizer, classWord).anchorIds;
}

/** Indices of the wanted ids and, as far as there is room, of others that lie evenly among all. */
function chooseEvenly(
  ids: readonly number[],
  wanted: ReadonlySet<number>,
  limit: number,
): number[] {
  const always = ids.flatMap((id, index) => (wanted.has(id) ? [index] : []));
  const others = ids.flatMap((id, index) => (wanted.has(id) ? [] : [index]));
  const room = Math.min(Math.max(limit - always.length, 0), others.length);
  const chosen = Array.from(
    { length: room },
    (_, place) => others[Math.floor((place * others.length) / room)],
  );
  return [...always, ...chosen].sort((a, b) => a - b);
}
