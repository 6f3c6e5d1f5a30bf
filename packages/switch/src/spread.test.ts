import process from 'node:process';
import type {
  LanPort,
  LinkState,
  LinkStats,
  SwitchApply,
  SwitchState,
  SwitchWorker,
} from '@etherloom/schema';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningSwitch, type SwitchOptions, startSwitch } from './start-switch.ts';
import { frameOf, linkSlice } from './testing.ts';
import { Station, until } from './testing-station.ts';

const SOURCE = ['--conditions=@etherloom/source', '--import', 'tsx'];
const lines: string[] = [];
const log = { debug() {}, info: note, warn: note };
const opened: (() => unknown)[] = [];

function note(_fields: object, text: string): void {
  lines.push(text);
}

afterEach(async () => {
  lines.length = 0;
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(options: Partial<SwitchOptions> = {}): Promise<RunningSwitch> {
  const running = await startSwitch({ log, port: 0, workers: 2, workerArgv: SOURCE, ...options });
  opened.push(() => running.close());
  return running;
}

function station(running: RunningSwitch, node: string): Station {
  const made = new Station(running.url, node);
  opened.push(() => made.cable.close());
  return made;
}

/** LANs a and b of two devices each: with two workers, one LAN on each. */
const TWO_LANS: SwitchApply = {
  lans: [
    { name: 'a', ageing: 300 },
    { name: 'b', ageing: 300 },
  ],
  links: ['a1', 'a2', 'b1', 'b2'].map((node) => linkSlice(`${node}:eth0`, `lan:${node[0]}`)),
};

interface Office {
  readonly running: RunningSwitch;
  readonly a: [Station, Station];
  readonly b: [Station, Station];
}

async function twoLans(options: Partial<SwitchOptions> = {}): Promise<Office> {
  const running = await start(options);
  await running.service.call('switch.apply', TWO_LANS);
  const [a1, a2, b1, b2] = ['a1', 'a2', 'b1', 'b2'].map((node) => station(running, node)) as [
    Station,
    Station,
    Station,
    Station,
  ];
  await until(() => [a1, a2, b1, b2].every((s) => s.carrier), 'carriers');
  return { running, a: [a1, a2], b: [b1, b2] };
}

async function workers(running: RunningSwitch): Promise<SwitchWorker[]> {
  return running.service.call('switch.workers', {});
}

async function stats(running: RunningSwitch, link: string): Promise<LinkStats> {
  return running.service.call('link.stats', { link });
}

/** What the pair sent and got is what the links say. */
async function balanced(running: RunningSwitch, lan: string): Promise<boolean> {
  const both = await Promise.all(['1', '2'].map((no) => stats(running, `${lan}${no}-eth0--${lan}`)));
  return both.every((link) => link.balanced);
}

async function talk([first, second]: [Station, Station], frames = 50): Promise<void> {
  const [had, has] = [second.rx, first.rx];
  first.send(...Array.from({ length: frames }, (_, i) => frameOf(1, 2, 64, i)));
  second.send(...Array.from({ length: frames }, (_, i) => frameOf(2, 1, 64, i)));
  await until(() => second.rx - had === frames && first.rx - has === frames, 'frames both ways');
}

describe('where LANs live', () => {
  test('one LAN starts no process', async () => {
    const running = await start();
    await running.service.call('switch.apply', {
      lans: [{ name: 'a', ageing: 300 }],
      links: [linkSlice('a1:eth0', 'lan:a'), linkSlice('a2:eth0', 'lan:a')],
    });
    const pair: [Station, Station] = [station(running, 'a1'), station(running, 'a2')];
    await until(() => pair.every((s) => s.carrier), 'carriers');
    await talk(pair);
    expect(await workers(running)).toMatchObject([{ worker: 0, pid: process.pid, lans: ['a'] }]);
  });

  test('two LANs live in two processes, and each forwards its own', async () => {
    const { running, a, b } = await twoLans();
    await talk(a);
    await talk(b);
    const [own, other] = await workers(running);
    expect([own!.lans, other!.lans]).toEqual([['a'], ['b']]);
    expect(other!.pid).not.toBe(process.pid);
    expect(await balanced(running, 'b')).toBe(true);
    expect([own!.frames, other!.frames]).toEqual([200, 200]);
  });

  test('a lab that is applied again moves nothing; what is new goes where the fewest are', async () => {
    const { running } = await twoLans();
    const lans = [{ name: 'c', ageing: 300 }, ...TWO_LANS.lans.toReversed(), { name: 'd', ageing: 300 }];
    await running.service.call('switch.apply', { lans, links: TWO_LANS.links });
    const placed = await workers(running);
    expect(placed.map((w) => w.lans.toSorted())).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  test('every question has the answer that a switch of one process gives', async () => {
    const answers: unknown[] = [];
    for (const count of [1, 2]) {
      const { running, a, b } = await twoLans({ workers: count });
      await talk(a);
      await talk(b);
      const call = async (
        method: 'fdb.list' | 'switch.state' | 'lan.ports' | 'link.stats' | 'port.set' | 'fdb.add' | 'fdb.del',
        params: unknown,
      ) => {
        try {
          return await running.service.call(method, params);
        } catch (err) {
          return { code: (err as { code?: string }).code, message: (err as Error).message };
        }
      };
      const fdb = (await call('fdb.list', { lan: 'b' })) as { mac: string; ifname: string }[];
      answers.push([
        await call('switch.state', {}),
        await call('lan.ports', { lan: 'b' }),
        fdb.map(({ mac, ifname }) => [mac, ifname]),
        await call('link.stats', { link: 'b1-eth0--b' }),
        await call('port.set', { lan: 'b', port: 1, patch: { isolated: true } }),
        await call('port.set', { lan: 'b', port: 9, patch: {} }),
        await call('fdb.add', { lan: 'b', mac: '02:00:00:00:00:77', ifname: 'b1:eth0', state: 'static' }),
        await call('fdb.add', { lan: 'b', mac: '03:00:00:00:00:77', ifname: 'b1:eth0', state: 'static' }),
        await call('fdb.del', { lan: 'b', mac: '02:00:00:00:00:77' }),
        await call('fdb.del', { lan: 'b', mac: '02:00:00:00:00:77' }),
        await call('fdb.list', { lan: 'nowhere' }),
        await call('link.stats', { link: 'nowhere' }),
      ]);
      for (const close of opened.splice(0).reverse()) await close();
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  test('what is refused changes nothing', async () => {
    const { running } = await twoLans();
    const links = [linkSlice('a1:eth0', 'lan:a'), linkSlice('a1:eth0', 'lan:b')];
    await expect(
      (async () => running.service.call('switch.apply', { lans: TWO_LANS.lans, links }))(),
    ).rejects.toMatchObject({ code: 'EBUSY' });
    expect(((await running.service.call('switch.state', {})) as SwitchState).links).toHaveLength(4);
  });

  test('a link that is plugged into the LAN of another worker takes its device there, counters and all', async () => {
    const { running, a, b } = await twoLans();
    await talk(a);
    const links = TWO_LANS.links.map((link) => (link.a === 'a1:eth0' ? linkSlice('a1:eth0', 'lan:b') : link));
    await running.service.call('switch.apply', { lans: TWO_LANS.lans, links });
    await until(() => a[0].carrier, 'a carrier at its new place');
    const had = b[0].rx;
    a[0].send(frameOf(1, 255));
    await until(() => b[0].rx === had + 1, 'a frame in the other LAN');
    expect(await stats(running, 'a1-eth0--b')).toMatchObject({ forward: { tx: 1, rx: 1 }, balanced: true });
  });

  test('changes of links are told wherever they happen', async () => {
    const { running, b } = await twoLans();
    b[0].cable.control({ type: 'carrier', on: false });
    await until(async () => {
      const { links } = (await running.service.call('switch.state', {})) as SwitchState;
      return links.some((link: LinkState) => link.name === 'b1-eth0--b' && !link.ends[0]!.up);
    }, 'down');
  });
});

describe('a LAN that moves', () => {
  test.each([
    ['to a worker', 'a', 1],
    ['to the process that listens', 'b', 0],
  ] as const)('%s keeps its devices, what it has learned and its sums', async (_where, lan, worker) => {
    const office = await twoLans();
    const { running } = office;
    const pair = office[lan];
    await talk(pair);
    const monitor = new WebSocket(`ws://127.0.0.1:${running.port}/raw/${lan}`);
    opened.push(() => monitor.close());
    const overheard: unknown[] = [];
    monitor.onmessage = (event) => overheard.push(event);
    await new Promise((resolve) => {
      monitor.onopen = resolve;
    });
    const ports = async () => (await running.service.call('lan.ports', { lan })) as LanPort[];
    await until(async () => (await ports()).length === 3, 'the monitor');
    const before = await ports();
    let lost = 0;
    for (const s of pair) s.onDown = () => lost++;
    await running.service.call('lan.move', { lan, worker });
    expect((await workers(running)).find((w) => w.worker === worker)!.lans).toContain(lan);
    expect(await ports()).toEqual(before);
    await talk(pair, 200);
    pair[0].send(frameOf(1, 255));
    await until(() => overheard.length > 0, 'the monitor is there');
    expect(overheard).toHaveLength(1);
    expect(lost).toBe(0);
    const link = await stats(running, `${lan}1-eth0--${lan}`);
    expect(link).toMatchObject({ forward: { tx: 251, rx: 251, drops: {} }, balanced: true });
  });

  test('under load, to and fro, loses nothing that is not counted', async () => {
    const { running, a } = await twoLans();
    await talk(a);
    let sending = true;
    const load = (async () => {
      for (let no = 0; sending; no++) {
        for (const [src, dst] of [
          [0, 1],
          [1, 0],
        ] as const) {
          a[src].send(...Array.from({ length: 64 }, (_, i) => frameOf(src + 1, dst + 1, 200, no * 64 + i)));
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    for (const worker of [1, 0, 1, 0, 1]) {
      const had = a[0].rx;
      await running.service.call('lan.move', { lan: 'a', worker });
      await until(() => a[0].rx > had + 500, 'traffic goes on');
    }
    sending = false;
    await load;
    await until(() => balanced(running, 'a'), 'sums that add up');
    const { forward } = await stats(running, 'a1-eth0--a');
    expect(forward.tx).toBe(a[0].tx);
  });

  test('to a worker that is not there is refused', async () => {
    const { running } = await twoLans();
    const move = async (lan: string, worker: number) => running.service.call('lan.move', { lan, worker });
    await expect(move('a', 2)).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(move('z', 1)).rejects.toMatchObject({ code: 'ENODEV' });
    const alone = await start({ workers: 1 });
    await alone.service.call('switch.apply', TWO_LANS);
    await expect(
      (async () => alone.service.call('lan.move', { lan: 'a', worker: 1 }))(),
    ).rejects.toMatchObject({
      code: 'EINVAL',
    });
  });
});

test('a worker that is killed takes down only its own LANs, and all comes back by itself', async () => {
  const { running, a, b } = await twoLans();
  await talk(a);
  await talk(b);
  const [, other] = await workers(running);
  process.kill(other!.pid, 'SIGKILL');
  await until(() => !b[0].carrier, 'b is cut off');
  await talk(a);
  expect(a.every((s) => s.carrier)).toBe(true);
  await until(() => b.every((s) => s.carrier), 'b is back', 20_000);
  await talk(b);
  expect(await balanced(running, 'b')).toBe(true);
  expect(await balanced(running, 'a')).toBe(true);
  expect(lines.join()).toContain('a worker of the switch has ended');
  expect((await workers(running))[1]!.pid).not.toBe(other!.pid);
}, 40_000);
