import { AGENT_PATH, AGENT_PROTOCOL, type LinkState, type LinkStats } from '@etherloom/schema';
import { createServer, createUpgradeRouter, listen, type RpcPeer } from '@etherloom/transport-ws';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningSwitch, type SwitchOptions, startSwitch } from './start-switch.ts';
import { frameOf, linkSlice } from './testing.ts';
import { Station, until } from './testing-station.ts';

const log = { debug() {}, info() {}, warn() {} };
const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(options: Partial<SwitchOptions> = {}): Promise<RunningSwitch> {
  const running = await startSwitch({ log, port: 0, ...options });
  opened.push(() => running.close());
  return running;
}

function station(url: string, node: string, token?: string): Station {
  const made = new Station(url, node, { token });
  opened.push(() => made.cable.close());
  return made;
}

function wire(running: RunningSwitch, carrier = true): void {
  const links = [linkSlice('h1:eth0', 'h2:eth0', { carrier })];
  void running.service.call('switch.apply', { lans: [], links });
}

async function pair(running: RunningSwitch): Promise<[Station, Station]> {
  wire(running);
  const stations: [Station, Station] = [station(running.url, 'h1'), station(running.url, 'h2')];
  await until(() => stations.every((s) => s.carrier), 'both have a carrier');
  return stations;
}

test('frames cross real sockets in order, and the sums are exact while they flow', async () => {
  const running = await start();
  const [h1, h2] = await pair(running);
  const total = 20_000;
  const asked: (LinkStats | Promise<LinkStats>)[] = [];
  for (let no = 0; no < total; no += 200) {
    h1.send(...Array.from({ length: 200 }, (_, i) => frameOf(1, 2, 100, no + i)));
    h2.send(frameOf(2, 1, 64, no));
    if (no % 5000 === 0) asked.push(running.service.call('link.stats', { link: 'h1-eth0--h2-eth0' }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => h2.rx === total && h1.rx === total / 200, 'all have arrived');
  expect(h2.numbers).toEqual(Array.from({ length: total }, (_, i) => i));
  for (const stats of await Promise.all(asked)) expect(stats).toMatchObject({ balanced: true });
  expect(await running.service.call('link.stats', { link: 'h1-eth0--h2-eth0' })).toMatchObject({
    forward: { tx: total, rx: total, txBytes: total * 100, rxBytes: total * 100, drops: {}, queue: 0 },
    balanced: true,
  });
});

test('a carrier switched off and on by control shows at both ends, and the link heals', async () => {
  const running = await start();
  const [h1, h2] = await pair(running);
  wire(running, false);
  await until(() => !h1.carrier && !h2.carrier, 'no carrier');
  wire(running);
  await until(() => h1.carrier && h2.carrier, 'a carrier');
  h1.send(frameOf(1, 2));
  await until(() => h2.rx === 1, 'a frame');
});

test('a device that comes back after its switch was restarted on the same port is welcomed again', async () => {
  const first = await startSwitch({ log, port: 0 });
  const [h1, h2] = await pair(first);
  h1.send(frameOf(1, 2));
  await until(() => h2.rx === 1, 'a frame');
  await first.close();
  await until(() => !h1.carrier && !h2.carrier, 'no carrier');
  const second = await start({ port: first.port });
  wire(second);
  await until(() => h1.carrier && h2.carrier, 'a carrier');
  h1.send(frameOf(1, 2));
  await until(() => h2.rx === 2, 'another frame');
  expect(await second.service.call('link.stats', { link: 'h1-eth0--h2-eth0' })).toMatchObject({
    forward: { tx: 1, rx: 1 },
    balanced: true,
  });
});

test('a raw client is a station like any other', async () => {
  const running = await start();
  const lans = [{ name: 'office', ageing: 300 }];
  void running.service.call('switch.apply', { lans, links: [linkSlice('h1:eth0', 'lan:office')] });
  const h1 = station(running.url, 'h1');
  await until(() => h1.carrier, 'a carrier');
  const raw = new WebSocket(`ws://127.0.0.1:${running.port}/raw/office`);
  raw.binaryType = 'arraybuffer';
  opened.push(() => raw.close());
  const heard: number[] = [];
  raw.onmessage = (event) => void heard.push((event.data as ArrayBuffer).byteLength);
  await new Promise((resolve) => {
    raw.onopen = resolve;
  });
  raw.send(frameOf(9, 255, 60, 5));
  await until(() => h1.rx === 1, 'the raw frame');
  h1.send(frameOf(1, 9, 77), frameOf(1, 9, 42));
  await until(() => heard.length === 2, 'two messages');
  expect(heard).toEqual([77, 42]);
});

test('a URL to be told to nodes that nobody could dial is refused', async () => {
  await expect(start({ advertise: 'ws://127.0.0.1:99999' })).rejects.toMatchObject({
    code: 'EINVAL',
    message: expect.stringContaining('ws://127.0.0.1:99999'),
  });
});

describe('control', () => {
  test('a switch says hello to control, obeys it, and tells of links', async () => {
    const server = createServer();
    const hellos: unknown[] = [];
    const told: LinkState[] = [];
    let peer: RpcPeer | null = null;
    const accept = (p: RpcPeer) => {
      peer = p;
      p.handle('agent.hello', (params) => {
        hellos.push(params);
        return {};
      });
      p.handle('link.changed', (params) => void told.push((params as { link: LinkState }).link));
    };
    const routes = [{ kind: 'rpc' as const, path: AGENT_PATH, protocol: AGENT_PROTOCOL, accept }];
    const router = createUpgradeRouter({ server, authorize: () => true, routes });
    const { port } = await listen(server, { port: 0 });
    opened.push(() => router.close().then(() => server.close()));

    const running = await start({ controlUrl: `http://127.0.0.1:${port}`, name: 's1' });
    await until(() => hellos.length === 1, 'hello');
    expect(hellos[0]).toMatchObject({ role: 'switch', name: 's1', dataUrl: running.url });
    const call = (method: string, params: unknown) => peer!.call(method, params);
    await call('switch.apply', { lans: [], links: [linkSlice('h1:eth0', 'h2:eth0')] });
    station(running.url, 'h1');
    await until(() => told.some((link) => link.ends[0]!.attached), 'link.changed');
    await expect(call('link.stats', { link: 'nope' })).rejects.toMatchObject({ code: 'ENODEV' });
    await expect(call('port.set', { lan: 7 })).rejects.toMatchObject({ code: 'EINVAL' });
    expect((await fetch(`http://127.0.0.1:${running.port}/readyz`)).status).toBe(200);
  });

  test('a switch that waits for control is alive and not ready', async () => {
    const running = await start({ controlUrl: 'ws://127.0.0.1:9' });
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${running.port}${path}`)).status;
    expect([await get('/healthz'), await get('/readyz'), await get('/v1/data')]).toEqual([200, 503, 404]);
  });
});

describe('the door', () => {
  test('off loopback a switch does not start without a token, unless told to be insecure', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'EACCES',
      message: expect.stringMatching(/ETHERLOOM_TOKEN, ETHERLOOM_TOKEN_FILE or --token-file/),
    });
    const warnings: string[] = [];
    await start({
      host: '0.0.0.0',
      insecure: true,
      log: { ...log, warn: (_f, text) => void warnings.push(text) },
    });
    expect(warnings[0]).toMatch(/without a token/);
  });

  test('with a token nobody joins without it', async () => {
    const running = await start({ token: 'secret-token' });
    wire(running);
    const [h1, h2] = [station(running.url, 'h1', 'secret-token'), station(running.url, 'h2', 'wrong')];
    const h3 = station(running.url, 'h2', 'secret-token');
    await until(() => h1.carrier && h3.carrier, 'those with the token');
    expect(h2.cable.up).toBe(false);
  });

  test('a port in use is named', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  test('a switch that cannot start whole leaves no port open', async () => {
    const { port } = await start();
    await opened.pop()!();
    const nowhere = '/nonexistent/switch.sock';
    await expect(start({ port, dataSocket: nowhere })).rejects.toMatchObject({ code: expect.any(String) });
    await expect(start({ port, controlUrl: 'ftp://x' })).rejects.toMatchObject({ code: 'EINVAL' });
    expect((await start({ port })).port).toBe(port);
  });
});
