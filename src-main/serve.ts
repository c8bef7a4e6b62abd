import { PortTakenError, type Server, type ServerOptions, startServer } from './serve/server.ts';
import { openStudio } from './shell/openStudio.ts';
import { readPage } from './shell/page.ts';

/** The loopback shell: the studio for a browser of this machine. */

export interface ServeOptions {
  readonly folder?: string | undefined;
  /** This machine alone where absent. */
  readonly host?: string | undefined;
  /** {@link usualPort} where absent, or any that is free. */
  readonly port?: number | undefined;
  /** A browser that is not let in has opened a used link. Called once for each link. */
  readonly onUsedLink?: (another: string) => void;
}

export interface Serving extends Pick<Server, 'port' | 'newLink'> {
  /** Ends connections; running jobs stop at a checkpoint and go on at the next start. */
  close(): Promise<void>;
}

/** The same each time, so that a browser keeps what belongs to the window, such as its theme. */
const usualPort = 4780;

/** A message holds settings and layouts, a comparison with its heat maps at most; files go another way. */
const limits = { message: 32 * 2 ** 20, backlog: 256 * 2 ** 20 };

/** @throws InputError where the page was not built, or the library, host or port cannot be had */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { folder, host = '127.0.0.1', port, onUsedLink } = options;
  const page = await readPage();
  const studio = await openStudio({ folder, shell: 'browser' });
  try {
    const server = await startAtPort({ studio, page, host, limits, onUsedLink }, port);
    return {
      port: server.port,
      newLink: server.newLink,
      close: async () => {
        try {
          await server.close();
        } finally {
          await studio.close();
        }
      },
    };
  } catch (error) {
    await studio.close();
    throw error;
  }
}

async function startAtPort(options: Omit<ServerOptions, 'port'>, port: number | undefined) {
  try {
    return await startServer({ ...options, port: port ?? usualPort });
  } catch (error) {
    if (port !== undefined || !(error instanceof PortTakenError)) throw error;
    return startServer({ ...options, port: 0 });
  }
}
