import { l4VnetFrame, VirtualHost } from '@etherloom/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Direction } from './direction.ts';
import type { LinkEnd } from './link-end.ts';
import { FakeDevice, FakeSwitch, frameOf, type LinkOptions, linkSlice } from './testing.ts';

const LIMITS = { frames: 30, bytes: 4000, age: 1000, highWater: 1000 };
const NAMES = ['h1:eth0', 'h2:eth0', 'h3:eth0', 'h4:eth0'] as const;

/** h1 and h2 on a wire, h3 and h4 on a LAN, all links alike. */
class World {
  readonly sw = new FakeSwitch(new VirtualHost(1), LIMITS);
  readonly devices = NAMES.map((name) => new FakeDevice(name));
  #options: LinkOptions = {};

  /** `vnet`: two of the devices send and take super-frames. */
  constructor(vnet = false) {
    this.apply({});
    for (const no of [0, 2]) this.device(no).vnet = vnet;
    for (const device of this.devices) device.connect(this.sw.door);
  }

  apply(options: LinkOptions): void {
    this.#options = { ...this.#options, ...options };
    const [h1, h2, h3, h4] = NAMES;
    const ends = [
      [h1, h2],
      [h3, 'lan:office'],
      [h4, 'lan:office'],
    ] as const;
    this.sw.apply(...ends.map(([a, b]) => linkSlice(a, b, this.#options)));
  }

  /** A frame as the device sends it; where super-frames cross, the longer ones are some. */
  frame(no: number, dst: number, length: number): Uint8Array {
    const frame = frameOf(no + 1, dst, length);
    if (!this.device(no).vnet) return frame;
    if (length < 100) return Uint8Array.of(...new Uint8Array(10), ...frame);
    const bytes = l4VnetFrame({ payload: new Uint8Array(300) }, 70);
    bytes.set(frame.subarray(0, 12), 10);
    return bytes;
  }

  device(no: number): FakeDevice {
    return this.devices[no]!;
  }

  get links() {
    return ['h1-eth0--h2-eth0', 'h3-eth0--office', 'h4-eth0--office'];
  }
}

type Step = (w: World) => void;
const who = fc.integer({ min: 0, max: 3 });
const impair = fc.record({
  delay: fc.constantFrom(0, 0.005),
  jitter: fc.constantFrom(0, 0.004),
  loss: fc.constantFrom(0, 0.3),
  rate: fc.constantFrom(0, 1e6),
  limit: fc.constantFrom(5, 1000),
  duplicate: fc.constantFrom(0, 0.5),
  corrupt: fc.constantFrom(0, 0.1),
  reorder: fc.constantFrom(0, 0.5),
  gap: fc.constantFrom(0, 2),
  ordered: fc.boolean(),
  ecn: fc.boolean(),
});
const options = fc.record(
  { mtu: fc.constantFrom(100, 65535), carrier: fc.boolean(), forward: impair, reverse: impair },
  { requiredKeys: [] },
);
const frames = fc.array(fc.tuple(fc.constantFrom(1, 2, 3, 4, 255), fc.constantFrom(64, 150)), {
  minLength: 1,
  maxLength: 30,
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(who, frames).map(
    ([n, list]): Step =>
      (w) => {
        w.device(n).send(
          list.map(([dst, length]) => w.frame(n, dst, length)),
          w.device(n).socket === null,
        );
      },
  ),
  fc.tuple(who, frames).map(
    ([n, list]): Step =>
      (w) => {
        w.device(n).send(
          list.map(([dst]) => w.frame(n, dst, 64)),
          true,
        );
        w.device(n).cut();
      },
  ),
  fc.tuple(who, fc.boolean()).map(
    ([n, on]): Step =>
      (w) =>
        w.device(n).stall(on),
  ),
  who.map(
    (n): Step =>
      (w) =>
        w.device(n).cut(),
  ),
  fc.tuple(who, fc.boolean()).map(
    ([n, vnet]): Step =>
      (w) => {
        if (w.device(n).socket !== null) return;
        w.device(n).vnet = vnet;
        w.device(n).connect(w.sw.door);
      },
  ),
  who.map(
    (n): Step =>
      (w) => {
        w.device(n).cut();
        Object.assign(w.device(n), { epoch: `${w.device(n).epoch}+`, tx: 0, rx: 0 });
      },
  ),
  fc.tuple(who, fc.boolean()).map(
    ([n, on]): Step =>
      (w) =>
        w.device(n).say({ type: 'carrier', on }),
  ),
  fc.integer({ min: 1, max: 1500 }).map(
    (ms): Step =>
      (w) =>
        w.sw.host.advance(ms),
  ),
  options.map(
    (o): Step =>
      (w) =>
        w.apply(o as LinkOptions),
  ),
);

/** Within the switch it holds at any moment: given + copies = dropped + held + queued + out. */
function conserved(direction: Direction, to: LinkEnd): void {
  const queue = to.port?.queue;
  const out = queue === undefined ? direction.passed : queue.sent + queue.frames;
  const sum = direction.drops.total + direction.held + out;
  const given = direction.tx + direction.copies;
  if (sum !== given) throw new Error(`${given} given, ${sum} accounted for`); // expect() is slow here
}

test('every frame is received, in one drop counter or under way, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 60 }), async (list) => {
      const w = new World(true);
      for (const step of list) {
        step(w);
        for (const name of w.links) {
          const link = w.sw.fabric.link(name);
          conserved(link.forward, link.b);
          conserved(link.reverse, link.a);
        }
      }
      for (const device of w.devices) {
        device.stall(false);
        if (device.socket === null) device.connect(w.sw.door);
      }
      for (const name of w.links) expect(await w.sw.stats(name)).toMatchObject({ name, balanced: true });
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('what was lost on a broken cable is told when the device is back', async () => {
  const w = new World();
  const [h1, h2] = w.devices as [FakeDevice, FakeDevice];
  h2.stall(true);
  h1.send([frameOf(1, 2), frameOf(1, 2), frameOf(1, 2)]);
  w.sw.host.runTurns();
  h2.cut();
  h1.send([frameOf(1, 2)], true);
  h1.cut();
  expect(await w.sw.stats(w.links[0]!)).toMatchObject({ balanced: false });
  h2.stall(false);
  h2.connect(w.sw.door);
  h1.connect(w.sw.door);
  h1.send([frameOf(1, 2), frameOf(1, 2)]);
  w.sw.host.runTurns();
  expect(await w.sw.stats(w.links[0]!)).toMatchObject({
    forward: { tx: 6, rx: 2, drops: { WIRE_LOST: 4 }, queue: 0 },
    balanced: true,
  });
});

test('another incarnation of a device begins anew without upsetting the sums', async () => {
  const w = new World();
  const [h1, h2] = w.devices as [FakeDevice, FakeDevice];
  h1.send([frameOf(1, 2), frameOf(1, 2)]);
  w.sw.host.runTurns();
  h2.cut();
  Object.assign(h2, { epoch: 'second', tx: 0, rx: 0 });
  h2.connect(w.sw.door);
  h1.send([frameOf(1, 2)]);
  w.sw.host.runTurns();
  expect(h2.rx).toBe(1);
  expect(await w.sw.stats(w.links[0]!)).toMatchObject({ forward: { tx: 3, rx: 3 }, balanced: true });
});

// biome-ignore format: one case a line
test.each([
  ['sent less than arrived',         { tx: 0, rx: 0 }],
  ['received more than it was sent', { tx: 2, rx: 9 }],
])('a device that says it has %s is not believed: the switch\'s own counts stand, and the sums are open', async (_name, lie) => {
  const w = new World();
  const [h1] = w.devices as [FakeDevice];
  h1.send([frameOf(1, 2), frameOf(1, 2)]);
  w.sw.host.runTurns();
  Object.assign(h1, lie);
  expect(await w.sw.stats(w.links[0]!)).toMatchObject({
    forward: { tx: 2, rx: 2 },
    reverse: { tx: 0, rx: 0 },
    balanced: false,
  });
});
