import type { OpCases } from '../../../support/opCase.ts';
import { elementwiseCases } from './elementwise.ts';
import { productCases } from './products.ts';
import { reductionCasesByOp } from './reductions.ts';
import { shapingCases } from './shaping.ts';

/** One row per op and class of shapes. Gradients and emitted ONNX are checked on the same rows. */
export const allCases: OpCases = {
  ...elementwiseCases,
  ...shapingCases,
  ...reductionCasesByOp,
  ...productCases,
};
