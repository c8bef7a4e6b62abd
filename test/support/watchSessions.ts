import { vi } from 'vitest';
import { ort } from '../../src-main/engine/runtime/onnxRuntime.ts';

/** The class of the sessions: ONNX Runtime's declarations tell only of what makes them. */
const { prototype } = ort.InferenceSession as unknown as {
  readonly prototype: ort.InferenceSession;
};

/** Counts the sessions that are made and released in this process; both happen as ever. */
export function watchSessions() {
  const create = vi.spyOn(ort.InferenceSession, 'create');
  const release = vi.spyOn(prototype, 'release');
  return {
    create,
    release,
    forget: () => {
      create.mockClear();
      release.mockClear();
    },
  };
}
