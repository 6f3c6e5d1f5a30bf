import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { LinkStats, SwitchWorker } from '@etherloom/schema';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type RunningSwitch, type SwitchOptions, startSwitch } from './start-switch.ts';
import { frameOf, linkSlice } from './testing.ts';
import { Station, until } from './testing-station.ts';

const log = { debug() {}, info() {}, warn() {} };
const folder = mkdtempSync(join(tmpdir(), 'doors-'));
const opened: (() => unknown)[] = [];

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

function certificate(): { cert: string; key: string } {
  const words =
    '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=x';
  const san = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...words.split(' '), ...san], { cwd: folder, stdio: 'ignore' });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { cert: read('cert.pem'), key: read('key.pem') };
}

/** LAN b lives with the worker; h1 and h2 are plugged in there by the door whose URL is given. */
async function pairInWorker(
  options: Partial<SwitchOptions>,
  url: (running: RunningSwitch) => string,
): Promise<{ running: RunningSwitch; h1: Station; h2: Station }> {
  const workerArgv = ['--conditions=@etherloom/source', '--import', 'tsx'];
  const running = await startSwitch({ log, port: 0, workers: 2, workerArgv, ...options });
  opened.push(() => running.close());
  const lans = ['a', 'b'].map((name) => ({ name, ageing: 300 }));
  const links = ['h1:eth0', 'h2:eth0'].map((end) => linkSlice(end, 'lan:b'));
  await running.service.call('switch.apply', { lans, links });
  const [h1, h2] = ['h1', 'h2'].map((node) => {
    const made = new Station(url(running), node, { ca: options.tls?.cert });
    opened.push(() => made.cable.close());
    return made;
  }) as [Station, Station];
  await until(() => h1.carrier && h2.carrier, 'carriers');
  const [, worker] = (await running.service.call('switch.workers', {})) as SwitchWorker[];
  expect(worker!.lans).toEqual(['b']);
  return { running, h1, h2 };
}

async function exchange(h1: Station, h2: Station): Promise<void> {
  const had = [h1.rx, h2.rx] as const;
  for (let no = 0; no < 2000; no += 100) {
    h1.send(...Array.from({ length: 100 }, (_, i) => frameOf(1, 2, 900, no + i)));
    h2.send(frameOf(2, 1));
  }
  await until(() => h2.rx - had[1] === 2000 && h1.rx - had[0] === 20, 'frames both ways');
}

test('TLS ends at the door: devices of a worker are served through it, in order and to the last frame', async () => {
  const tls = certificate();
  const { running, h1, h2 } = await pairInWorker({ tls }, ({ url }) => url);
  expect(running.url).toMatch(/^wss:/);
  await exchange(h1, h2);
  expect(h2.numbers).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  const stats = (await running.service.call('link.stats', { link: 'h1-eth0--b' })) as LinkStats;
  expect(stats).toMatchObject({ forward: { tx: 2000, rx: 2000 }, balanced: true });
});

test('a LAN of TLS devices moves to the worker and back without a reconnect', async () => {
  const { running, h1, h2 } = await pairInWorker({ tls: certificate() }, ({ url }) => url);
  let lost = 0;
  for (const s of [h1, h2]) s.onDown = () => lost++;
  for (const worker of [0, 1]) {
    await running.service.call('lan.move', { lan: 'b', worker });
    await exchange(h1, h2);
  }
  const stats = (await running.service.call('link.stats', { link: 'h1-eth0--b' })) as LinkStats;
  expect(stats).toMatchObject({ forward: { tx: 4000, rx: 4000 }, balanced: true });
  expect(lost).toBe(0);
});

test('the end of a TLS device is the end of what was carried for it, and no socket file is left', async () => {
  const { running, h1, h2 } = await pairInWorker({ tls: certificate() }, ({ url }) => url);
  h1.cable.close();
  await until(async () => {
    const { links } = (await running.service.call('switch.state', {})) as {
      links: { ends: { attached: boolean }[] }[];
    };
    return !links[0]!.ends[0]!.attached;
  }, 'gone');
  expect(h2.carrier).toBe(true);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`etherloom-pair-${process.pid}-`))).toEqual(
    [],
  );
});

test('devices that come by a UNIX socket are handed over as others are', async () => {
  const dataSocket = join(folder, 'data.sock');
  const { running, h1, h2 } = await pairInWorker({ dataSocket }, () => `ws+unix:${dataSocket}:/v1/data`);
  await exchange(h1, h2);
  const stats = (await running.service.call('link.stats', { link: 'h1-eth0--b' })) as LinkStats;
  expect(stats).toMatchObject({ forward: { tx: 2000, rx: 2000 }, balanced: true });
});
