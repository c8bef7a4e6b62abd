import { Readable } from 'node:stream';
import { type UtilityProcess, utilityProcess } from 'electron';
import { type EngineProcess, engineProgram } from '../engine/engineProcess.ts';

/** The engine in a process of Electron's: Node's fork is switched off in the packaged program, with all its options. */
export function startUtilityEngine(): EngineProcess {
  const started = utilityProcess.fork(engineProgram, [], {
    serviceName: 'Tessera Engine',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe'],
    // onnxruntime-node's libraries carry no signature of ours
    allowLoadingUnsignedLibraries: true,
  });
  return {
    get id() {
      return started.pid;
    },
    stderr: started.stderr ? Readable.from(started.stderr) : null,
    send: (message) => started.postMessage(message),
    onMessage: (listener) => void started.on('message', listener),
    onEnd: (listener) => void started.once('exit', (code) => listener(`exit code ${code}`)),
    kill: () => kill(started),
  };
}

/** Electron asks politely, with SIGTERM, which a process that computes does not hear for a while. */
function kill(started: UtilityProcess): void {
  if (started.pid !== undefined) process.kill(started.pid, 'SIGKILL');
}
