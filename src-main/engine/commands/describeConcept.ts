import { readConcept } from '../concepts/conceptFile.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';

/** What a concept file says of itself; its rows are looked at too. */
export async function describeConceptFile({
  path,
}: EngineParams<'describeConcept'>): Promise<EngineAnswer<'describeConcept'>> {
  return readConcept(path).description;
}
