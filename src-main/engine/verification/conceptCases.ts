import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import { applyConcepts, type PersonalModel } from '../concepts/applyConcepts.ts';
import { type Concept, readConcept, writeConcept } from '../concepts/conceptFile.ts';
import { atStrength } from '../concepts/conceptStrength.ts';
import { type ForeignConcept, readForeignConcept } from '../concepts/foreignConcept.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { createTextEncoder, float32 } from '../diffusion/networks.ts';
import { embedTokens } from '../models/clipText.ts';
import { createGraph } from '../tensor/graph.ts';
import { constant } from '../tensor/ops/constant.ts';
import { float32Data, int64Data } from '../tensor/tensorData.ts';
import { type CaseReporter, defaultTolerance } from './caseReporter.ts';
import { exactly } from './caseResult.ts';
import { encodePrompts, using, type VerificationContext } from './context.ts';
import { GoldenFile } from './goldenFile.ts';
import { parseGolden, readGoldenJson } from './goldenIndex.ts';
import { predictAt } from './unetCases.ts';

const fileSchema = z.looseObject({ expected: z.string(), token: z.string().nullish() });
const promptSchema = z.object({
  user: z.string(),
  expanded: z.string(),
  token_ids: z.array(z.int()),
  file: z.string(),
});
const indexSchema = z.looseObject({
  model: z.string().optional(),
  token: z.string().optional(),
  files: z.record(z.string(), fileSchema),
  prompt: promptSchema.optional(),
});

type FileEntry = z.output<typeof fileSchema>;

/** What the cases share. */
interface ConceptReference {
  readonly context: VerificationContext;
  readonly cases: CaseReporter;
  readonly folder: string;
  readonly index: z.output<typeof indexSchema>;
  /** Vectors by the names that the index has for them. */
  readonly vectors: GoldenFile;
  /** Of the networks with and without concepts: for `ids`, `x` and `hidden` at a timestep. */
  readonly outputs: GoldenFile;
  /** Emptied at the end. */
  readonly temporary: string;
}

/** Names of the files of `concepts` that hold what is expected of the others. */
const fixedNames = ['index.json', 'expected.safetensors', 'outputs.safetensors'];

/** concepts: other programs' files in the folder `concepts`, imported, read, and composed with. */
export async function verifyConcepts(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const folder = join(context.sharedFolder, 'concepts');
  const missing = fixedNames.map((name) => join(folder, name)).find((path) => !existsSync(path));
  if (missing !== undefined) return cases.unsupported('concepts', `${missing} is not there`);
  const indexPath = join(folder, 'index.json');
  const index = parseGolden(indexSchema, readGoldenJson(indexPath), indexPath);
  if (index.model !== undefined && index.model !== basename(context.checkpoint.path)) {
    return cases.unsupported('concepts', `its numbers are those of ${index.model}`);
  }
  const open = (name: string) =>
    cases.account(new GoldenFile(join(folder, `${name}.safetensors`), `concepts/${name}`));
  const temporary = mkdtempSync(join(tmpdir(), 'tessera-verify-'));
  const files = { vectors: open('expected'), outputs: open('outputs') };
  try {
    await verifyAll({ context, cases, folder, index, ...files, temporary });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function verifyAll(reference: ConceptReference): Promise<void> {
  const { context, cases, folder, index } = reference;
  await verifyPlain(reference);
  for (const [name, entry] of Object.entries(index.files)) {
    context.signal?.throwIfAborted();
    const keys = outputKeys(reference, entry);
    const scope = { name: `concepts/${name}`, file: reference.outputs, keys };
    if (!existsSync(join(folder, name))) cases.refuse(scope, `${name} is not there`);
    else await cases.attempt(scope, () => verifyFile(reference, name, entry));
  }
  if (index.prompt) await verifyPrompt(reference, index.prompt);
  const named = [...fixedNames, ...Object.keys(index.files), ...namedFiles(index)];
  for (const name of readdirSync(folder)) {
    if (!named.includes(name)) cases.unsupported(`concepts/${name}`, 'no index describes it');
  }
}

/** Files with expected values that the index speaks of. */
function namedFiles({ files, prompt }: ConceptReference['index']): string[] {
  const texts = Object.values(files).map(({ expected }) => expected);
  const named = texts.flatMap((text) => text.match(/[\w.-]+\.safetensors/g) ?? []);
  return [...named, ...(prompt ? [prompt.file] : [])];
}

/** The model without any concept: what the others differ from. */
async function verifyPlain({ context, cases, outputs }: ConceptReference): Promise<void> {
  const { model } = context;
  await cases.attempt({ name: 'concepts/outputs/hidden', file: outputs }, async () => {
    cases.compare(outputs, 'hidden', await encodePrompts(model, outputs.idRows('ids')));
  });
  for (const key of outputs.keys.filter((name) => /^base\.t\d+$/.test(name))) {
    await cases.attempt({ name: `concepts/outputs/${key}`, file: outputs, keys: [key] }, async () =>
      cases.compare(outputs, key, await predict(model, outputs, key)),
    );
  }
}

async function verifyFile(
  reference: ConceptReference,
  name: string,
  entry: FileEntry,
): Promise<void> {
  const { expected, token } = entry;
  const { cases, vectors } = reference;
  const label = `concepts/${name}`;
  if (expected.startsWith('error')) {
    const refused = await isRefused(() => importFile(reference, name));
    const error = refused || expected.includes('safe') ? 0 : 1;
    const detail = refused ? 'is refused' : 'is read, running nothing';
    return cases.judge(label, error, { ...exactly, detail });
  }
  const concept = await importFile(reference, name);
  if (vectors.has(expected)) {
    vectors.settle(expected);
    cases.compareValues(label, concept.parts.rows, vectors.floats(expected), exactly);
  } else await verifyWeights(reference, name, concept, entry);
  // In brackets stands what gives the name where the file has none.
  if (typeof token === 'string' && !token.startsWith('(')) {
    const error = bare(token) === bare(concept.description.token) ? 0 : 1;
    const detail = `the token is ${concept.description.token}`;
    cases.judge(`${label}, token`, error, { ...exactly, detail });
  }
}

function bare(token: string): string {
  return token.replace(/^<(.+)>$/, '$1');
}

async function isRefused(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (error instanceof InputError) return true;
    throw error;
  }
}

/** As the command imports it. The class word is what the reference's prompt ends with. */
function importFile({ context, folder, index }: ConceptReference, name: string) {
  const classWord = index.prompt?.user.split(' ').at(-1) ?? 'a';
  const open = { checkpoint: context.checkpoint, model: freshModel(context) };
  return readForeignConcept(open, { file: join(folder, name), classWord });
}

/** Whose tokenizer may be taught. */
function freshModel({ model }: VerificationContext): DiffusionModel {
  return { ...model, tokenizer: model.tokenizer.copy() };
}

/** Weights are compared where another file holds them, and by what the networks compute with them. */
async function verifyWeights(
  reference: ConceptReference,
  name: string,
  concept: ForeignConcept,
  entry: FileEntry,
): Promise<void> {
  const { cases, outputs } = reference;
  const label = `concepts/${name}`;
  const other = wordsOf(entry).find(
    (word) => word.endsWith('.safetensors') && !fixedNames.includes(word),
  );
  if (other !== undefined) compareReplaced(reference, `${label}, weights`, concept, other);
  const keys = outputKeys(reference, entry);
  if (keys.length === 0) {
    return cases.unsupported(label, `what is expected is not known: ${entry.expected}`);
  }
  const written = writeAndRead(reference, concept);
  for (const key of keys) {
    await cases.attempt({ name: `${label}, ${key}`, file: outputs, keys: [key] }, async () => {
      outputs.settle(key);
      const personal = await personalModel(reference, written, strengthIn(key));
      const actual = key.endsWith('.hidden')
        ? await encodePrompts(personal, outputs.idRows('ids'))
        : await predict(personal, outputs, key);
      const options = { tolerance: defaultTolerance, measure: 'relative L2' } as const;
      cases.compareValues(`${label}, ${key}`, actual, outputs.floats(key), options);
    });
  }
}

/** The weights that take the place of the model's, by their keys there. */
function compareReplaced(
  { cases, folder }: ConceptReference,
  label: string,
  { parts }: ForeignConcept,
  fileName: string,
): void {
  const path = join(folder, fileName);
  if (!existsSync(path)) {
    cases.unsupported(label, `${fileName} is not there`);
    return;
  }
  const file = new GoldenFile(path, `concepts/${fileName}`);
  const ours = file.keys.flatMap((key) => [...(parts.replaced.get(key)?.data ?? [])].map(Number));
  const theirs = file.keys.flatMap((key) => [...file.numbers(key)]);
  cases.compareValues(label, ours, theirs, exactly);
}

function wordsOf({ expected }: FileEntry): string[] {
  return expected.split(/[\s:;,()]+/);
}

/** Of the outputs that the index expects of a file, at all strengths. */
function outputKeys({ outputs }: ConceptReference, entry: FileEntry): string[] {
  const named = wordsOf(entry).filter((word) => word.includes('.') && outputs.has(word));
  return named.flatMap((key) => atStrengths(outputs, key));
}

/** "lora.t500" and what there is of it at other strengths, "lora.strength0.7.t500". */
function atStrengths(outputs: GoldenFile, key: string): string[] {
  const [, name, end] = /^(.+)(\.t\d+)$/.exec(key) ?? [];
  if (name === undefined) return [key];
  const weaker = new RegExp(`^${RegExp.escape(name)}\\.strength[\\d.]+${RegExp.escape(end)}$`);
  return [key, ...outputs.keys.filter((other) => weaker.test(other))];
}

function strengthIn(key: string): number {
  return Number(/\.strength(\d+(?:\.\d+)?)\./.exec(key)?.[1] ?? 1);
}

/** Through a concept file of Tessera, as compositions have it. */
function writeAndRead({ temporary }: ConceptReference, concept: ForeignConcept): Concept {
  const path = join(mkdtempSync(join(temporary, 'concept-')), 'concept.safetensors');
  writeConcept(path, concept.description, concept.parts);
  return readConcept(path);
}

async function personalModel(
  { context }: ConceptReference,
  concept: Concept,
  strength: number,
): Promise<PersonalModel> {
  const model = freshModel(context);
  return applyConcepts(model, context.checkpoint, [await atStrength(model, concept, strength)]);
}

/** The UNet's prediction for `x`, with the text encoder's own states where the reference has them. */
function predict(model: DiffusionModel, outputs: GoldenFile, key: string) {
  const [, name, timestep] = /^(.+)\.t(\d+)$/.exec(key)!;
  const hidden = outputs.floats(outputs.has(`${name}.hidden`) ? `${name}.hidden` : 'hidden');
  return predictAt(model, { file: outputs, key: 'x' }, Number(timestep), hidden);
}

/** A prompt that names the concept: how it is spelled out, its ids, and what the text encoder makes of it. */
async function verifyPrompt(
  reference: ConceptReference,
  { user, expanded, file: fileName }: z.output<typeof promptSchema>,
): Promise<void> {
  const { cases, folder, index } = reference;
  const [name] =
    Object.entries(index.files).find(
      ([, { expected, token }]) => expected === 'vectors' && token === index.token,
    ) ?? [];
  const path = join(folder, fileName);
  const missing = [path, join(folder, name ?? '')].find((other) => !existsSync(other));
  const scope = { name: 'concepts/prompt' };
  if (name === undefined || missing !== undefined) {
    return cases.unsupported(scope.name, `${missing ?? 'a file of its word'} is not there`);
  }
  const file = cases.account(new GoldenFile(path, 'concepts/prompt'));
  await cases.attempt({ ...scope, file, keys: file.keys }, async () => {
    const concept = writeAndRead(reference, await importFile(reference, name));
    const personal = await personalModel(reference, concept, 1);
    const written = personal.expand(user);
    const error = written === expanded ? 0 : 1;
    cases.judge('concepts/prompt/expanded', error, { ...exactly, detail: written });
    const { ids } = personal.tokenizer.encodePadded(written);
    file.settle('ids');
    cases.compareValues('concepts/prompt/ids', ids, file.integers('ids'), exactly);
    const rows = [personal.encodePadded(user).ids];
    cases.compare(file, 'input_embeddings', await embeddings(personal, rows));
    const { placeholders, placeholderRows } = personal;
    const encoder = await createTextEncoder(personal, { batch: rows.length, placeholders });
    const hidden = await using(encoder, ({ encode }) => encode(rows, placeholderRows));
    cases.compare(file, 'hidden', hidden);
  });
}

/** [prompts, tokens, hiddenSize] */
async function embeddings(model: PersonalModel, ids: readonly (readonly number[])[]) {
  const { hiddenSize } = model.configs.textEncoder;
  const rows = float32Data([model.placeholders, hiddenSize], model.placeholderRows);
  const values = embedTokens(
    model.weights.textEncoder,
    model.configs.textEncoder,
    constant(int64Data([ids.length, ids[0].length], ids.flat())),
    constant(rows),
  );
  return using(await model.compile(createGraph({ values })), async ({ run }) =>
    float32((await run({})).values),
  );
}
