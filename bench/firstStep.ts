/**
 * Opens a checkpoint and takes one step of textual inversion, in a process that has done nothing before; prints a
 * number of the result and the peak memory as JSON. publishedSize.ts times it from outside.
 *
 *   node bench/firstStep.ts <checkpoint folder> <side of the latent> <threads>
 */
import { openModel } from './openModel.ts';
import { textualInversion, timeOurs } from './works.ts';

const [folder, side, threads] = process.argv.slice(2);
const size = { batch: 1, height: Number(side), width: Number(side), steps: 1 };
const work = await textualInversion(openModel(folder, Number(threads)), size);
console.log(JSON.stringify(await timeOurs(work, 1)));
await work.release();
