import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../../../src-shared/inputError.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { loadModel } from '../loadModel.ts';
import type { Compile } from '../tensor/executable.ts';
import { verifyAdamW } from './adamWCases.ts';
import { verifyAttention } from './attentionCases.ts';
import { verifyAutoencoder } from './autoencoderCases.ts';
import { CaseReporter } from './caseReporter.ts';
import type { CaseResult } from './caseResult.ts';
import { verifyConcepts } from './conceptCases.ts';
import type { IndexName, VerificationContext } from './context.ts';
import { verifyCustomDiffusion, verifyKeysAndValues } from './customDiffusionCases.ts';
import { verifyEpsilonProbe } from './epsilonProbeCases.ts';
import { expectedPath, verifyExpected } from './expectedCases.ts';
import type { GoldenError } from './goldenFile.ts';
import { GoldenIndex } from './goldenIndex.ts';
import { verifyLayoutLoss } from './layoutLossCases.ts';
import { verifyLora } from './loraCases.ts';
import { verifyPreprocessing } from './preprocessCases.ts';
import { verifySampling } from './samplingCases.ts';
import { verifySchedulers } from './schedulerCases.ts';
import { verifySpatial } from './spatialCases.ts';
import { verifyText } from './textCases.ts';
import { verifyTextualInversion } from './textualInversionCases.ts';
import { verifyTokenizer } from './tokenizerCases.ts';
import { verifyTraining } from './trainingCases.ts';
import { verifyUNet } from './unetCases.ts';
import { verifyUNetGradients } from './unetGradientCases.ts';

type VerifyGroup = (context: VerificationContext, cases: CaseReporter) => Promise<void>;

/** Groups whose numbers depend on the checkpoint's weights and stand in the golden folder, in the order of running. */
const modelGroups = {
  text: verifyText,
  vae: verifyAutoencoder,
  unet: verifyUNet,
  eps_probe: verifyEpsilonProbe,
  attn: verifyAttention,
  ca: verifyLayoutLoss,
  grad_ti: verifyTextualInversion,
  grad_cd: verifyCustomDiffusion,
  grad_kv: verifyKeysAndValues,
  grad_lora: verifyLora,
  grad_unet: verifyUNetGradients,
  train: verifyTraining,
  sampling: verifySampling,
  spatial: verifySpatial,
} as const satisfies Record<string, VerifyGroup>;

/** Groups that stand beside it: of the single file that is verified, or of no model. */
const sharedGroups = {
  expected: verifyExpected,
  concepts: verifyConcepts,
  schedulers: verifySchedulers,
  adamw: verifyAdamW,
  tokenizer: verifyTokenizer,
  preprocess: verifyPreprocessing,
} as const satisfies Record<string, VerifyGroup>;

/** Names for `only`. */
export const verificationGroups: readonly string[] = [
  ...Object.keys(modelGroups),
  ...Object.keys(sharedGroups),
];

/** What half precision may differ by, relative to the norm of what is expected; a picture does not show it. */
const halfTolerance = 3e-2;
/** Guidance steps along a gradient times the square of sigma, as often as the loss exceeds a threshold. */
const noTrajectoriesInHalf =
  'a guided trajectory in half precision soon is another one; the gradient that guides it is compared in "ca"';

export interface VerifyRequest {
  readonly checkpoint: Checkpoint;
  /** "<name>-golden", or the folder in which such folders lie, for what holds without one. */
  readonly goldenFolder: string;
  readonly compile: Compile;
  /** Whether `compile` makes graphs in half precision, which the tolerances of the index do not mean. */
  readonly halfPrecision?: boolean;
  /** Groups to run; all where absent. */
  readonly only?: readonly string[];
  /** Told each case as it is decided. */
  readonly onCase?: (result: CaseResult) => void;
  readonly signal?: AbortSignal;
}

export interface VerifySummary {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
}

/**
 * Compares a checkpoint on this engine with reference numbers, case by case: everything that the folder's index files
 * describe, and what lies beside the folder. Sizes, prompts, boxes, timesteps and tolerances all come from the index.
 * A tensor that no case knows is reported as unsupported; a damaged one fails its case.
 *
 * @throws InputError where a group is unknown, or the reference files are not there or so damaged that nothing can be
 *   compared; the signal's reason when it is aborted
 */
export async function verifyGolden(request: VerifyRequest): Promise<VerifySummary> {
  const groups = chosenGroups(request.only);
  const counts = { passed: 0, failed: 0, unsupported: 0 };
  let compared = 0;
  const onCase = (result: CaseResult) => {
    counts[result.status]++;
    if (result.error !== undefined) compared++;
    request.onCase?.(result);
  };
  const { signal, halfPrecision = false } = request;
  const damages: GoldenError[] = [];
  const reporting = {
    signal,
    leastTolerance: halfPrecision ? halfTolerance : 0,
    onDamage: (damage: GoldenError) => damages.push(damage),
  };
  const other = new CaseReporter('other', onCase, reporting);
  const context = openContext(request, other);
  const reporters = new Map(
    groups.map(([name]) => [name, new CaseReporter(name, onCase, reporting)] as const),
  );
  const reasonToSkip = otherWeights(context);
  for (const [name, verify] of groups) {
    request.signal?.throwIfAborted();
    const cases = reporters.get(name)!;
    if (reasonToSkip !== undefined && Object.hasOwn(modelGroups, name)) {
      cases.unsupported(name, reasonToSkip);
    } else if (halfPrecision && name === 'spatial') {
      cases.unsupported(name, noTrajectoriesInHalf);
    } else await cases.attempt({ name }, () => verify(context, cases));
  }
  for (const cases of reporters.values()) cases.reportUnaccounted();
  if (!request.only) {
    reportUnusedWeights(context, other);
    if (reasonToSkip === undefined) reportUnknownFiles(context, other);
  }
  if (compared === 0 && damages.length > 0) throw damages[0];
  return counts;
}

function chosenGroups(only: readonly string[] | undefined): [string, VerifyGroup][] {
  const all = Object.entries<VerifyGroup>({ ...modelGroups, ...sharedGroups });
  if (only?.length === 0) {
    throw new InputError(`no group is named; expected some of ${verificationGroups.join(', ')}`);
  }
  const unknown = only?.find((name) => !verificationGroups.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`group '${unknown}': expected one of ${verificationGroups.join(', ')}`);
  }
  return all.filter(([name]) => !only || only.includes(name));
}

/** @throws GoldenError where the index of the folder itself is damaged */
function openContext(
  { checkpoint, goldenFolder, compile, signal }: VerifyRequest,
  cases: CaseReporter,
): VerificationContext {
  const folder = resolve(goldenFolder);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`${goldenFolder} is not a folder; expected one of reference numbers`);
  }
  const root = openIndex(folder, '');
  const openPart = (prefix: string) =>
    cases.read({ name: `${prefix}index.json` }, () => openIndex(folder, prefix));
  const context = {
    checkpoint,
    model: loadModel(checkpoint, compile),
    goldenFolder: folder,
    sharedFolder: root ? dirname(folder) : folder,
    indexes: { root, train: openPart('train/'), sample: openPart('sample/') },
    signal,
  };
  requireNumbers(context);
  return context;
}

/** Another folder given by mistake must not look like a verification without failures. */
function requireNumbers({ checkpoint, goldenFolder, indexes }: VerificationContext): void {
  const names = readdirSync(goldenFolder);
  const isShared = names.some((name) =>
    /^(schedulers-.*|adamw|tokenizer|preprocess|eps_probe)\.json$/.test(name),
  );
  const isDescribed = Object.values(indexes).some((index) => index !== undefined);
  if (isDescribed || isShared || expectedPath(checkpoint, [goldenFolder]) !== undefined) return;
  throw new InputError(
    `${goldenFolder} holds no reference numbers; expected a folder "<name>-golden" with its index.json`,
  );
}

function openIndex(folder: string, prefix: string): GoldenIndex | undefined {
  const path = join(folder, prefix, 'index.json');
  return existsSync(path) ? new GoldenIndex(path, prefix) : undefined;
}

/** Why the folder's numbers cannot be this checkpoint's. */
function otherWeights({ checkpoint, goldenFolder, sharedFolder }: VerificationContext) {
  const path = expectedPath(checkpoint, [goldenFolder, sharedFolder]);
  if (path === undefined) return undefined;
  return `the numbers of these weights are those of ${basename(path)}`;
}

/** Weights of a single file that no network has, so that nothing can be said of them. */
function reportUnusedWeights({ checkpoint }: VerificationContext, cases: CaseReporter): void {
  for (const key of checkpoint.unusedKeys) {
    cases.unsupported(`${basename(checkpoint.path)}/${key}`, 'no network has this weight');
  }
}

/** What else lies in the folders of reference numbers. */
function reportUnknownFiles(
  { goldenFolder, indexes }: VerificationContext,
  cases: CaseReporter,
): void {
  const prefixes: Readonly<Record<IndexName, string>> = {
    root: '',
    train: 'train/',
    sample: 'sample/',
  };
  for (const [name, prefix] of Object.entries(prefixes) as [IndexName, string][]) {
    const index = indexes[name];
    // The folder in which such folders lie holds files of all kinds.
    if (name === 'root' && !index) continue;
    const folder = join(goldenFolder, prefix);
    for (const file of index?.fileNames ?? []) {
      if (!index?.askedFor.has(file) && existsSync(join(folder, file)))
        cases.unsupported(index?.labelOf(file) ?? file, 'no group knows this file');
    }
    for (const file of existsSync(folder) ? readdirSync(folder) : []) {
      if (!index?.fileNames.includes(file) && !isKnown(prefix + file))
        cases.unsupported(prefix + file, 'no index describes it');
    }
  }
}

/** Files of which groups read the names themselves, and folders of others. */
function isKnown(name: string): boolean {
  return /^(((train|sample)\/)?index\.json|eps_probe\.(json|safetensors)|train|sample)$/.test(name);
}
