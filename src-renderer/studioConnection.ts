import {
  type ShellMessage,
  shellMessage,
  type WindowMessage,
} from '../src-shared/shellProtocol.ts';
import type { WindowBridge } from '../src-shared/windowBridge.ts';

/** The way to the main process: Electron's bridge where there is one, a WebSocket to `tessera serve` elsewhere. */

declare global {
  interface Window {
    readonly tessera?: WindowBridge;
  }
}

/**
 * connecting: for the first time. connected. lost: it is tried again and again. refused: this browser has not been let
 * in, or the program was started anew; only the link that the program prints helps.
 */
export type ConnectionState = 'connecting' | 'connected' | 'lost' | 'refused';

export interface Connection {
  readonly state: ConnectionState;
  send(message: WindowMessage): void;
}

export interface ConnectionListener {
  onMessage(message: ShellMessage): void;
  onState(state: ConnectionState): void;
}

export function openConnection(listener: ConnectionListener): Connection {
  const bridge = window.tessera;
  return bridge ? bridgeConnection(bridge, listener) : socketConnection(listener);
}

function bridgeConnection(bridge: WindowBridge, { onMessage }: ConnectionListener): Connection {
  bridge.onMessage((message) => onMessage(shellMessage.parse(message)));
  return { state: 'connected', send: (message) => bridge.send(message) };
}

/** Milliseconds until a lost connection is tried again: the first time, and at most. */
const retry = { first: 250, longest: 4000 };

function socketConnection({ onMessage, onState }: ConnectionListener): Connection {
  let state: ConnectionState = 'connecting';
  let socket: WebSocket | undefined;
  let wait = retry.first;

  function enter(next: ConnectionState): void {
    if (next === state) return;
    state = next;
    onState(next);
  }

  /** Also where it was refused: the link may be opened in another window of this browser. */
  function again(next: 'lost' | 'refused'): void {
    if (next === 'refused' || state !== 'connecting') enter(next);
    setTimeout(connect, wait);
    wait = Math.min(retry.longest, 2 * wait);
  }

  async function connect(): Promise<void> {
    const admission = await askAdmission();
    if (admission !== 'admitted') return again(admission === 'refused' ? 'refused' : 'lost');
    const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/socket`);
    socket = opened;
    opened.onopen = () => {
      wait = retry.first;
      enter('connected');
    };
    opened.onmessage = ({ data }) => onMessage(shellMessage.parse(JSON.parse(String(data))));
    opened.onclose = () => again('lost');
  }

  void connect();
  return {
    get state() {
      return state;
    },
    send: (message) => socket?.send(JSON.stringify(message)),
  };
}

/** A refused WebSocket looks like a dead server to a page, so the page asks first. */
async function askAdmission(): Promise<'admitted' | 'refused' | 'silent'> {
  try {
    const { status, ok } = await fetch('/session');
    return status === 401 ? 'refused' : ok ? 'admitted' : 'silent';
  } catch {
    return 'silent';
  }
}
