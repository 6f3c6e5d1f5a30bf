import type { Impair } from '@etherloom/schema';
import { l4VnetFrame, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { type FakeDevice, FakeSwitch, frameOf, linkSlice, noOf } from './testing.ts';

const NAME = 'h1-eth0--h2-eth0';

/** A wire from h1 to h2 on a machine whose time belongs to the test. */
class Wire {
  readonly sw = new FakeSwitch(new VirtualHost(1));
  readonly h1: FakeDevice;
  readonly h2: FakeDevice;
  /** What has arrived, with its time. */
  readonly log: string[] = [];

  constructor(forward: Partial<Impair>) {
    this.impair(forward);
    this.h1 = this.sw.device('h1:eth0');
    this.h2 = this.sw.device('h2:eth0');
  }

  impair(forward: Partial<Impair> | undefined): void {
    this.sw.apply(linkSlice('h1:eth0', 'h2:eth0', forward === undefined ? {} : { forward }));
  }

  send(...frames: Uint8Array[]): void {
    this.h1.send(frames);
    this.sw.host.runTurns();
    this.#note();
  }

  advance(ms: number): void {
    for (let i = 0; i < ms * 4; i++) {
      this.sw.host.advance(0.25);
      this.#note();
    }
  }

  get direction() {
    return this.sw.fabric.link(NAME).forward;
  }

  numbers(): number[] {
    return this.h2.frames.map(noOf);
  }

  async stats() {
    const { forward, balanced } = await this.sw.stats(NAME);
    return { ...forward, balanced };
  }

  #note(): void {
    for (const frame of this.h2.frames.slice(this.log.length))
      this.log.push(`${this.sw.host.now()} ${Buffer.from(frame).toString('hex')}`);
  }
}

const EVERYTHING: Partial<Impair> = {
  ...{ delay: 0.005, jitter: 0.002, delayCorrelation: 0.25, distribution: 'normal' },
  ...{ lossGemodel: { p: 0.05, r: 0.3, '1-h': 0.8, '1-k': 0.01 }, duplicate: 0.1, duplicateCorrelation: 0.1 },
  ...{
    corrupt: 0.1,
    corruptCorrelation: 0.2,
    reorder: 0.2,
    reorderCorrelation: 0.5,
    gap: 3,
    rate: 5_000_000,
  },
  ...{
    packetOverhead: 4,
    cellSize: 48,
    cellOverhead: 5,
    slot: { minDelay: 0.001, maxDelay: 0.002, packets: 20 },
  },
  ...{ limit: 60, seed: 99 },
};

/** The same traffic each time: bursts of frames of many sizes, some of them IP that knows of congestion. */
function replay(wire: Wire, from = 0, frames = 600): void {
  for (let no = from; no < from + frames; no += 3) {
    wire.send(...[no, no + 1, no + 2].map((n) => ipFrame(n, 64 + ((n * 37) % 1000))));
    wire.advance(1);
  }
}

/** IPv4, ECT(0), and a number at the end. */
function ipFrame(no: number, length: number): Uint8Array {
  const frame = frameOf(1, 2, length, no);
  frame.set([0x45, 0x02, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0], 14);
  return frame;
}

describe('a seed', () => {
  test('every impairment at once, recorded and replayed: the same bytes at the same times', async () => {
    const run = async () => {
      const wire = new Wire(EVERYTHING);
      replay(wire);
      wire.advance(300);
      return { log: wire.log, stats: await wire.stats() };
    };
    const recorded = await run();
    const again = await run();
    expect(again).toEqual(recorded);
    expect(recorded.stats).toMatchObject({ balanced: true, queue: 0 });
    for (const what of ['lost', 'duplicated', 'corrupted', 'reordered', 'delayed'] as const)
      expect([what, recorded.stats.impair![what] > 0]).toEqual([what, true]);
  });

  test('another seed is another fate', () => {
    const logs = [1, 2].map((seed) => {
      const wire = new Wire({ ...EVERYTHING, seed });
      replay(wire, 0, 60);
      return wire.log;
    });
    expect(logs[0]).not.toEqual(logs[1]);
  });

  test('saying the same again does not begin the sequence anew; taking it away and back does', () => {
    const loss = { loss: 0.5, seed: 7 };
    const arrived = (between: (wire: Wire) => void) => {
      const wire = new Wire(loss);
      for (let no = 0; no < 200; no++) {
        if (no === 100) between(wire);
        wire.send(frameOf(1, 2, 64, no % 100));
      }
      const numbers = wire.numbers();
      const half = numbers.findIndex((no, i) => i > 0 && no < numbers[i - 1]!);
      return [numbers.slice(0, half), numbers.slice(half)];
    };
    const [first, second] = arrived((wire) => wire.impair(loss));
    expect(second).not.toEqual(first);
    expect(arrived((wire) => wire.impair({ ...loss, delay: 0 }))[1]).toEqual(second);
    const [before, anew] = arrived((wire) => {
      wire.impair(undefined);
      wire.impair(loss);
    });
    expect(anew).toEqual(before);
  });

  test('taking it away while frames are held begins it anew as well', () => {
    const loss = { loss: 0.5, delay: 0.1, seed: 7 };
    const wire = new Wire(loss);
    const batch = () => wire.send(...Array.from({ length: 100 }, (_, no) => frameOf(1, 2, 64, no)));
    batch();
    const held = wire.direction.held;
    expect(held).toBeGreaterThan(0);
    wire.impair(undefined);
    wire.impair(loss);
    batch();
    wire.advance(200);
    const numbers = wire.numbers();
    expect(numbers.slice(held)).toEqual(numbers.slice(0, held));
  });
});

describe('what happens to a frame', () => {
  test('a duplicate is one extra copy with the same bytes, and in the account as a copy', async () => {
    const wire = new Wire({ duplicate: 1, delay: 0.001 });
    wire.send(frameOf(1, 2, 100, 5), frameOf(1, 2, 90, 6));
    wire.advance(2);
    expect(wire.numbers()).toEqual([5, 5, 6, 6]);
    expect(wire.h2.frames[0]).toEqual(wire.h2.frames[1]);
    expect(await wire.stats()).toMatchObject({
      tx: 2,
      rx: 4,
      drops: {},
      impair: { duplicated: 2 },
      balanced: true,
    });
  });

  test('a copy that is lost is counted as made and as lost', async () => {
    const wire = new Wire({ duplicate: 1, loss: 0.5, seed: 3 });
    for (let no = 0; no < 100; no++) wire.send(frameOf(1, 2, 64, no));
    const { tx, rx, drops, impair, balanced } = await wire.stats();
    expect(balanced).toBe(true);
    expect(drops['NETEM_LOSS']).toBe(impair!.lost);
    expect(tx + impair!.duplicated).toBe(rx + impair!.lost);
  });

  test('corrupting turns exactly one bit over, in one copy alone', async () => {
    const wire = new Wire({ corrupt: 0.5, duplicate: 1, seed: 11 });
    const sent = frameOf(1, 2, 200, 9);
    wire.send(sent, sent, sent, sent);
    const flipped = wire.h2.frames.map((frame) =>
      frame.reduce((bits, byte, i) => bits + popcount(byte ^ sent[i]!), 0),
    );
    expect(flipped.length).toBe(8);
    const { impair } = await wire.stats();
    expect(flipped.filter((bits) => bits === 1).length).toBe(impair!.corrupted);
    expect(flipped.filter((bits) => bits > 1)).toEqual([]);
    expect(impair!.corrupted).toBeGreaterThan(0);
    expect(impair!.corrupted).toBeLessThan(8);
  });

  test('what overtakes goes at once and is counted', async () => {
    const wire = new Wire({ delay: 0.01, reorder: 1, gap: 4 });
    wire.send(...[1, 2, 3, 4, 5].map((no) => frameOf(1, 2, 64, no)));
    expect(wire.numbers()).toEqual([4]);
    wire.advance(11);
    expect(wire.numbers()).toEqual([4, 1, 2, 3, 5]);
    expect((await wire.stats()).impair).toMatchObject({ reordered: 1, delayed: 4 });
  });

  test('where a loss may be a mark, IP that knows of marks arrives marked, and the rest is lost', async () => {
    const wire = new Wire({ loss: 1, ecn: true });
    wire.send(ipFrame(1, 100), frameOf(1, 2, 100, 2));
    expect(wire.numbers()).toEqual([1]);
    expect(wire.h2.frames[0]![15]).toBe(3);
    expect(await wire.stats()).toMatchObject({ impair: { ecnMarked: 1, lost: 1 }, drops: { NETEM_LOSS: 1 } });
  });

  test('what is over the limit is counted, copies too', async () => {
    const wire = new Wire({ delay: 1, duplicate: 1, limit: 5 });
    wire.send(...[1, 2, 3, 4].map((no) => frameOf(1, 2, 64, no)));
    const { tx, drops, queue, impair, balanced } = await wire.stats();
    expect({ balanced, queue }).toEqual({ balanced: true, queue: 5 });
    expect(impair!.overLimit).toBe(drops['NETEM_LIMIT']);
    expect(tx + impair!.duplicated - impair!.overLimit).toBe(5);
  });

  test('ordered keeps frames in order whatever jitter says; without it some overtake', () => {
    const inOrder = (ordered: boolean) => {
      const wire = new Wire({ delay: 0.01, jitter: 0.01, ordered });
      for (let no = 0; no < 100; no++) wire.send(frameOf(1, 2, 64, no));
      wire.advance(30);
      const numbers = wire.numbers();
      return numbers.every((no, i) => i === 0 || no > numbers[i - 1]!);
    };
    expect(inOrder(true)).toBe(true);
    expect(inOrder(false)).toBe(false);
  });

  test('frames leave in slots only', () => {
    const wire = new Wire({ slot: { minDelay: 0.01, packets: 2 } });
    for (let no = 0; no < 6; no++) wire.send(frameOf(1, 2, 64, no));
    wire.advance(60);
    const times = wire.log.map((line) => Math.round(Number(line.split(' ')[0]) / 10) * 10);
    expect(new Set(times).size).toBe(3);
    expect(wire.numbers()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a super-frame is cut, with whole checksums, before a bit of it is turned over', async () => {
    const wire = new Wire({ corrupt: 1 });
    const plain = new Wire({ delay: 0.001 });
    for (const w of [wire, plain]) {
      w.h1.cut();
      w.h1.vnet = true;
      w.h1.connect(w.sw.door);
      const frame = l4VnetFrame({ payload: new Uint8Array(300) }, 70);
      frame.set(frameOf(1, 2).subarray(0, 12), 10);
      w.send(frame);
      w.advance(2);
    }
    expect(wire.h2.frames.length).toBe(plain.h2.frames.length);
    expect(plain.h2.frames.length).toBeGreaterThan(1);
    for (const [i, frame] of wire.h2.frames.entries()) {
      const whole = plain.h2.frames[i]!;
      expect(frame.reduce((bits, byte, at) => bits + popcount(byte ^ whole[at]!), 0)).toBe(1);
    }
  });
});

describe('changed while frames are held', () => {
  // biome-ignore format: one case a line
  test.each([
    ['a shorter delay', { delay: 0.001 }],
    ['loss',            { delay: 0.02, loss: 1 }],
    ['a rate',          { delay: 0.02, rate: 1000 }],
    ['a limit',         { delay: 0.02, limit: 1 }],
    ['another seed',    { delay: 0.02, seed: 5 }],
    ['slots',           { delay: 0.02, slot: { minDelay: 1 } }],
    ['nothing at all',  undefined],
  ])('%s holds for frames to come: what is held keeps its time', (_name, change) => {
    const wire = new Wire({ delay: 0.02 });
    wire.send(frameOf(1, 2, 64, 1), frameOf(1, 2, 64, 2));
    wire.advance(10);
    wire.impair(change);
    wire.advance(9);
    expect(wire.numbers()).toEqual([]);
    wire.advance(2);
    expect(wire.numbers()).toEqual([1, 2]);
  });
});

test('the statistics say how late frames went, and begin anew with the next impairment', async () => {
  const wire = new Wire({ delay: 0.0101 });
  for (let i = 0; i < 20; i++) wire.send(frameOf(1, 2));
  for (let i = 0; i < 20; i++) {
    wire.send(frameOf(1, 2));
    wire.advance(1);
  }
  wire.advance(20);
  const { lateness, impair } = await wire.stats();
  expect(lateness).toEqual({ p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) });
  expect(lateness!.max).toBeLessThan(0.001);
  expect(impair).toMatchObject({ delayed: 40, lost: 0 });
  wire.impair(undefined);
  wire.impair({ delay: 0.1 });
  expect(await wire.stats()).not.toHaveProperty('lateness');
  expect((await wire.stats()).impair).toMatchObject({ delayed: 40 });
});

test('of frames that are due close together and go together the first ones are late, and counted as such', async () => {
  const wire = new Wire({ delay: 0.01 });
  for (let i = 0; i < 200; i++) {
    wire.send(frameOf(1, 2));
    wire.sw.host.advance(0.05);
  }
  wire.advance(20);
  const { lateness } = await wire.stats();
  expect(lateness!.max).toBeGreaterThan(0.0001);
  expect(lateness!.max).toBeLessThan(0.001);
});

test('a direction that was never impaired tells nothing of it', async () => {
  const wire = new Wire({});
  wire.send(frameOf(1, 2));
  const stats = await wire.stats();
  expect(stats).not.toHaveProperty('impair');
  expect(stats).not.toHaveProperty('lateness');
});

function popcount(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}
