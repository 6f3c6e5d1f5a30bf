import { numberedBatch } from '@etherloom/transport/contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { DataSocket } from './data-socket.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Listening, serve, TOKEN, until } from './testing.ts';

let listening: Listening;
let port: DataSocket | null = null;
let closed = '';

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  closed = '';
  port = null;
  const accept = (socket: DataSocket) => {
    port = socket;
    socket.onclose = (code) => {
      closed = String(code);
    };
  };
  listening = await serve([{ kind: 'data', path: '/v1/data', protocol: 'etherloom.v1', accept }]);
});

afterEach(async () => {
  vi.useRealTimers();
  await listening.close();
});

async function peer(autoPong: boolean): Promise<{ ws: WebSocket; pings: number[] }> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const ws = new WebSocket(`${listening.url}/v1/data`, ['etherloom.v1'], { headers, autoPong });
  const pings: number[] = [];
  ws.on('ping', () => pings.push(1));
  await until(() => ws.readyState === WebSocket.OPEN && port !== null, 'open');
  return { ws, pings };
}

/** A minute passes in steps, each with time for what is on the wire. */
async function pass(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 2500) {
    vi.advanceTimersByTime(2500);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a peer that answers is pinged each 5 s and kept', async () => {
  const { ws, pings } = await peer(true);
  await pass(60_000);
  expect([closed, pings.length]).toEqual(['', 12]);
  ws.terminate();
});

test('of two ends the server pings and the client answers, whichever began first', () => {
  const ends: Heartbeat[] = [];
  const pings = [0, 0];
  let dead = 0;
  const begin = (self: 0 | 1, role: 'server' | 'client') => {
    const ping = () => {
      pings[self]!++;
      ends[1 - self]!.heard();
      ends[self]!.heard(); // its pong
    };
    ends[self] = new Heartbeat({ role, paused: false, ping, dead: () => dead++ });
  };
  begin(0, 'client');
  vi.advanceTimersByTime(800);
  begin(1, 'server');
  vi.advanceTimersByTime(60_000);
  expect([...pings, dead]).toEqual([0, 12, 0]);
  for (const end of ends) end.stop();
});

test('a client pings a server that does not', () => {
  let pings = 0;
  const end = new Heartbeat({
    role: 'client',
    paused: false,
    ping: () => {
      pings++;
      end.heard();
    },
    dead: () => {},
  });
  vi.advanceTimersByTime(30_000);
  expect(pings).toBe(4);
  end.stop();
});

test('a peer that is silent for more than 10 s is given up', async () => {
  await peer(false);
  await pass(10_000);
  expect(closed).toBe('');
  await pass(2500);
  await until(() => closed !== '', 'given up');
  expect(closed).toBe('1006');
});

test('a peer that sends is alive, pong or no pong', async () => {
  const { ws } = await peer(false);
  for (let i = 0; i < 10; i++) {
    ws.send('{"type":"carrier","on":true}');
    await pass(5000);
  }
  expect(closed).toBe('');
  ws.terminate();
});

test('silence is not held against a peer that we do not read', async () => {
  const { ws } = await peer(true);
  port!.pause();
  await pass(60_000);
  port!.resume();
  await pass(10_000);
  expect(closed).toBe('');
  ws.terminate();
});

test('a peer that talks and takes nothing for 30 s is hung up on, and what it was lent comes home', async () => {
  const { ws } = await peer(true);
  const batch = numberedBatch(40, 1500);
  const home: number[] = [];
  let lent = 0;
  let taken = 0;
  port!.onsent = (token) => void home.push(token);
  ws.pause();
  await until(() => {
    taken = home.length;
    while (port!.pending < 1 << 23) port!.send(batch, 0, batch.length, lent++);
    return lent > 20 && home.length === taken;
  }, 'nothing more is taken');
  for (let at = 0; at < 30_000; at += 2500) {
    expect(closed).toBe('');
    ws.ping();
    await pass(2500);
  }
  ws.ping();
  await pass(2500);
  await pass(10000);
  await until(() => closed !== '', 'hung up on');
  expect([closed, port!.pending, home.length]).toEqual(['1013', 0, lent]);
  ws.terminate();
});
