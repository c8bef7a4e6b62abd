/** Where the plain training of a concept lies beside the semantic one: my-cat.safetensors -> my-cat.plain.safetensors. */
export function plainPathOf(concept: string): string {
  return concept.replace(/\.safetensors$/i, '.plain$&');
}
