/**
 * A relay between two clients, with nothing but what it must do: whatever one sends goes to the other, in order, and a
 * receiver that is slow stops the sender. `net` finds the records in the stream; `ws` passes messages on.
 */
import { createServer, type Socket } from 'node:net';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type WebSocket, WebSocketServer } from 'ws';
import { RECORD_HEADER } from './batch.ts';
import type { EndReply } from './words.ts';

const { values } = parseArgs({ options: { kind: { type: 'string' } } });
const HIGH_WATER = 512 << 10;

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

if (values.kind === 'net') {
  const server = createServer(pair<Socket>(relayRecords)).listen(0, '127.0.0.1', () => {
    tell({ port: (server.address() as { port: number }).port });
  });
} else {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
    tell({ port: (server.address() as { port: number }).port });
  });
  server.on('connection', pair<WebSocket>(relayMessages));
}
process.on('disconnect', () => process.exit(0));
