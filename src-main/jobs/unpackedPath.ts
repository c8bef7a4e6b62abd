/**
 * In the packaged program the sources lie in an archive, `app.asar`, that only Node can look into. What other code opens
 * or maps by itself, such as weights and fonts, lies beside it: see `asarUnpack` in electron-builder.yml.
 */
export function unpackedPath(path: string): string {
  return path.replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked');
}
