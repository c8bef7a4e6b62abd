/** What a utility process of Electron is to its program: a Node process with a port to its parent. */
const listeners: ((event: { data: unknown }) => void)[] = [];
process.on('message', (data) => {
  for (const listener of listeners) listener({ data });
});
Object.assign(process, {
  parentPort: {
    on: (_: string, listener: (event: { data: unknown }) => void) => listeners.push(listener),
    postMessage: (message: unknown) => process.send?.(message),
  },
});
await import(process.argv[2]!);
