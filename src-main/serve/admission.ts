import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';

/**
 * Who may talk to the loopback shell. Programs of other users and pages of other sites reach a port of this machine as
 * well as the window does, so every request must come to a name of ours (a page whose own name is made to point here, "DNS
 * rebinding", carries its own), from a page of ours, with a token that only a holder of the printed link gets.
 */
export interface Admission {
  /** A link's key. It opens once: links are seen in lists of processes and in histories. */
  newKey(): string;
  /** @returns the cookie to be set, or undefined for a key that is unknown or used */
  redeem(key: string): string | undefined;
  /** Whether a key was used before. True once for each key: whoever has seen one cannot ask again and again. */
  isSpent(key: string): boolean;
  /** Whether the request carries the token. */
  isAdmitted(headers: IncomingHttpHeaders): boolean;
}

/** @param port tells the cookies of several studios apart: browsers do not divide cookies by port */
export function createAdmission(port: number): Admission {
  const cookie = `tessera-${port}`;
  const token = randomBytes(32).toString('base64url');
  const keys = new Set<string>();
  const spent = new Set<string>();
  return {
    newKey: () => {
      const key = randomBytes(24).toString('base64url');
      keys.add(key);
      return key;
    },
    redeem: (key) => {
      if (!keys.delete(key)) return undefined;
      spent.add(key);
      return `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`;
    },
    isSpent: (key) => spent.delete(key),
    isAdmitted: ({ cookie: header = '' }) => {
      const values = header.split(/; */).map((part) => part.split('='));
      return values.some(([name, value = '']) => name === cookie && areEqual(value, token));
    },
  };
}

/** In a time that tells nothing of where they differ. */
function areEqual(first: string, second: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(first), digest(second));
}

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** Values of the Host header that mean us. */
export function ownHosts(host: string, port: number): ReadonlySet<string> {
  const everywhere = host === '0.0.0.0' || host === '::';
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const named = everywhere
    ? [hostname().toLowerCase(), ...addresses.map(({ address }) => bracketed(address))]
    : [bracketed(host.toLowerCase())];
  const names = [...loopbackNames, ...named];
  return new Set([...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])]);
}

/** As it stands in a URL. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address.split('%')[0]}]` : address;
}

/**
 * Why a request is turned away before anything else is looked at, or undefined.
 *
 * @param changes whether it changes something or opens a connection: then a browser names the page it comes from
 */
export function foreignness(
  headers: IncomingHttpHeaders,
  hosts: ReadonlySet<string>,
  changes: boolean,
): string | undefined {
  const { host = '', origin } = headers;
  if (!hosts.has(host.toLowerCase())) return 'this host name is not ours';
  const site = headers['sec-fetch-site'];
  const isNavigation = headers['sec-fetch-mode'] === 'navigate' && !changes;
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation) {
    return 'another site asks';
  }
  if (origin === undefined) return changes ? 'the request does not say which page asks' : undefined;
  return origin === `http://${host.toLowerCase()}` ? undefined : 'another site asks';
}
