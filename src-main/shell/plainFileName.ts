/** A name without a path, without characters that a file system refuses, and not too long for one. */
export function plainFileName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must go
  const plain = name.replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/g, '_').replace(/^\.+/, '_');
  return plain.toWellFormed().slice(0, 150) || 'file';
}
