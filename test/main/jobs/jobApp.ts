/** A program with nothing but a library and its queue, to be killed: works off what is queued, then ends. */
import { openJobStudio } from './jobStudio.ts';

/** What it tells its parent. */
export type JobAppMessage =
  | { readonly kind: 'step'; readonly engine: number | undefined }
  | { readonly kind: 'started'; readonly engine: number | undefined };

const [folder] = process.argv.slice(2);
// kills at random moments may well strike several times before anything is computed
const studio = await openJobStudio(folder, { patience: 1000 });
const tell = (kind: JobAppMessage['kind']) => {
  process.send?.({ kind, engine: studio.engines.at(-1)?.processId } satisfies JobAppMessage);
};
tell('started');
while (studio.library.jobs.list({ ended: false }).length > 0) {
  await studio.heard(({ type }) => type === 'trainingStep' || type === 'job');
  tell('step');
}
await studio.close();
process.disconnect?.();
