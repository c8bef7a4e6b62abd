/**
 * JSON as Python writes it: NaN and the infinities, which JSON lacks, are read as null. A scheduler's
 * "lambda_min_clipped" is such a number, and the relative error of what is zero.
 *
 * @throws SyntaxError where the text is no JSON otherwise
 */
export function parsePythonJson(text: string): unknown {
  return JSON.parse(text.replace(/([:[,]\s*)-?(?:Infinity|NaN)(?=\s*[,}\]])/g, '$1null'));
}
