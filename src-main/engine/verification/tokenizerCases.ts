import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { loadTokenizer } from '../checkpoint/tokenizerFiles.ts';
import { expandPlaceholdersOfficial } from '../inversion/placeholderTokens.ts';
import { clipTokenizer } from '../models/clipVocabulary.ts';
import { type Tokenizer, unsupportedVariantReason } from '../models/tokenizer.ts';
import type { CaseReporter } from './caseReporter.ts';
import { exactly } from './caseResult.ts';
import type { VerificationContext } from './context.ts';
import { parseGolden, readGoldenJson } from './goldenIndex.ts';

const ids = z.array(z.int().nonnegative());

const variantSchema = z.object({
  added_ids: ids.optional(),
  pad: z.int().optional(),
  bos: z.int().optional(),
  eos: z.int().optional(),
  ids: z.array(ids),
  padded: z.array(ids).optional(),
});

type Variant = z.infer<typeof variantSchema>;

const indexSchema = z.object({
  prompts: z.array(z.string()),
  added_tokens: z.array(z.string()),
  tokenizers: z.record(z.string(), z.unknown()),
  expanded: z.array(z.string()).optional(),
});

type TokenizerIndex = z.infer<typeof indexSchema>;

/** tokenizer: ids of all prompts under every stored vocabulary, special and added tokens, expansion of placeholders. */
export async function verifyTokenizer(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const path = join(context.sharedFolder, 'tokenizer.json');
  if (!existsSync(path)) return cases.unsupported('tokenizer', `${path} is not there`);
  const read = () => parseGolden(indexSchema, readGoldenJson(path), path);
  const index = cases.read({ name: 'tokenizer' }, read);
  if (!index) return;
  let expansionIsCompared = false;
  for (const [key, described] of Object.entries(index.tokenizers)) {
    const slash = key.lastIndexOf('/');
    const name = `tokenizer/${key}`;
    const reason = unsupportedVariantReason(key.slice(slash + 1));
    if (reason !== undefined) {
      cases.unsupported(name, reason);
      continue;
    }
    await cases.attempt({ name }, async () => {
      const variant = parseGolden(variantSchema, described, `${path}: ${key}`);
      const tokenizer = tokenizerOf(context, key.slice(0, slash));
      if (!tokenizer)
        return cases.unsupported(name, `no vocabulary ${key.slice(0, slash)} is there`);
      for (const token of index.added_tokens) tokenizer.addToken(token);
      compareIds(cases, name, tokenizer, index, variant);
      if (!expansionIsCompared) compareExpansion(cases, tokenizer, index);
      expansionIsCompared = true;
    });
  }
}

/** A model folder beside the golden folder, or CLIP's own vocabulary. */
function tokenizerOf({ sharedFolder }: VerificationContext, name: string): Tokenizer | undefined {
  const folder = join(sharedFolder, name, 'tokenizer');
  if (existsSync(folder)) return loadTokenizer(folder);
  return name === 'clip-vit-l-14' ? clipTokenizer('<|endoftext|>') : undefined;
}

function compareIds(
  cases: CaseReporter,
  name: string,
  tokenizer: Tokenizer,
  { prompts, added_tokens }: TokenizerIndex,
  { ids, padded, added_ids, bos, eos, pad }: Variant,
): void {
  compareLists(cases, `${name}/ids`, prompts, (prompt) => tokenizer.encode(prompt).ids, ids);
  if (padded) {
    const encode = (prompt: string) => tokenizer.encodePadded(prompt).ids;
    compareLists(cases, `${name}/padded`, prompts, encode, padded);
  }
  const own = [...added_tokens.map((token) => tokenizer.addedTokens.get(token))];
  const special = [
    [tokenizer.bosId, bos],
    [tokenizer.eosId, eos],
    [tokenizer.padId, pad],
    ...own.map((id, index) => [id, added_ids?.[index]]),
  ].filter(([, expected]) => expected !== undefined);
  const wrong = special.filter(([found, expected]) => found !== expected).length;
  cases.judge(`${name}/special and added tokens`, wrong, exactly);
}

function compareExpansion(
  cases: CaseReporter,
  tokenizer: Tokenizer,
  { prompts, expanded }: TokenizerIndex,
): void {
  if (!expanded) return;
  const expand = (prompt: string) => expandPlaceholdersOfficial(prompt, tokenizer);
  compareLists(cases, 'tokenizer/expanded', prompts, expand, expanded);
}

/** How many prompts come out otherwise than expected. */
function compareLists(
  cases: CaseReporter,
  name: string,
  prompts: readonly string[],
  make: (prompt: string) => unknown,
  expected: readonly unknown[],
): void {
  const wrong = prompts.filter(
    (prompt, index) => JSON.stringify(make(prompt)) !== JSON.stringify(expected[index]),
  );
  const detail = wrong.length > 0 ? `prompt ${JSON.stringify(wrong[0])}` : undefined;
  cases.judge(name, wrong.length, { ...exactly, detail });
}
