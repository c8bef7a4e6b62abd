import type { SettingsInput } from './presets.ts';

/** How the learning rate goes during a training. */

type Schedule = NonNullable<SettingsInput['schedule']>;

const names: Readonly<Record<Schedule, { label: string; detail?: string }>> = {
  constant: { label: 'Constant' },
  constant_with_warmup: { label: 'Constant with warm-up', detail: 'Rises first, then stays.' },
  linear: { label: 'Linear', detail: 'Falls to nothing.' },
  cosine: { label: 'Cosine', detail: 'Falls slowly, fast and slowly.' },
  cosine_with_restarts: { label: 'Cosine with restarts', detail: 'Falls again and again.' },
  polynomial: { label: 'Polynomial', detail: 'Falls early, then ever more slowly.' },
};

export const schedules = Object.entries(names).map(([value, words]) => ({
  value: value as Schedule,
  ...words,
}));

/** A schedule with the numbers that make it another one than its neighbours, and none of those of others. */
export function scheduleSettings(schedule: Schedule): SettingsInput {
  return {
    schedule,
    scheduleCycles: schedule === 'cosine_with_restarts' ? 3 : undefined,
    schedulePower: schedule === 'polynomial' ? 2 : undefined,
    ...(schedule === 'constant' && { warmupSteps: undefined }),
  };
}
