import { once } from 'node:events';
import { Command } from 'commander';
import { openWindow } from '../serve/browser.ts';
import { type Serving, serve } from '../serve.ts';
import { addCommonOptions, type CommonOptions, filled, port } from './options.ts';
import { createReporter, type Reporter } from './reporter.ts';
import { exitCodes, hearEndRequests, reportError } from './run.ts';

interface ServeCommandOptions extends CommonOptions {
  readonly library?: string;
  readonly host?: string;
  readonly port?: number;
  readonly open: boolean;
}

const help = `
The studio: library, training, layout editor and comparisons, in a window of a browser on this machine. Only whoever has
the printed link gets in, and it works once; opening it again prints another one here. Ctrl-C ends it; a training that
runs goes on at the next start.

--host lets other machines in. The connection is not encrypted: use it only in a network that you trust.`;

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('open the studio in a browser')
    .option(
      '--library <folder>',
      "where concepts and pictures are kept (default: the user's own)",
      filled,
    )
    .option('--host <address>', 'of this machine, to be reached at (default: 127.0.0.1)', filled)
    .option('--port <n>', 'to listen at (default: 4780, or any that is free)', port)
    .option('--no-open', 'print the link only');
  return addCommonOptions(command).addHelpText('after', help).action(run);
}

async function run(options: ServeCommandOptions): Promise<void> {
  const reporter = createReporter(options.json ?? false);
  const end = new AbortController();
  hearEndRequests(() => end.abort());
  try {
    const { library: folder, host, port } = options;
    const onUsedLink = (link: string) => offerAnother(reporter, link);
    const serving = await serve({ folder, host, port, onUsedLink });
    if (!end.signal.aborted) {
      const opened = options.open && (await openWindow(serving.newLink()));
      tell(reporter, serving, opened);
    }
    await whenAborted(end.signal);
    reporter.event({ type: 'note', level: 'info', message: 'closing' });
    await serving.close();
    process.exitCode = exitCodes.ok;
  } catch (error) {
    process.exitCode = reportError(error, reporter);
  } finally {
    reporter.close();
  }
}

function tell(reporter: Reporter, { newLink, port }: Serving, opened: boolean): void {
  const link = newLink();
  const first = opened ? 'Tessera has opened a window. Another one:' : 'Open Tessera in a browser:';
  reporter.result({ link, port }, [first, `  ${link}`, 'Ctrl-C ends it.']);
}

/** Standard input is not read: a program in the background of a terminal would be stopped for it. */
function offerAnother(reporter: Reporter, link: string): void {
  reporter.result({ link }, ['A used link was opened. Another one:', `  ${link}`]);
}

async function whenAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
