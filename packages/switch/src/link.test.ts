import { VirtualHost } from '@etherloom/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FakeDevice } from './testing.ts';
import { FakeSwitch, frameOf, type LinkOptions, linkSlice, noOf } from './testing.ts';

const NAME = 'h1-eth0--h2-eth0';
let sw: FakeSwitch<VirtualHost>;
let h1: FakeDevice;
let h2: FakeDevice;

function wire(options: LinkOptions = {}): void {
  sw.apply(linkSlice('h1:eth0', 'h2:eth0', options));
}

beforeEach(() => {
  sw = new FakeSwitch(new VirtualHost(1));
  wire();
  h1 = sw.device('h1:eth0');
  h2 = sw.device('h2:eth0');
});

function ends() {
  return sw.fabric
    .link(NAME)
    .state()
    .ends.map((end) => end.carrier);
}

describe('carrier', () => {
  test('each end shows whether the other is there and up, as veth does', () => {
    expect([h1.carrier, h2.carrier]).toEqual([true, true]);
    h2.say({ type: 'carrier', on: false });
    expect([h1.carrier, h2.carrier]).toEqual([false, true]);
    h2.say({ type: 'carrier', on: true });
    expect([h1.carrier, h2.carrier]).toEqual([true, true]);
    h2.cut();
    expect(h1.carrier).toBe(false);
    expect(ends()).toEqual([false, false]);
  });

  // biome-ignore format: one case a line
  test.each<[string, () => unknown, object]>([
    ['the far end is set down',               () => h2.say({ type: 'carrier', on: false }),             { on: false, lower: true }],
    ['the far end has gone',                  () => h2.cut(),                                           { on: false, lower: true }],
    ['the cable is cut',                      () => wire({ carrier: false }),                           { on: false }],
    ['the cable is cut under a far end that is down', () => [h2.say({ type: 'carrier', on: false }), wire({ carrier: false })], { on: false }],
    ['the far end is up again',               () => [h2.say({ type: 'carrier', on: false }), h2.say({ type: 'carrier', on: true })], { on: true }],
  ])('%s: the end that is left is told why it has no carrier', (_name, act, told) => {
    act();
    expect(h1.heard.filter(({ type }) => type === 'carrier').at(-1)).toEqual({ type: 'carrier', ...told });
  });

  test('a device that comes while the far end is down is told so in its welcome', () => {
    h2.say({ type: 'carrier', on: false });
    h1.cut();
    expect(sw.device('h1:eth0').heard[0]).toMatchObject({ type: 'welcome', carrier: false, lower: true });
  });

  test('a link that is off shows no carrier at either end, passes nothing, and heals', async () => {
    wire({ carrier: false });
    expect([h1.carrier, h2.carrier]).toEqual([false, false]);
    h1.send([frameOf(1, 2)]);
    sw.host.runTurns();
    expect(h2.frames.length).toBe(0);
    expect(await sw.stats(NAME)).toMatchObject({
      forward: { tx: 1, rx: 0, drops: { CARRIER_DOWN: 1 } },
      balanced: true,
    });
    wire();
    h1.send([frameOf(1, 2)]);
    sw.host.runTurns();
    expect([h1.carrier, h2.carrier, h2.frames.length]).toEqual([true, true, 1]);
  });

  test('changes are told once a turn, and only when something changed', () => {
    sw.host.runTurns();
    sw.changes.length = 0;
    h2.say({ type: 'carrier', on: false });
    h2.say({ type: 'carrier', on: true });
    h2.say({ type: 'carrier', on: true });
    sw.host.runTurns();
    expect(sw.changes).toEqual([NAME]);
    h1.cut();
    sw.host.runTurns();
    h2.cut(); // no carrier changes any more, but an end has gone
    sw.host.runTurns();
    expect(sw.changes).toEqual([NAME, NAME, NAME]);
  });

  test('a device that no link plugs is welcomed without a carrier, and gets one when it is plugged', () => {
    const h3 = sw.device('h3:eth0');
    expect(h3.heard[0]).toMatchObject({ type: 'welcome', carrier: false });
    sw.apply(linkSlice('h1:eth0', 'h2:eth0'), linkSlice('h3:eth0', 'lan:office', { mtu: 1400 }));
    expect([h3.carrier, h3.mtu]).toEqual([true, 1400]);
  });

  test('a link to a LAN shows a carrier at once', () => {
    sw.apply(linkSlice('h1:eth0', 'lan:office'));
    expect(h1.carrier).toBe(true);
    expect(h2.carrier).toBe(false);
  });
});

describe('MTU', () => {
  // biome-ignore format: one case a line
  test.each([
    ['a full frame fits',                   1414, false, true],
    ['a VLAN tag is not counted',           1418, true,  true],
    ['one byte more is refused',            1415, false, false],
    ['nor does a tag make room for more',   1419, true,  false],
  ])('%s', async (_name, length, tagged, passes) => {
    wire({ mtu: 1400 });
    const frame = frameOf(1, 2, length, 9);
    if (tagged) frame.set([0x81, 0x00], 12);
    h1.send([frameOf(1, 2, 64, 1), frame, frameOf(1, 2, 64, 2)]);
    sw.host.runTurns();
    expect(h2.frames.map(noOf)).toEqual(passes ? [1, 9, 2] : [1, 2]);
    const { forward, balanced } = await sw.stats(NAME);
    expect([forward.drops['PKT_TOO_BIG'] ?? 0, balanced]).toEqual([passes ? 0 : 1, true]);
  });

  test('a link of the default MTU carries the largest frame there is', () => {
    h1.send([frameOf(1, 2, 65535 + 14)]);
    sw.host.runTurns();
    expect(h2.frames[0]!.length).toBe(65549);
  });
});

describe('impairments', () => {
  test('a delay holds every frame for its time and loses none', () => {
    wire({ forward: { delay: 0.01 } });
    for (let no = 0; no < 5; no++) {
      h1.send([frameOf(1, 2, 64, no)]);
      sw.host.advance(1);
    }
    expect(h2.frames.length).toBe(0);
    sw.host.advance(5);
    expect(h2.frames.map(noOf)).toEqual([0]);
    sw.host.advance(4);
    expect(h2.frames.map(noOf)).toEqual([0, 1, 2, 3, 4]);
  });

  test('a delay is in one direction only', () => {
    wire({ forward: { delay: 0.01 } });
    h2.send([frameOf(2, 1)]);
    sw.host.runTurns();
    expect(h1.frames.length).toBe(1);
  });

  test('delay does not cost throughput: thousands of frames are under way at once, and leave in few messages', () => {
    wire({ forward: { delay: 0.05, limit: 100_000 } });
    h2.messages = 0;
    for (let i = 0; i < 50; i++) {
      h1.send(Array.from({ length: 200 }, (_, k) => frameOf(1, 2, 64, i * 200 + k)));
      sw.host.advance(1);
    }
    sw.host.advance(60);
    expect(h2.frames.map(noOf)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(h2.messages).toBeLessThan(70);
  });

  test('the limit bounds what is held; what is over is counted', async () => {
    wire({ forward: { delay: 1, limit: 10 } });
    h1.send(Array.from({ length: 15 }, () => frameOf(1, 2)));
    const { forward, balanced } = await sw.stats(NAME);
    expect(forward).toMatchObject({ tx: 15, rx: 0, drops: { NETEM_LIMIT: 5 }, queue: 10 });
    expect(balanced).toBe(true);
  });

  test('loss of one half loses about half, and the same ones for the same seed', async () => {
    const run = async () => {
      sw = new FakeSwitch(new VirtualHost(1));
      wire({ forward: { loss: 0.5, seed: 7 } });
      [h1, h2] = [sw.device('h1:eth0'), sw.device('h2:eth0')];
      h1.send(Array.from({ length: 1000 }, (_, no) => frameOf(1, 2, 64, no)));
      sw.host.runTurns();
      expect(await sw.stats(NAME)).toMatchObject({ forward: { tx: 1000 }, balanced: true });
      return h2.frames.map(noOf);
    };
    const first = await run();
    expect(Math.abs(first.length - 500)).toBeLessThan(60);
    expect(await run()).toEqual(first);
  });

  test('a rate spaces frames by their length', () => {
    wire({ forward: { rate: 800_000 } }); // 100 bytes a millisecond
    h1.send(Array.from({ length: 10 }, (_, no) => frameOf(1, 2, 200, no)));
    sw.host.advance(10);
    expect(h2.frames.length).toBe(5);
    sw.host.advance(10);
    expect(h2.frames.length).toBe(10);
  });

  test('changing an impairment keeps what is under way; taking it away restores the fast path', () => {
    wire({ forward: { delay: 0.1 } });
    h1.send([frameOf(1, 2, 64, 1)]);
    wire({ forward: { delay: 0.02 } });
    h1.send([frameOf(1, 2, 64, 2)]);
    wire();
    h1.send([frameOf(1, 2, 64, 3)]);
    sw.host.advance(100);
    expect(h2.frames.map(noOf)).toEqual([3, 2, 1]);
    expect(sw.fabric.link(NAME).forward.impairment).toBeNull();
  });

  test('switching the link off loses what is under way, and counts it', async () => {
    wire({ forward: { delay: 1 } });
    h1.send([frameOf(1, 2), frameOf(1, 2)]);
    wire({ carrier: false, forward: { delay: 1 } });
    sw.host.advance(2000);
    expect(h2.frames.length).toBe(0);
    expect(await sw.stats(NAME)).toMatchObject({
      forward: { drops: { CARRIER_DOWN: 2 }, queue: 0 },
      balanced: true,
    });
  });

  test('what was under way when the link was switched off does not arrive when it is on again', async () => {
    wire({ forward: { delay: 1 } });
    h1.send([frameOf(1, 2)]);
    wire({ carrier: false, forward: { delay: 1 } });
    wire({ forward: { delay: 1 } });
    sw.host.advance(2000);
    expect(h2.frames.length).toBe(0);
    expect(await sw.stats(NAME)).toMatchObject({ forward: { drops: { CARRIER_DOWN: 1 } }, balanced: true });
  });
});

test('a link counts from when it was plugged in, whatever its devices did before', async () => {
  h1.send([frameOf(1, 2), frameOf(1, 2)]);
  h2.send([frameOf(2, 1)]);
  sw.host.runTurns();
  sw.apply();
  wire();
  h1.send([frameOf(1, 2)]);
  sw.host.runTurns();
  expect(await sw.stats(NAME)).toMatchObject({
    forward: { tx: 1, rx: 1 },
    reverse: { tx: 0, rx: 0 },
    balanced: true,
  });
});

test('a device that does not answer leaves the sums of its link open, and holds nobody up for longer than 2 s', async () => {
  h1.stall(true);
  const asked = sw.stats(NAME);
  sw.host.advance(2000);
  expect(await asked).toMatchObject({ balanced: false });
  h1.stall(false);
  expect(await sw.stats(NAME)).toMatchObject({ balanced: true });
});

test('refused slices leave everything as it was', () => {
  const clash = [linkSlice('h1:eth0', 'h2:eth0'), linkSlice('h1:eth0', 'lan:office')];
  expect(() => sw.apply(...clash)).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  expect(() => sw.apply(linkSlice('h1:eth0', 'lan:nowhere'))).toThrow(
    expect.objectContaining({ code: 'ENODEV' }),
  );
  expect(() => sw.apply(linkSlice('lan:office', 'lan:office'))).toThrow(
    expect.objectContaining({ code: 'EOPNOTSUPP' }),
  );
  expect(sw.service.call('switch.state', {})).toMatchObject({ links: [{ name: NAME, carrier: true }] });
  expect(h1.carrier).toBe(true);
});
