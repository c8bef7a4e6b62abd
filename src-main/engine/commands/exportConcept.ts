import { exportConcept } from '../concepts/exportConcept.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';

/** Writes a concept as other programs read it. */
export async function exportConceptFiles({
  concept,
  out,
}: EngineParams<'exportConcept'>): Promise<EngineAnswer<'exportConcept'>> {
  return { files: exportConcept(concept, out) };
}
