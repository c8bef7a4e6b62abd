import { describe, expect, it } from 'vitest';
import { jobLine, shortJobLine, windowTitle } from '../../../src-renderer/ui/jobWords.ts';
import { jobEnd } from '../../../src-shared/jobEnd.ts';
import { overallProgress } from '../../../src-shared/jobProgress.ts';
import type { JobStatus } from '../../../src-shared/jobRecord.ts';

const at = (phase: string, step: number, total: number, timeLeft?: number) => ({
  state: 'running' as const,
  progress: { phase, step, total, memory: 0, ...(timeLeft !== undefined && { timeLeft }) },
});

describe('the progress of a job', () => {
  it('counts each of two trainings half, and the second one into the time', () => {
    expect(overallProgress(at('training (plain)', 50, 100, 30))).toEqual({
      share: 0.25,
      timeLeft: 90,
    });
    expect(overallProgress(at('training (semantic)', 50, 100, 30))).toEqual({
      share: 0.75,
      timeLeft: 30,
    });
  });

  it('does not go back while a preview is made', () => {
    const before = overallProgress(at('training (plain)', 50, 100, 30));
    const preview = overallProgress(at('preview of step 50: <m> cat (plain)', 1, 12, 9), before);
    expect(preview).toEqual(before);
  });

  it('does not go back when a training goes on from its checkpoint', () => {
    const before = overallProgress(at('training (plain)', 90, 100));
    expect(overallProgress(at('training (plain)', 80, 100), before).share).toBe(0.45);
  });

  it('is half way when the plain twin is done', () => {
    expect(overallProgress(at('photos (semantic)', 1, 5)).share).toBe(0.5);
  });

  it('is that of the phase for other jobs', () => {
    expect(overallProgress(at('verifying', 3, 4, 2))).toEqual({ share: 0.75, timeLeft: 2 });
    expect(overallProgress({ state: 'done' }).share).toBe(1);
  });
});

describe('a job in words', () => {
  it('says where it is', () => {
    expect(jobLine(at('training', 4, 20))).toBe('training, step 4 of 20');
    expect(jobLine({ ...at('training', 4, 20), state: 'paused' })).toBe('paused at step 4 of 20');
    expect(jobLine({ state: 'queued' })).toBe('waiting for its turn');
  });

  it('names the step of a preview, and not those of its pictures', () => {
    const preview = at('preview of step 50: <m> cat (plain)', 3, 12);
    expect(jobLine(preview)).toBe('preview of step 50: <m> cat (plain)');
    expect(jobLine({ ...preview, state: 'paused' })).toBe('paused at step 50');
    expect(shortJobLine(preview)).toBe('preview of step 50');
  });

  it('takes little room', () => {
    expect(shortJobLine(at('training (plain)', 40, 200))).toBe('plain, step 40/200');
  });
});

const training: JobStatus = {
  ...{ id: '00000000-0000-4000-8000-000000000000', kind: 'train', title: 'Training <m>' },
  ...{ state: 'running', priority: 0, device: 'cpu', createdAt: 0, notes: [] },
};

describe('the end of a job', () => {
  it('is told of trainings that nobody ended', () => {
    const error = { message: 'the disk is full', advice: '' };
    expect(jobEnd({ ...training, state: 'done' })).toMatchObject({ title: 'Training <m> is done' });
    expect(jobEnd({ ...training, state: 'failed', error })).toMatchObject({
      title: 'Training <m> failed',
      detail: 'the disk is full',
    });
    expect(jobEnd({ ...training, state: 'cancelled' })).toBeUndefined();
    expect(jobEnd({ ...training, kind: 'selfTest', state: 'failed' })).toBeUndefined();
  });

  it('is in the title of the window before what runs', () => {
    const running = { title: 'Training <n>', share: 0.429 };
    expect(windowTitle(undefined, undefined)).toBe('Tessera');
    expect(windowTitle(undefined, running)).toBe('42 % Training <n> - Tessera');
    expect(windowTitle({ title: 'Training <m> is done' }, running)).toBe(
      'Training <m> is done - Tessera',
    );
  });
});
