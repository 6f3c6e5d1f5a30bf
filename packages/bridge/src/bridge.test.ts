import { heapPerCall } from '@etherloom/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { Bridge } from './bridge.ts';
import {
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  BR_STATE_LEARNING,
  BR_STATE_LISTENING,
  type BridgePort,
} from './bridge-port.ts';
import { FDB_PERMANENT, FDB_STATIC } from './fdb-table.ts';
import {
  DROP_EGRESS_PORT_NFWD,
  DROP_INGRESS_PORT_NFWD,
  DROP_ISOLATED,
  DROP_LINK_LOCAL,
  DROP_MAC_CONTROL,
  DROP_MAC_INVALID_SOURCE,
  DROP_RUNT,
  DROP_SAME_PORT,
  FLOOD,
  FLOOD_BROADCAST,
  FLOOD_MULTICAST,
  isFlood,
} from './verdict.ts';

/** `a` to `d` are stations, `*` is broadcast, `m` multicast, `0`-`9`... a link-local group address by its last digit. */
function address(name: string): number[] {
  if (name === '*') return [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  if (name === 'm') return [0x01, 0, 0x5e, 0, 0, 1];
  if (name === 'z') return [0, 0, 0, 0, 0, 0];
  if (name.startsWith('ll')) return [0x01, 0x80, 0xc2, 0, 0, Number.parseInt(name.slice(2), 16)];
  return [0x02, 0, 0, 0, 0, name.charCodeAt(0)];
}

function frame(src: string, dst: string): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set(address(dst), 0);
  bytes.set(address(src), 6);
  return bytes;
}

let bridge: Bridge;
let ports: BridgePort[];

beforeEach(() => {
  bridge = new Bridge();
  ports = [bridge.addPort(), bridge.addPort(), bridge.addPort()];
});

function decide(port: number, src: string, dst: string, now = 0): number {
  return bridge.decide(ports[port]!, frame(src, dst), 0, 60, now);
}

/** The ports, counted from 0, that hear a frame. */
function hearers(port: number, src: string, dst: string, now = 0): number[] {
  const verdict = decide(port, src, dst, now);
  if (isFlood(verdict)) {
    return [0, 1, 2].filter((to) => bridge.delivers(ports[port]!, ports[to]!, verdict));
  }
  return verdict < 0 ? [] : [verdict - 1];
}

// Each row is a transcript, `port src>dst`, and how many frames each port then heard.
// biome-ignore format: one case a line
test.each([
  ['broadcast reaches every port but its own',  '0 a>*',                        [0, 1, 1]],
  ['multicast reaches every port but its own',  '1 a>m',                        [1, 0, 1]],
  ['unknown unicast floods',                    '0 a>b',                        [0, 1, 1]],
  ['a reply is sent to one port',               '0 a>b, 1 b>a',                 [1, 1, 1]],
  ['once both have spoken nobody overhears',    '0 a>b, 1 b>a, 0 a>b',          [1, 2, 1]],
  ['a station that moves is followed',          '0 a>*, 2 a>*, 1 b>a',          [1, 2, 2]],
  ['a cached destination that moves is too',    '1 b>*, 0 a>b, 2 b>*, 0 a>b',   [2, 2, 2]],
  ['one that talks to many and moves is too',   '1 b>*, 1 c>*, 0 a>b, 0 a>c, 2 a>*, 0 a>c, 1 b>a', [4, 4, 2]],
  ['stations on one port are not repeated',     '0 a>*, 0 b>a',                 [0, 1, 1]],
])('%s', (_name, sent, want) => {
  const heard = [0, 0, 0];
  for (const [, port, src, dst] of sent.matchAll(/(\d) (.)>(.)/g)) {
    for (const to of hearers(Number(port), src!, dst!)) heard[to]!++;
  }
  expect(heard).toEqual(want);
});

// biome-ignore format: one case a line
test.each([
  ['a multicast source',                   'm', 'b',   DROP_MAC_INVALID_SOURCE],
  ['a zero source',                        'z', 'b',   DROP_MAC_INVALID_SOURCE],
  ['a pause frame',                        'a', 'll1', DROP_MAC_CONTROL],
  ['LACP',                                 'a', 'll2', DROP_LINK_LOCAL],
  ['LLDP',                                 'a', 'lle', DROP_LINK_LOCAL],
  ['a BPDU passes while STP is off',       'a', 'll0', FLOOD_MULTICAST],
  ['the address after the reserved range', 'a', 'll10', FLOOD_MULTICAST],
])('group addresses: %s', (_name, src, dst, want) => {
  expect(decide(0, src, dst)).toBe(want);
});

test('a link-local source is still learned, a pause frame teaches nothing', () => {
  decide(0, 'a', 'lle');
  decide(1, 'b', 'll1');
  expect(decide(2, 'c', 'a')).toBe(1);
  expect(decide(2, 'c', 'b')).toBe(FLOOD);
});

test('group_fwd_mask opens single addresses and refuses STP, pause and LACP', () => {
  bridge.groupFwdMask = 1 << 0xe;
  expect(decide(0, 'a', 'lle')).toBe(FLOOD_MULTICAST);
  expect(decide(0, 'a', 'll3')).toBe(DROP_LINK_LOCAL);
  expect(() => {
    bridge.groupFwdMask = 0b100;
  }).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('a transparent bridge passes LACP and LLDP, never pause', () => {
  bridge.transparent = true;
  expect(decide(0, 'a', 'll2')).toBe(FLOOD_MULTICAST);
  expect(decide(0, 'a', 'lle')).toBe(FLOOD_MULTICAST);
  expect(decide(0, 'a', 'll1')).toBe(DROP_MAC_CONTROL);
});

test('a frame shorter than its header is a runt', () => {
  expect(bridge.decide(ports[0]!, frame('a', 'b'), 0, 13, 0)).toBe(DROP_RUNT);
});

describe('port state and flags', () => {
  test.each([
    [BR_STATE_DISABLED, FLOOD],
    [BR_STATE_LISTENING, FLOOD],
    [BR_STATE_BLOCKING, FLOOD],
    [BR_STATE_LEARNING, 1],
  ] as const)('in state %i nothing passes, and only learning learns', (state, afterwards) => {
    bridge.setPort(ports[0]!, { state });
    expect(decide(0, 'a', 'b')).toBe(DROP_INGRESS_PORT_NFWD);
    bridge.setPort(ports[0]!, { state: 3 });
    expect(decide(1, 'b', 'a')).toBe(afterwards);
  });

  test('nothing leaves by a port that stops forwarding, although it was cached', () => {
    decide(1, 'b', '*');
    expect(decide(0, 'a', 'b')).toBe(2);
    bridge.setPort(ports[1]!, { state: BR_STATE_DISABLED });
    expect(decide(0, 'a', 'b')).toBe(DROP_EGRESS_PORT_NFWD);
    expect(hearers(0, 'a', '*')).toEqual([2]);
  });

  test('isolated ports hear everybody but each other', () => {
    bridge.setPort(ports[0]!, { isolated: true });
    bridge.setPort(ports[1]!, { isolated: true });
    expect(hearers(0, 'a', '*')).toEqual([2]);
    expect(hearers(2, 'c', '*')).toEqual([0, 1]);
    decide(1, 'b', '*');
    expect(decide(0, 'a', 'b')).toBe(DROP_ISOLATED);
    expect(decide(2, 'c', 'b')).toBe(2);
  });

  test('each kind of flood has its own switch', () => {
    bridge.setPort(ports[1]!, { flood: false });
    expect(hearers(0, 'a', 'x')).toEqual([2]);
    expect(hearers(0, 'a', 'm')).toEqual([1, 2]);
    bridge.setPort(ports[1]!, { flood: true, mcastFlood: false });
    expect(hearers(0, 'a', 'm')).toEqual([2]);
    bridge.setPort(ports[1]!, { mcastFlood: true, bcastFlood: false });
    expect(hearers(0, 'a', '*')).toEqual([2]);
  });

  test('a port that does not learn makes its station flood', () => {
    bridge.setPort(ports[0]!, { learning: false });
    decide(0, 'a', '*');
    expect(decide(1, 'b', 'a')).toBe(FLOOD);
  });

  test('a hairpin port sends a frame back where it came from', () => {
    decide(0, 'a', '*');
    expect(decide(0, 'b', 'a')).toBe(DROP_SAME_PORT);
    bridge.setPort(ports[0]!, { hairpin: true });
    expect(decide(0, 'b', 'a')).toBe(1);
    expect(hearers(0, 'a', '*')).toEqual([0, 1, 2]);
  });
});

test('a silent station is forgotten after the ageing time, a talking one is not', () => {
  decide(0, 'a', '*', 0);
  expect(decide(1, 'b', 'a', 299_999)).toBe(1);
  expect(decide(1, 'b', 'a', 300_000)).toBe(FLOOD);
  decide(0, 'a', '*', 300_001);
  decide(0, 'a', '*', 500_000);
  expect(decide(1, 'b', 'a', 799_999)).toBe(1);
});

test('static entries do not age, permanent ones do not move either', () => {
  bridge.fdb.add(Uint8Array.from(address('a')), 0, 1, FDB_STATIC, 0);
  bridge.fdb.add(Uint8Array.from(address('b')), 0, 1, FDB_PERMANENT, 0);
  expect(decide(2, 'c', 'a', 1e9)).toBe(1);
  decide(1, 'a', '*', 1e9);
  decide(1, 'b', '*', 1e9);
  expect(decide(2, 'c', 'a', 2e9)).toBe(2);
  expect(decide(2, 'c', 'b', 2e9)).toBe(1);
});

test('a removed port takes its stations with it, and its number is used again', () => {
  decide(1, 'b', '*');
  expect(decide(0, 'a', 'b')).toBe(2);
  bridge.removePort(ports[1]!);
  expect(decide(0, 'a', 'b')).toBe(FLOOD);
  expect(bridge.addPort().no).toBe(2);
});

test('every verdict is counted', () => {
  decide(0, 'a', '*');
  decide(1, 'b', 'a');
  decide(1, 'b', 'a');
  decide(2, 'm', 'a');
  expect(bridge.forwarded).toBe(2);
  expect(bridge.verdicts[~FLOOD_BROADCAST]).toBe(1);
  expect(bridge.verdicts[~DROP_MAC_INVALID_SOURCE]).toBe(1);
});

test('a station that finds the table full is refused with every frame it sends, be its destination known', () => {
  const full = new Bridge({ fdbCapacity: 1 });
  const [a, b] = [full.addPort(), full.addPort()];
  full.decide(b, frame('b', '*'), 0, 60, 0);
  for (let n = 0; n < 3; n++) expect(full.decide(a, frame('a', 'b'), 0, 60, 0)).toBe(b.no);
  expect(full.fdb.full).toBe(3);
});

test('deciding allocates nothing, cached or not', () => {
  decide(0, 'a', '*');
  decide(1, 'b', '*');
  const frames = [frame('a', 'b'), frame('a', 'x'), frame('c', 'b')];
  let i = 0;
  expect(heapPerCall(() => bridge.decide(ports[0]!, frames[i++ % 3]!, 0, 60, i))).toBeLessThan(1);
});
