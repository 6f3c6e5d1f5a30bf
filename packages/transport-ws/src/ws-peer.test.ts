/** Our framing with `ws` at the other end, both ways, in all lengths of a length field. */

import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DataFromNode } from '@etherloom/schema';
import { BatchWriter, SEND_HEADROOM } from '@etherloom/transport';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { DataSocket } from './data-socket.ts';
import { dialSocket } from './dial.ts';
import { serve, TOKEN, until } from './testing.ts';

const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const readAny = (text: string) => JSON.parse(text) as DataFromNode;
const LENGTHS = [14, 121, 122, 125, 126, 127, 1514, 65_531, 65_532, 65_553];

/** A batch of one record of this length, and its bytes after so much room. */
function record(length: number, room = 0): Uint8Array {
  const bytes = new Uint8Array(room + 4 + length);
  new DataView(bytes.buffer).setUint32(room, length);
  for (let i = 0; i < length; i++) bytes[room + 4 + i] = length + i * 7;
  return bytes;
}

/** The same in a BatchWriter, which has room of its own. */
function written(length: number): Uint8Array {
  const writer = new BatchWriter();
  writer.append(record(length), 4, length);
  return writer.buf.subarray(0, writer.length);
}

interface Pair {
  readonly ours: DataSocket;
  readonly peer: WebSocket;
}

async function weServe(): Promise<Pair> {
  let ours: DataSocket | null = null;
  const accept = (socket: DataSocket) => {
    ours = socket;
  };
  const listening = await serve([{ kind: 'data', path: '/', accept }]);
  opened.push(() => listening.close());
  const peer = new WebSocket(listening.url, { headers: { authorization: `Bearer ${TOKEN}` } });
  await until(() => ours !== null && peer.readyState === WebSocket.OPEN, 'open');
  return { ours: ours!, peer };
}

async function weDial(zeroMask: boolean): Promise<Pair> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  opened.push(() => new Promise((resolve) => server.close(resolve)));
  let peer: WebSocket | null = null;
  server.on('connection', (ws) => {
    peer = ws;
  });
  await until(() => server.address() !== null, 'it listens');
  const handshake = dialSocket({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` });
  let ours: DataSocket | null = null;
  handshake.onsocket = (socket, head) => {
    ours = new DataSocket(socket, head, { role: 'client', read: readAny, zeroMask });
  };
  await until(() => ours !== null && peer !== null, 'open');
  return { ours: ours!, peer: peer! };
}

// biome-ignore format: one case a line
const PAIRS: [string, () => Promise<Pair>][] = [
  ['as a server',                     weServe],
  ['as a client that masks',          () => weDial(false)],
  ['as a client that masks by zeros', () => weDial(true)],
];

test.each(PAIRS)('%s, what we send is what ws hears, lent with room or without', async (_name, open) => {
  const { ours, peer } = await open();
  const heard: Buffer[] = [];
  peer.on('message', (data, isBinary) => void heard.push(isBinary ? (data as Buffer) : Buffer.from('text')));
  const home: number[] = [];
  ours.onsent = (token) => void home.push(token);
  const lent = LENGTHS.flatMap((length, i) => [
    { buf: record(length), at: 0, room: 0, token: 3 * i },
    { buf: record(length, SEND_HEADROOM), at: SEND_HEADROOM, room: SEND_HEADROOM, token: 3 * i + 1 },
    { buf: written(length), at: 0, room: SEND_HEADROOM, token: 3 * i + 2 },
  ]);
  for (const { buf, at, room, token } of lent) ours.send(buf, at, buf.length - at, token, room);
  ours.control({ type: 'carrier', on: true } as never);
  await until(() => heard.length === lent.length + 1 && home.length === lent.length, 'all is there');
  // What is taken at once comes home before what waited in the stream.
  expect(home.sort((a, b) => a - b)).toEqual(lent.map(({ token }) => token));
  expect(heard.pop()!.toString()).toBe('text');
  const want = LENGTHS.flatMap((length) => [record(length), record(length), record(length)]);
  expect(heard.every((bytes, i) => bytes.equals(want[i]!))).toBe(true);
  for (const { buf, room } of lent)
    if (room === 0) expect(Buffer.from(buf).equals(record(buf.length - 4))).toBe(true);
  ours.close();
  await until(() => peer.readyState === WebSocket.CLOSED, 'closed');
});

test.each(PAIRS)(
  '%s, we hear what ws sends, whole and in fragments, and answer its pings',
  async (_name, open) => {
    const { ours, peer } = await open();
    let bytes = Buffer.alloc(0);
    let texts = 0;
    let pongs = 0;
    ours.onmessage = (buf, at, length) => {
      bytes = Buffer.concat([bytes, buf.subarray(at, at + length)]);
    };
    ours.oncontrol = () => void texts++;
    peer.on('pong', () => void pongs++);
    for (const length of LENGTHS) {
      const batch = record(length);
      peer.send(batch);
      peer.ping('are you there');
      peer.send(batch.subarray(0, 7), { fin: false });
      peer.ping();
      peer.send(batch.subarray(7), { fin: true });
      peer.send('{"type":"carrier","on":true}');
    }
    await until(() => texts === LENGTHS.length && pongs === 2 * LENGTHS.length, 'all is there');
    expect(bytes.equals(Buffer.concat(LENGTHS.flatMap((length) => [record(length), record(length)])))).toBe(
      true,
    );
    peer.close();
    await until(() => !ours.open && peer.readyState === WebSocket.CLOSED, 'closed');
  },
);

test.each(PAIRS)('%s, either end may close, and both hear the code', async (_name, open) => {
  for (const first of ['ours', 'peer'] as const) {
    const { ours, peer } = await open();
    const heard: string[] = [];
    ours.onclose = (code, reason) => void heard.push(`${code} ${reason}`);
    peer.on('close', (code, reason) => void heard.push(`${code} ${reason}`));
    if (first === 'ours') ours.close(4409, 'replaced');
    else peer.close(4409, 'replaced');
    await until(() => heard.length === 2, 'closed at both ends');
    expect(heard).toEqual(['4409 replaced', '4409 replaced']);
  }
});

/** A client of ours that may write what it likes behind the handshake. */
async function rude(): Promise<{ ours: DataSocket; stream: Duplex; heard: Buffer[] }> {
  let ours: DataSocket | null = null;
  const accept = (socket: DataSocket) => {
    ours = socket;
  };
  const listening = await serve([{ kind: 'data', path: '/', accept }]);
  opened.push(() => listening.close());
  const handshake = dialSocket({ url: listening.url, token: TOKEN });
  let stream: Duplex | null = null;
  const heard: Buffer[] = [];
  handshake.onsocket = (socket) => {
    stream = socket;
    socket.on('data', (chunk: Buffer) => void heard.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
  };
  await until(() => ours !== null && stream !== null, 'open');
  return { ours: ours!, stream: stream!, heard };
}

const M = 0x80;
// biome-ignore format: one case a line
test.each([
  ['a reserved bit',                   [0xa2, M],                    1002, 'RSV2 and RSV3 must be clear'],
  ['a compressed frame',               [0xc2, M],                    1002, 'RSV1 must be clear'],
  ['an unknown opcode',                [0x83, M],                    1002, 'invalid opcode 3'],
  ['a continuation of nothing',        [0x80, M],                    1002, 'invalid opcode 0'],
  ['a message within a message',       [0x02, M, 0, 0, 0, 0, 0x82, M], 1002, 'invalid opcode 2'],
  ['a ping in fragments',              [0x09, M],                    1002, 'FIN must be set'],
  ['a ping of 126 bytes',              [0x89, M | 126],              1002, 'invalid payload length 126'],
  ['a close of one byte',              [0x88, M | 1],                1002, 'invalid payload length 1'],
  ['a frame without a mask',           [0x82, 4],                    1002, 'MASK must be set'],
  ['a close code nobody may send',     [0x88, M | 2, 0, 0, 0, 0, 0x03, 0xee], 1002, 'invalid status code 1006'],
  ['a close reason that is no UTF-8',  [0x88, M | 3, 0, 0, 0, 0, 0x03, 0xe8, 0xff], 1007, 'invalid UTF-8'],
  ['a length of 2^63',                 [0x82, M | 127, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009, 'Max payload size exceeded'],
])('%s is answered with its code, counted, and heard of no more', async (_name, bytes, code, reason) => {
  const { ours, stream, heard } = await rude();
  let closed = '';
  ours.onclose = (c, r) => {
    closed = `${c} ${r}`;
  };
  stream.write(Uint8Array.from(bytes));
  await until(() => closed !== '', 'closed');
  expect(closed).toMatch(`${code} `);
  expect(closed).toContain(reason);
  expect(ours.badMessages).toBe(1);
  const said = Buffer.concat(heard);
  expect([said[0], said.readUInt16BE(2)]).toEqual([0x88, code]);
});

test('a peer that does not answer a close is cut off after 3 s', async () => {
  const { ours, stream } = await rude();
  stream.removeAllListeners('end');
  let closed = '';
  ours.onclose = (c) => {
    closed = String(c);
  };
  const began = performance.now();
  ours.close(1000, 'that is all');
  await until(() => closed !== '', 'closed', 6000);
  expect(performance.now() - began).toBeGreaterThan(2500);
  expect(closed).toBe('1006');
}, 10_000);

test('a socket that was upgraded moves to another DataSocket at once, and its server forgets it', async () => {
  let ours: DataSocket | null = null;
  const accept = (socket: DataSocket) => {
    ours = socket;
  };
  const listening = await serve([{ kind: 'data', path: '/', accept }]);
  opened.push(() => listening.close());
  const peer = new WebSocket(listening.url, { headers: { authorization: `Bearer ${TOKEN}` } });
  await until(() => ours !== null && peer.readyState === WebSocket.OPEN, 'open');
  const first = ours! as DataSocket;
  await until(() => first.idle, 'idle');
  const { socket, head } = first.detach();
  expect(listening.router.sockets).toBe(0);
  const second: DataSocket = new DataSocket(socket, head, { role: 'server', read: readAny });
  let frames = 0;
  second.onmessage = (_buf, _at, _length, n) => {
    frames += n;
  };
  peer.send(record(60));
  await until(() => frames === 1, 'heard by the second');
  let heard = 0;
  peer.on('message', () => void heard++);
  second.send(record(60), 0, 64);
  await until(() => heard === 1, 'heard by the peer');
  second.close();
  await until(() => peer.readyState === WebSocket.CLOSED, 'closed');
});
