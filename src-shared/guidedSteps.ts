interface Guided {
  /** Steps of the sampler. */
  readonly steps: number;
  /** How many of the first ones a layout guides, where that was said. */
  readonly guidedSteps?: number;
  /** Spatial inversion as the released code does it. */
  readonly official: boolean;
}

/** `max_index_step` of the released code (63af729), and the steps that it samples in. */
const released = { guided: 10, of: 50 };

/**
 * How many of a picture's first steps follow the layout. Where nothing is said a fifth of them, rounded up: what the
 * released code's 10 of 50 are. Guided further on, a concept loses likeness (docs/results.md).
 */
export function guidedStepsOf({ steps, guidedSteps, official }: Guided): number {
  return (
    guidedSteps ?? (official ? released.guided : Math.ceil((steps * released.guided) / released.of))
  );
}
