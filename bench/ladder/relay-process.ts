/**
 * A relay between two clients, with nothing but what it must do: whatever one sends goes to the other, in order, and a
 * receiver that is slow stops the sender. `net` finds the records in the stream; `ws` passes messages on. Among many,
 * `sort` looks at where each record is to go, and `fan-out` gives every message to all others, unhindered by slow ones.
 */
import { createServer, type Socket } from 'node:net';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type WebSocket, WebSocketServer } from 'ws';
import { RECORD_HEADER } from './batch.ts';
import { byDestination } from './by-destination.ts';
import type { EndReply } from './words.ts';

const { values } = parseArgs({ options: { kind: { type: 'string' } } });
const HIGH_WATER = 512 << 10;
/** As ours. */
const HEARTBEAT_MS = 5000;

function tell(reply: EndReply): void {
  process.send?.(reply);
}

/** Where the last whole record ends. */
function wholeRecords(bytes: Buffer): number {
  let at = 0;
  while (at + RECORD_HEADER <= bytes.length) {
    const next = at + RECORD_HEADER + bytes.readUInt32BE(at);
    if (next > bytes.length) break;
    at = next;
  }
  return at;
}

function relayRecords(from: Socket, to: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  from.setNoDelay(true);
  from.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = wholeRecords(bytes);
    rest = bytes.subarray(end);
    if (end > 0 && !to.write(bytes.subarray(0, end)) && to.writableLength > HIGH_WATER) from.pause();
  });
  to.on('drain', () => from.resume());
}

function relayMessages(from: WebSocket, to: WebSocket): void {
  const written = () => {
    if (from.isPaused && to.bufferedAmount < HIGH_WATER / 2) from.resume();
  };
  from.on('message', (data) => {
    to.send(data as Buffer, { binary: true }, written);
    if (to.bufferedAmount > HIGH_WATER) from.pause();
  });
}

function pair<T>(relay: (from: T, to: T) => void): (one: T) => void {
  let first: T | null = null;
  return (one) => {
    if (first === null) first = one;
    else {
      relay(first, one);
      relay(one, first);
    }
  };
}

/** What came is for the client whose number is the last byte of its destination: one message a batch and destination. */
function sortMessages(from: WebSocket, all: readonly WebSocket[]): void {
  const resume = () => {
    if (from.isPaused && all.every((to) => to.bufferedAmount < HIGH_WATER / 2)) from.resume();
  };
  from.on('message', (data) => {
    for (const [no, records] of byDestination(data as Buffer).entries()) {
      const to = all[no - 1];
      to?.send(Buffer.concat(records), { binary: true }, resume);
      if (to !== undefined && to.bufferedAmount > HIGH_WATER) from.pause();
    }
  });
}

/** To all but who sent it. The heartbeat is that of the `ws` README: a ping, and the end for who has not answered the last. */
function fanOut(from: WebSocket, all: readonly WebSocket[]): void {
  let alive = true;
  from.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) return from.terminate();
    alive = false;
    from.ping();
  }, HEARTBEAT_MS);
  from.on('close', () => clearInterval(timer));
  from.on('message', (data) => {
    for (const to of all) if (to !== from) to.send(data as Buffer, { binary: true });
  });
}

function among<T>(relay: (from: T, all: readonly T[]) => void): (one: T) => void {
  const all: T[] = [];
  return (one) => {
    all.push(one);
    relay(one, all);
  };
}

const WEB_SOCKET_RELAYS: Readonly<Record<string, (one: WebSocket) => void>> = {
  ws: pair<WebSocket>(relayMessages),
  sort: among<WebSocket>(sortMessages),
  'fan-out': among<WebSocket>(fanOut),
};

if (values.kind === 'net') {
  const server = createServer(pair<Socket>(relayRecords)).listen(0, '127.0.0.1', () => {
    tell({ port: (server.address() as { port: number }).port });
  });
} else {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
    tell({ port: (server.address() as { port: number }).port });
  });
  server.on('connection', WEB_SOCKET_RELAYS[values.kind!]!);
}
process.on('disconnect', () => process.exit(0));
