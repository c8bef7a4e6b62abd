import { writeConcept } from '../concepts/conceptFile.ts';
import { describeForeign, readForeignConcept } from '../concepts/foreignConcept.ts';
import { classWordTokens } from '../inversion/classWord.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type CommandContext, note } from './context.ts';
import { withModel } from './openModel.ts';

/** What another program's concept file is; nothing where the file is anything else. */
export async function describeForeignFile({
  path,
  name,
}: EngineParams<'describeForeign'>): Promise<EngineAnswer<'describeForeign'>> {
  return { foreign: describeForeign(path, name) };
}

/**
 * Makes a concept file of what another program trained.
 *
 * @throws InputError where the file holds no concept, or the model cannot have it
 */
export async function importForeign(
  params: EngineParams<'importForeign'>,
  context: CommandContext,
): Promise<EngineAnswer<'importForeign'>> {
  return withModel(params, context, async (open) => {
    const { note: explanation } = classWordTokens(open.model.tokenizer, params.classWord);
    if (explanation) note(context, explanation);
    const { description, parts, assumption } = await readForeignConcept(open, params);
    if (assumption) note(context, assumption);
    writeConcept(params.out, description, parts);
    return description;
  });
}
