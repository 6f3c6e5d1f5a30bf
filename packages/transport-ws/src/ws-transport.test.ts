import type { DataHello } from '@etherloom/schema';
import type { CableMessage } from '@etherloom/transport';
import {
  type FarEnd,
  numberedBatch,
  RecordingHandler,
  type Rig,
  transportContract,
} from '@etherloom/transport/contract';
import { afterEach, expect, test, vi } from 'vitest';
import type { DataSocket } from './data-socket.ts';
import { type Listening, serve, TOKEN, until } from './testing.ts';
import { WsTransport } from './ws-transport.ts';

const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A switch port as small as can be: welcomes, and writes down what it hears. */
class Port implements FarEnd {
  readonly heard: (Uint8Array | CableMessage)[] = [];
  bytes = 0;
  readonly hellos: DataHello[] = [];
  readonly closed: string[] = [];
  welcomes = true;
  socket: DataSocket | null = null;

  accept(socket: DataSocket): void {
    this.socket = socket;
    socket.onmessage = (buf, offset, length) => {
      this.heard.push(new Uint8Array(buf.subarray(offset, offset + length)));
      this.bytes += length;
    };
    socket.onclose = (code, reason) => void this.closed.push(`${code} ${reason}`);
    socket.oncontrol = (message) => {
      if (message.type !== 'hello') this.heard.push(message);
      else {
        this.hellos.push(message);
        if (this.welcomes)
          socket.control({ type: 'welcome', port: 3, mtu: 9000, carrier: true, features: [] });
      }
    };
  }
  send(bytes: Uint8Array): void {
    this.socket!.send(bytes, 0, bytes.length);
  }
  control(message: CableMessage): void {
    this.socket!.control(message as never);
  }
  cut(): void {
    this.socket!.terminate();
  }
}

async function servePort(port = new Port(), at = 0): Promise<{ port: Port; listening: Listening }> {
  const accept = (socket: DataSocket) => port.accept(socket);
  const listening = await serve([{ kind: 'data', path: '/v1/data', protocol: 'etherloom.v1', accept }], {
    port: at,
  });
  opened.push(() => listening.close());
  return { port, listening };
}

function dialPort(url: string, extra: { token?: string } = {}): WsTransport {
  let tx = 0;
  const hello = (): DataHello => ({
    type: 'hello',
    node: 'h1',
    device: 'eth0',
    mac: '02:00:00:00:00:01',
    mtu: 1500,
    epoch: 'e1',
    tx: tx++,
    rx: 0,
    up: true,
    features: [],
  });
  const transport = new WsTransport({
    url: `${url}/v1/data`,
    token: TOKEN,
    hello,
    random: Math.random,
    ...extra,
  });
  opened.push(() => transport.close());
  return transport;
}

async function wsRig(): Promise<Rig> {
  const { port, listening } = await servePort();
  return { transport: dialPort(listening.url), far: port, until, dispose: async () => {} };
}

test.each(transportContract)('WebSocket: %s', async (_name, run) => {
  await run(await wsRig());
});

test('after a break the next hello carries the counters as they are then', async () => {
  const { port, listening } = await servePort();
  const transport = dialPort(listening.url);
  transport.open();
  await until(() => transport.up, 'up');
  port.cut();
  await until(() => port.hellos.length === 2 && transport.up, 'up again');
  expect(port.hellos.map((h) => h.tx)).toEqual([0, 1]);
});

test('a transport outlives its switch: up again once something listens there', async () => {
  const first = await servePort();
  const transport = dialPort(first.listening.url);
  transport.open();
  await until(() => transport.up, 'up');
  opened.shift();
  await first.listening.close();
  await until(() => !transport.up, 'down');
  const second = await servePort(new Port(), Number(new URL(first.listening.url).port));
  await until(() => transport.up, 'up again');
  expect(second.port.hellos.length).toBe(1);
});

test('a switch that falls silent without a word takes the cable down, and it is dialled again', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  opened.push(() => vi.useRealTimers());
  const { port, listening } = await servePort();
  const transport = dialPort(listening.url);
  const handler = new RecordingHandler();
  transport.handler = handler;
  transport.open();
  await until(() => transport.up, 'up');
  // A stopped process: the kernel still takes bytes for it, and nothing ever comes back.
  port.socket!.pause();
  const lent = numberedBatch(1, 60);
  transport.send(lent, 0, lent.length, 7);
  await until(() => handler.returned.length === 1, 'the kernel has taken it');
  vi.advanceTimersByTime(10_000);
  expect(transport.up).toBe(true);
  vi.advanceTimersByTime(2500);
  await until(() => !transport.up, 'down');
  expect(handler.log.slice(0, 3)).toEqual(['up', 'sent 7', 'down']);
  await until(() => port.hellos.length === 2 && transport.up, 'up again');
});

test('a switch that accepts and does not welcome is left after 5 s, and dialled again within 100 ms', async () => {
  const port = new Port();
  port.welcomes = false;
  const { listening } = await servePort(port);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  opened.push(() => vi.useRealTimers());
  const transport = dialPort(listening.url);
  transport.open();
  await until(() => port.hellos.length === 1, 'hello');
  vi.advanceTimersByTime(4999);
  expect(port.closed).toEqual([]);
  vi.advanceTimersByTime(1);
  await until(() => port.closed.length === 1, 'closed');
  expect(port.closed[0]).toBe('1002 no welcome');
  port.welcomes = true;
  await until(() => vi.getTimerCount() === 1, 'only the next attempt is waited for');
  vi.advanceTimersByTime(100);
  await until(() => transport.up, 'up');
});

test('a far end that stops reading holds what is lent, bounded by what the sender lends', async () => {
  const { port, listening } = await servePort();
  const transport = dialPort(listening.url);
  const handler = new RecordingHandler();
  transport.handler = handler;
  transport.open();
  await until(() => transport.up, 'up');
  port.socket!.pause();
  const batch = numberedBatch(43, 1500);
  let sent = 0;
  await until(() => {
    while (transport.pending <= transport.highWater) transport.send(batch, 0, batch.length, sent++);
    return sent > 40 && transport.pending > transport.highWater && handler.returned.length < sent - 4;
  }, 'the socket is full');
  expect(transport.pending).toBeLessThanOrEqual(transport.highWater + batch.length);
  port.socket!.resume();
  await until(() => transport.pending === 0, 'all is written');
  await until(() => port.bytes === sent * batch.length, 'all is read');
  expect(handler.returned).toEqual(Array.from({ length: sent }, (_, i) => i));
});

// biome-ignore format: one case a line
test.each([
  ['bytes that are no record',        Uint8Array.from([1, 2, 3]),               1007, 'whole',    0],
  ['nothing at all',                  new Uint8Array(0),                        1007, 'whole',    0],
  ['a batch that is cut short',       numberedBatch(2, 60).subarray(0, 100),    1007, 'whole',    1],
  ['a record of 13 bytes',            Uint8Array.from([...numberedBatch(3, 60), 0, 0, 0, 13, ...Array(13).fill(0)]), 1007, 'shorter', 3],
  ['a record longer than allowed',    Uint8Array.from([...numberedBatch(2, 60), 0, 1, 0, 18]), 1009, 'too long', 2],
  ['a message of more than 1 MiB',    new Uint8Array(1024 * 1024 + 1),          1009, 'exceeded', 0],
])('%s closes the channel with a code and a reason; what was whole before it has arrived', async (_name, bytes, code, reason, frames) => {
  const { port, listening } = await servePort();
  const transport = dialPort(listening.url);
  const handler = new RecordingHandler();
  transport.handler = handler;
  transport.open();
  await until(() => transport.up, 'up');
  transport.send(bytes, 0, bytes.length, 1);
  await until(() => port.closed.length === 1 && handler.reason !== '', 'closed');
  expect(handler.reason).toMatch(String(code));
  expect(port.closed[0]).toMatch(String(code));
  expect(port.closed[0]).toMatch(reason);
  expect(port.bytes).toBe(frames * 64);
});

test('a node that is told goodbye for good does not come back at once', async () => {
  const port = new Port();
  port.welcomes = false;
  const { listening } = await servePort(port);
  const transport = dialPort(listening.url);
  transport.open();
  await until(() => port.hellos.length === 1, 'hello');
  port.socket!.control({ type: 'bye', code: 'replaced', reason: 'another h1:eth0 came' });
  port.socket!.close(4409, 'replaced');
  await until(() => port.closed.length === 1, 'closed');
  expect(transport.up).toBe(false);
});

test('an address that can never be dialled is refused where it is given', () => {
  expect(() => dialPort('http://127.0.0.1')).toThrow(/must start with ws:/);
});
