import { jobOptions } from './callOptions.ts';
import type { Handlers } from './handlers.ts';

/** Long work in the queue: its own layer knows all of it. */
export const jobHandlers: Handlers<
  | 'estimateTraining'
  | 'startTraining'
  | 'listJobs'
  | 'getJob'
  | 'pauseJob'
  | 'resumeJob'
  | 'cancelJob'
  | 'prioritiseJob'
  | 'getTraining'
  | 'stopAndKeep'
> = {
  estimateTraining: ({ jobs }, request, options) =>
    jobs.estimateTraining(request, jobOptions(options)),
  startTraining: ({ jobs }, request, options) => jobs.startTraining(request, jobOptions(options)),
  listJobs: ({ jobs }, request, options) => jobs.listJobs(request, jobOptions(options)),
  getJob: ({ jobs }, request, options) => jobs.getJob(request, jobOptions(options)),
  pauseJob: ({ jobs }, request, options) => jobs.pauseJob(request, jobOptions(options)),
  resumeJob: ({ jobs }, request, options) => jobs.resumeJob(request, jobOptions(options)),
  cancelJob: ({ jobs }, request, options) => jobs.cancelJob(request, jobOptions(options)),
  prioritiseJob: ({ jobs }, request, options) => jobs.prioritiseJob(request, jobOptions(options)),
  getTraining: ({ jobs }, request, options) => jobs.getTraining(request, jobOptions(options)),
  stopAndKeep: ({ jobs }, request, options) => jobs.stopAndKeep(request, jobOptions(options)),
};
