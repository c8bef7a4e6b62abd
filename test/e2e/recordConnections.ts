/** Loaded before the program, in each of its processes: writes down every connection that one of them begins. */

import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

const record = process.env.TESSERA_TEST_CONNECTIONS;

function note(what: string, value: unknown): void {
  if (record)
    appendFileSync(record, `${what} ${JSON.stringify(value)} of process ${process.pid}\n`);
}

const { connect } = Socket.prototype;
Object.assign(Socket.prototype, {
  connect(this: Socket, ...given: Parameters<Socket['connect']>) {
    note('connection', given[0]);
    return connect.apply(this, given);
  },
});

const { lookup } = dns;
dns.lookup = Object.assign((...given: Parameters<typeof lookup>) => {
  // Listening at an address looks it up as well, which asks nobody.
  if (!/^[\d.:]+$/.test(String(given[0]))) note('lookup', given[0]);
  return lookup(...given);
}, lookup);

note('watching', process.argv[1]);
