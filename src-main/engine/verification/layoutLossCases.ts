import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseBox } from '../../../src-shared/layout.ts';
import {
  createLayoutGradient,
  type LayoutEvaluation,
  type LayoutGradient,
  type LayoutLossOptions,
  officialLayoutLoss,
} from '../spatial/layoutGradient.ts';
import type { PlacedObject } from '../spatial/layoutMasks.ts';
import { officialTokenPositions } from '../spatial/tokenPositions.ts';
import type { CaseReporter } from './caseReporter.ts';
import { exactly } from './caseResult.ts';
import {
  compareIdList,
  encodePrompts,
  NetworkPool,
  placeholderRow,
  using,
  type VerificationContext,
} from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { parseGolden } from './goldenIndex.ts';

const positionsSchema = z.array(z.array(z.int().nonnegative()).min(1));

/** Objects of a prompt and their places, as an index writes them. */
export const placedPromptSchema = z.object({
  prompt: z.string(),
  identifier: z.string(),
  boxes: z.array(z.array(z.array(z.number()).length(4))),
  positions: positionsSchema,
  ids: z.array(z.int().nonnegative()).min(1),
});

export type PlacedPrompt = z.infer<typeof placedPromptSchema>;

const caseSchema = placedPromptSchema.extend({ t: z.number() });

type LayoutCase = z.infer<typeof caseSchema>;

const phraseSchema = z.object({
  prompt: z.string(),
  identifier: z.string(),
  /** The reference's error where it stops. */
  positions: z.union([positionsSchema, z.string()]),
});

/** Which heads count, by what ends the keys. */
const variants: Readonly<Record<string, LayoutLossOptions>> = {
  official: officialLayoutLoss,
  all_heads: { ...officialLayoutLoss, heads: 'all' },
};

/** ca: token positions, the layout loss and its gradient. */
export async function verifyLayoutLoss(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const { root } = context.indexes;
  const phrases = () => root?.section('pharse2idx', z.array(z.unknown())) ?? [];
  for (const [index, phrase] of cases.read({ name: 'pharse2idx' }, phrases)?.entries() ?? []) {
    const name = `pharse2idx/${index}`;
    cases.read({ name }, () =>
      comparePositions(cases, name, parseGolden(phraseSchema, phrase, name)),
    );
  }
  const file = cases.open(root, 'ca.safetensors');
  if (!file || !root) return;
  await using(new NetworkPool<LayoutGradient>(), async (pool) => {
    for (const [name, described] of root.cases('ca_cases')) {
      const keys = file.keys.filter((key) => key.startsWith(`${name}.`));
      await cases.attempt({ name: `ca/${name}`, file, keys }, async () => {
        const layoutCase = parseGolden(caseSchema, described, `${root.path}: ca_cases.${name}`);
        comparePrompt(context, cases, `ca/${name}`, layoutCase);
        for (const [variant, options] of Object.entries(variants)) {
          await verifyVariant(context, cases, file, pool, { name, variant, layoutCase, options });
        }
      });
    }
  });
}

interface LossVariant {
  readonly name: string;
  readonly variant: string;
  readonly layoutCase: LayoutCase;
  readonly options: LayoutLossOptions;
}

async function verifyVariant(
  context: VerificationContext,
  cases: CaseReporter,
  file: GoldenFile,
  pool: NetworkPool<LayoutGradient>,
  { name, variant, layoutCase, options }: LossVariant,
): Promise<void> {
  const [lossKey, gradientKey] = ['loss', 'grad'].map((what) => `${name}.${what}.${variant}`);
  const keys = [lossKey, gradientKey].filter((key) => file.has(key));
  if (keys.length === 0) return;
  await cases.attempt({ name: `ca/${name}.${variant}`, file, keys }, async () => {
    const sample = { key: `${name}.x`, file };
    const { loss, gradient } = await evaluate(context, pool, sample, layoutCase, options);
    for (const key of keys) cases.compare(file, key, key === lossKey ? [loss] : gradient);
  });
}

/** The ids of a case's prompt and the positions of its objects. */
export function comparePrompt(
  context: VerificationContext,
  cases: CaseReporter,
  name: string,
  placed: PlacedPrompt,
): void {
  compareIdList(context, cases, `${name}/ids`, placed.ids, [placed.prompt]);
  comparePositions(cases, `${name}/positions`, placed);
}

/** Positions of the identifiers' words, as the released code counts them. */
function comparePositions(
  cases: CaseReporter,
  name: string,
  { prompt, identifier, positions }: z.infer<typeof phraseSchema>,
): void {
  const found = officialPositions(prompt, identifier);
  const same =
    JSON.stringify(found) === JSON.stringify(typeof positions === 'string' ? undefined : positions);
  const detail = `"${identifier}" in "${prompt}": ${JSON.stringify(found ?? 'refused')}, expected ${JSON.stringify(positions)}`;
  cases.judge(name, same ? 0 : 1, { ...exactly, ...(!same && { detail }) });
}

/** Undefined where the released code stops. */
function officialPositions(prompt: string, identifier: string): number[][] | undefined {
  try {
    return officialTokenPositions(prompt, identifier);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

async function evaluate(
  context: VerificationContext,
  pool: NetworkPool<LayoutGradient>,
  { file, key }: { readonly file: GoldenFile; readonly key: string },
  layoutCase: LayoutCase,
  lossOptions: LayoutLossOptions,
): Promise<LayoutEvaluation> {
  const objects = placedObjects(layoutCase, file.path);
  const [, , height, width] = file.shape(key);
  const options = { ...lossOptions, height, width, objects: objects.length };
  const hiddenStates = await encodePrompts(
    context.model,
    [layoutCase.ids],
    placeholderRow(context),
  );
  const graph = await pool.get(JSON.stringify(options), () =>
    createLayoutGradient(context.model, options),
  );
  const sample = file.floats(key);
  return graph.evaluate({ sample, timestep: layoutCase.t, hiddenStates, objects });
}

/** @throws InputError where a box is none */
export function placedObjects({ boxes, positions }: PlacedPrompt, where: string): PlacedObject[] {
  if (boxes.length !== positions.length) {
    throw new InputError(
      `${where}: ${boxes.length} lists of boxes for ${positions.length} objects`,
    );
  }
  return positions.map((own, index) => ({
    positions: own,
    boxes: boxes[index].map((box) => parseBox(box, where)),
  }));
}
