import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { type JobEnd, jobEnd } from '../../src-shared/jobEnd.ts';
import { jobProgress } from '../../src-shared/jobProgress.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { useStudioEvent, useStudioQuery } from '../studioQueries.ts';
import { windowTitle } from './jobWords.ts';
import { linkTo } from './routes.ts';
import { systemNotice } from './systemNotice.ts';
import { useToast } from './Toast.tsx';

/**
 * Tells how a training has ended, whatever the user does meanwhile: in the corner, aloud, in the window's title, and by
 * the system where the window is not seen.
 */
export function JobNews() {
  const toast = useToast();
  const [location, navigate] = useLocation();
  const [spoken, setSpoken] = useState('');
  const { unseen, notice } = useUnseen();
  const wanted = useStudioQuery('getSettings', {}).data?.notices ?? false;
  useJobEnds((end) => {
    const place = linkTo.training(end.id);
    notice(end);
    if (wanted) systemNotice(end, () => navigate(place));
    // its own screen says the same
    if (location === place && !document.hidden) setSpoken(end.title);
    else toast({ ...end, action: { label: 'Open', run: () => navigate(place) } });
  });
  useWindowTitle(unseen);
  return (
    <p role="status" className="sr-only">
      {spoken}
    </p>
  );
}

/** Each end once, however often it is told. */
function useJobEnds(tell: (end: JobEnd) => void): void {
  const told = useRef(new Map<string, JobStatus['state']>());
  useStudioEvent((event) => {
    if (event.type !== 'job') return;
    const { job } = event;
    const before = told.current.get(job.id);
    told.current.set(job.id, job.state);
    const end = job.state === before ? undefined : jobEnd(job);
    if (end) tell(end);
  });
}

/** What ended while nobody looked; seen as soon as the window is. */
function useUnseen() {
  const [unseen, setUnseen] = useState<JobEnd>();
  useEffect(() => {
    const look = () => !document.hidden && setUnseen(undefined);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return { unseen, notice: (end: JobEnd) => document.hidden && setUnseen(end) };
}

function useWindowTitle(unseen: JobEnd | undefined): void {
  const { data } = useStudioQuery('listJobs', {});
  const running = data?.jobs.find(({ state }) => state === 'running');
  const title = windowTitle(unseen, running && { ...running, ...jobProgress(running) });
  useEffect(() => {
    document.title = title;
  }, [title]);
}
