import type { FdbEntry, LanPort, LinkStats } from '@etherloom/schema';
import { VirtualHost } from '@etherloom/testkit';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { LocalShard } from './local-shard.ts';
import { FakeDevice, frameOf, type LinkOptions, linkSlice, noOf } from './testing.ts';

const log = { debug() {}, info() {}, warn() {} };
const NAMES = ['h1:eth0', 'h2:eth0', 'h3:eth0'] as const;
const LINKS = ['h1-eth0--office', 'h2-eth0--office', 'h3-eth0--office'];

/** One LAN and three devices on a machine of two shards; the LAN is on the first. */
class World {
  readonly host = new VirtualHost(1);
  readonly shards = [this.#shard(0), this.#shard(1)];
  readonly devices = NAMES.map((name) => new FakeDevice(name));
  at = 0;

  constructor(options: LinkOptions = {}) {
    this.apply(options);
    for (const device of this.devices) device.connect(this.home.door);
  }

  get home(): LocalShard {
    return this.shards[this.at]!;
  }

  apply(options: LinkOptions): void {
    const links = NAMES.map((name) => linkSlice(name, 'lan:office', options));
    this.home.fabric.apply({ lans: [{ name: 'office', ageing: 300 }], links });
  }

  device(no: number): FakeDevice {
    return this.devices[no]!;
  }

  async move(): Promise<void> {
    const lifting = this.home.lift('lan:office');
    this.host.advance(1000); // what a device does not read by then is given up
    const lifted = (await lifting)!;
    this.at = 1 - this.at;
    this.home.land(crossed(lifted));
  }

  async stats(link: string): Promise<LinkStats> {
    const stats = this.home.service.call('link.stats', { link });
    this.host.advance(2000);
    return stats;
  }

  fdb(): FdbEntry[] {
    return this.home.service.call('fdb.list', { lan: 'office' }) as FdbEntry[];
  }

  ports(): LanPort[] {
    return this.home.service.call('lan.ports', { lan: 'office' }) as LanPort[];
  }

  #shard(worker: number): LocalShard {
    return new LocalShard({ worker, host: this.host, log, onLinkChanged: () => {} });
  }
}

/** The state as it is after a message between processes; sockets go beside it. */
function crossed<T extends { state: object; sockets: unknown }>({ state, sockets }: T): T {
  return { state: structuredClone(state), sockets } as T;
}

let w: World;

beforeEach(() => {
  w = new World();
});

describe('a LAN that moves', () => {
  test('keeps what it has learned, with its ages: nobody overhears after the move', async () => {
    w.device(0).send([frameOf(1, 255)]);
    w.device(1).send([frameOf(2, 1)]);
    w.host.advance(7000);
    const before = w.fdb();
    await w.move();
    expect(w.fdb().map(({ mac, ifname }) => [mac, ifname])).toEqual(
      before.map(({ mac, ifname }) => [mac, ifname]),
    );
    expect(w.fdb()[0]!.updated ?? -1).toBeGreaterThanOrEqual(before[0]!.updated ?? 0);
    w.device(0).send([frameOf(1, 2)]);
    w.host.runTurns();
    expect(w.devices.map((device) => device.rx)).toEqual([1, 2, 1]);
  });

  test('tells its devices nothing', async () => {
    const heard = w.devices.map((device) => device.heard.length);
    await w.move();
    expect(w.devices.map((device) => device.heard.length)).toEqual(heard);
    expect(w.devices.map((device) => device.closedWith)).toEqual([0, 0, 0]);
  });

  test('keeps port numbers, also with a gap, and what was set on ports', async () => {
    w.home.fabric.apply({
      lans: [{ name: 'office', ageing: 300 }],
      links: [NAMES[0], NAMES[2]].map((name) => linkSlice(name, 'lan:office')),
    });
    w.home.fabric.lan('office').port(3).set({ isolated: true });
    w.device(0).send([frameOf(1, 255)]);
    w.host.runTurns();
    const before = w.ports();
    expect(before.map(({ port }) => port)).toEqual([1, 3]);
    await w.move();
    expect(w.ports()).toEqual(before);
  });

  test('leaves nothing behind', async () => {
    const [old] = w.shards;
    await w.move();
    expect(old!.fabric.state()).toEqual({ lans: [], links: [] });
    expect(old!.fabric.knownPort('h1:eth0')).toBeNull();
  });

  test('sends a device that does not read away, and knows what it lost', async () => {
    w.device(1).stall(true);
    w.device(0).send([frameOf(1, 2), frameOf(1, 2)]);
    w.host.runTurns();
    await w.move();
    expect(w.device(1).closedWith).toBe(1012);
    w.device(1).cut();
    w.device(1).stall(false);
    w.device(1).connect(w.home.door);
    expect(await w.stats(LINKS[1]!)).toMatchObject({
      reverse: { tx: 2, rx: 0, drops: { WIRE_LOST: 2 } },
      balanced: true,
    });
  });

  test('drops what is under way on an impaired link, and says so', async () => {
    w = new World({ forward: { delay: 10 } });
    w.device(0).send([frameOf(1, 255), frameOf(1, 255)]);
    await w.move();
    expect(await w.stats(LINKS[0]!)).toMatchObject({
      forward: { tx: 2, rx: 0, drops: { LAN_MOVED: 2 } },
      balanced: true,
    });
  });
});

describe('an impaired link that moves', () => {
  const half = { loss: 0.5, duplicate: 0.3, lossCorrelation: 0.2, seed: 5 };
  const sendHundred = () => {
    for (let no = 0; no < 100; no++) w.device(0).send([frameOf(1, 255, 64, no)]);
    w.host.runTurns();
  };

  test('goes on in the sequence of its seed, as if it had stayed', async () => {
    const run = async (between: () => Promise<void>) => {
      w = new World({ forward: half });
      sendHundred();
      await between();
      sendHundred();
      return w.device(1).frames.map(noOf);
    };
    const stayed = await run(async () => {
      w.host.advance(1000);
    });
    const moved = await run(() => w.move());
    expect(moved).toEqual(stayed);
    expect(moved.slice(moved.length / 2)).not.toEqual(moved.slice(0, moved.length / 2));
  });

  test('keeps what it has counted', async () => {
    w = new World({ forward: { ...half, delay: 0.001 } });
    sendHundred();
    w.host.advance(10);
    const before = await w.stats(LINKS[0]!);
    await w.move();
    expect(await w.stats(LINKS[0]!)).toEqual(before);
    expect(before.forward.impair).toMatchObject({ lost: expect.any(Number), duplicated: expect.any(Number) });
    expect(before.forward.lateness).toBeDefined();
  });
});

type Step = (w: World) => void | Promise<void>;
const who = fc.integer({ min: 0, max: 2 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((world) => world.move()),
  fc.tuple(who, fc.array(fc.constantFrom(1, 2, 3, 255), { minLength: 1, maxLength: 20 })).map(
    ([n, list]): Step =>
      (world) => {
        const device = world.device(n);
        device.send(
          list.map((dst) => frameOf(n + 1, dst)),
          device.socket === null,
        );
      },
  ),
  who.map(
    (n): Step =>
      (world) =>
        world.device(n).cut(),
  ),
  who.map(
    (n): Step =>
      (world) =>
        world.device(n).connect(world.home.door),
  ),
  fc.tuple(who, fc.boolean()).map(
    ([n, on]): Step =>
      (world) =>
        world.device(n).stall(on),
  ),
  fc.constantFrom(0, 1, 5, 300).map(
    (ms): Step =>
      (world) =>
        world.host.advance(ms),
  ),
  fc.record({ delay: fc.constantFrom(0, 0.005), duplicate: fc.constantFrom(0, 0.5) }).map(
    (forward): Step =>
      (world) =>
        world.apply({ forward }),
  ),
);

test('whatever happens around moves, every frame is received or in a drop counter', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 25 }), async (list) => {
      const world = new World();
      for (const step of list) await step(world);
      for (const device of world.devices) {
        device.stall(false);
        if (device.closedWith !== 0) device.socket = null;
        if (device.socket === null) device.connect(world.home.door);
      }
      world.host.advance(2000);
      for (const link of LINKS) expect(await world.stats(link)).toMatchObject({ balanced: true });
    }),
    { seed: 7, numRuns: 300 },
  );
});
