import type { ConceptVariant } from '../../src-shared/concept.ts';
import type { JobEvent } from '../../src-shared/job.ts';

/** Tells which of two trainings an event is about. */
export function withVariant(event: JobEvent, variant: ConceptVariant): JobEvent {
  return event.type === 'progress' ? { ...event, phase: `${event.phase} (${variant})` } : event;
}
