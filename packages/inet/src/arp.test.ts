import { ARPOP_REPLY, ARPOP_REQUEST, ETH_P_ARP, parseIpv4, parseMac, putArp } from '@etherloom/frame';
import {
  devClose,
  devOpen,
  devSetMacAddress,
  dropsByReason,
  netifCarrierOff,
  netifCarrierOn,
  netifDormantOff,
  netifDormantOn,
} from '@etherloom/netcore';
import { ethernetFrame, VirtualHost } from '@etherloom/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { NEIGH_MAX_ENTRIES, NEIGH_UNRES_QLEN } from './neighbour.ts';
import { Hub, type Station } from './testing/hub.ts';

const ZERO = '00:00:00:00:00:00';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

let host: VirtualHost;
let hub: Hub;
let h1: Station;
let h2: Station;

beforeEach(() => {
  host = new VirtualHost();
  hub = new Hub(host);
  h1 = hub.station(1, '10.0.0.1/24');
  h2 = hub.station(2, '10.0.0.2/24');
  host.advance(0);
  hub.log.length = 0;
});

function arp(op: number, sha: string, spa: string, tha: string, tpa: string, dst = BROADCAST): Uint8Array {
  const payload = new Uint8Array(28);
  putArp(payload, 0, op, parseMac(sha)!, parseIpv4(spa)!, parseMac(tha)!, parseIpv4(tpa)!);
  return ethernetFrame({ dst: parseMac(dst)!, src: parseMac(sha)!, type: ETH_P_ARP, payload });
}

/** One echo request; how it ends is another test's business. */
function send(from: Station, target: string): void {
  void from.inet.ping(target, { count: 1, timeout: 60 });
}

const state = (of: Station, dst: string) => of.inet.neigh().find((n) => n.dst === dst);

test('asker and answerer know each other after one exchange', () => {
  send(h1, '10.0.0.2');
  host.advance(0);
  expect(hub.arps()).toEqual(['01>ff who-has 10.0.0.1>10.0.0.2', '02>01 is-at 10.0.0.2>10.0.0.1']);
  expect(h1.inet.neigh()).toEqual([
    {
      dst: '10.0.0.2',
      dev: 'eth0',
      lladdr: '02:00:00:00:00:02',
      used: 0,
      confirmed: 0,
      updated: 0,
      probes: 1,
      state: ['REACHABLE'],
    },
  ]);
  expect(h2.inet.neigh()).toEqual([
    {
      dst: '10.0.0.1',
      dev: 'eth0',
      lladdr: '02:00:00:00:00:01',
      used: 0,
      confirmed: 60,
      updated: 0,
      probes: 0,
      state: ['DELAY'],
    },
  ]);
});

test('the times of a neighbour count whole seconds since it was used, confirmed and changed', () => {
  send(h1, '10.0.0.2');
  host.advance(2_500);
  expect(state(h1, '10.0.0.2')).toMatchObject({ used: 2, confirmed: 2, updated: 2 });
  send(h1, '10.0.0.2');
  expect(state(h1, '10.0.0.2')).toMatchObject({ used: 0, confirmed: 2, updated: 2 });
});

test('nobody answers: three requests a second apart, then FAILED, and asking again starts over', () => {
  const at: number[] = [];
  hub.tamper = (frame) => {
    at.push(host.now());
    return [frame];
  };
  send(h1, '10.0.0.9');
  expect(state(h1, '10.0.0.9')).toEqual({
    dst: '10.0.0.9',
    dev: 'eth0',
    used: 0,
    confirmed: 60,
    updated: 0,
    probes: 1,
    state: ['INCOMPLETE'],
  });
  host.advance(2_999);
  expect(state(h1, '10.0.0.9')?.state).toEqual(['INCOMPLETE']);
  host.advance(1);
  expect(at).toEqual([0, 1000, 2000]);
  expect(state(h1, '10.0.0.9')?.state).toEqual(['FAILED']);
  expect(h1.inet.stats.ArpResFailed).toBe(1);
  send(h1, '10.0.0.9');
  expect(state(h1, '10.0.0.9')?.state).toEqual(['INCOMPLETE']);
});

test('packets wait for the answer, in order; beyond the queue the oldest is dropped and counted', async () => {
  const extra = 3;
  hub.delay = 10;
  const run = h1.inet.ping('10.0.0.2', { count: NEIGH_UNRES_QLEN + extra, interval: 0 });
  host.advance(1_000);
  const result = await run;
  expect(result.received).toBe(NEIGH_UNRES_QLEN);
  expect(result.errors.map((e) => e.seq)).toEqual([1, 2, 3]);
  expect(h1.inet.stats.ArpUnresolvedDiscards).toBe(extra);
  expect(dropsByReason(h1.dev.drops)).toEqual({ NEIGH_QUEUEFULL: extra });
});

test('a neighbour goes stale, is used at once, and is asked again only if nothing is heard', () => {
  send(h1, '10.0.0.2');
  host.advance(30_001);
  expect(state(h1, '10.0.0.2')?.state).toEqual(['STALE']);
  hub.log.length = 0;
  send(h1, '10.0.0.2');
  expect(state(h1, '10.0.0.2')?.state).toEqual(['DELAY']);
  host.advance(4_999);
  expect(hub.arps().filter((a) => a.startsWith('01'))).toEqual([]);
  host.advance(1);
  expect(hub.arps().filter((a) => a.startsWith('01'))).toEqual(['01>02 who-has 10.0.0.1>10.0.0.2']);
  expect(state(h1, '10.0.0.2')?.state).toEqual(['REACHABLE']);
});

test('a neighbour that left fails after three probes', () => {
  send(h1, '10.0.0.2');
  host.advance(31_000);
  devClose(h2.dev);
  hub.tamper = () => [];
  send(h1, '10.0.0.2');
  host.advance(7_999);
  expect(state(h1, '10.0.0.2')?.state).toEqual(['PROBE']);
  host.advance(1);
  expect(state(h1, '10.0.0.2')?.state).toEqual(['FAILED']);
});

test('who is asked for something else, or by a stranger about a stranger, learns nothing', () => {
  hub.inject(h1.dev, arp(ARPOP_REQUEST, '02:00:00:00:00:07', '10.0.0.7', ZERO, '10.0.0.8'));
  hub.inject(h1.dev, arp(ARPOP_REPLY, '02:00:00:00:00:07', '10.0.0.7', '02:00:00:00:00:01', '10.0.0.1'));
  expect(h1.inet.neigh()).toEqual([]);
  expect(hub.arps()).toEqual([]);
});

test('a probe with no sender address (duplicate detection) is answered and not learnt', () => {
  hub.inject(h1.dev, arp(ARPOP_REQUEST, '02:00:00:00:00:07', '0.0.0.0', ZERO, '10.0.0.1'));
  expect(hub.arps()).toEqual(['01>07 is-at 10.0.0.1>0.0.0.0']);
  expect(h1.inet.neigh()).toEqual([]);
});

test('within a second the first answer wins; later another MAC is believed', () => {
  send(h1, '10.0.0.2');
  host.advance(500);
  const other = arp(
    ARPOP_REPLY,
    '02:00:00:00:00:66',
    '10.0.0.2',
    '02:00:00:00:00:01',
    '10.0.0.1',
    '02:00:00:00:00:01',
  );
  hub.inject(h1.dev, other);
  expect(state(h1, '10.0.0.2')?.lladdr).toBe('02:00:00:00:00:02');
  host.advance(600);
  hub.inject(h1.dev, other);
  expect(state(h1, '10.0.0.2')?.lladdr).toBe('02:00:00:00:00:66');
});

test('like Linux, nobody announces unasked: neither a new address nor a carrier nor a new MAC', () => {
  h1.inet.addrAdd(h1.dev, '10.9.0.1/16');
  netifCarrierOff(h1.dev);
  netifCarrierOn(h1.dev);
  devClose(h1.dev);
  devSetMacAddress(h1.dev, parseMac('02:00:00:00:00:11')!);
  devOpen(h1.dev);
  host.advance(60_000);
  expect(hub.log).toEqual([]);
});

test('a new MAC that nobody announces is found when the old one answers no probe', () => {
  send(h1, '10.0.0.2');
  host.advance(31_000);
  devClose(h2.dev);
  devSetMacAddress(h2.dev, parseMac('02:00:00:00:00:22')!);
  devOpen(h2.dev);
  send(h1, '10.0.0.2');
  host.advance(8_000);
  expect(state(h1, '10.0.0.2')?.state).toEqual(['FAILED']);
  send(h1, '10.0.0.2');
  host.advance(0);
  expect(state(h1, '10.0.0.2')).toMatchObject({ lladdr: '02:00:00:00:00:22', state: ['REACHABLE'] });
});

describe('with arpNotify', () => {
  let h3: Station;

  beforeEach(() => {
    h3 = hub.station(3, '10.0.0.3/24', 1500, { arpNotify: true });
    host.advance(0);
  });

  test('an added address is announced', () => {
    expect(hub.arps()).toEqual(['03>ff who-has 10.0.0.3>10.0.0.3']);
  });

  test('a new MAC is announced, and those who knew the old one follow at once', () => {
    send(h1, '10.0.0.3');
    host.advance(0);
    hub.log.length = 0;
    devClose(h3.dev);
    devSetMacAddress(h3.dev, parseMac('02:00:00:00:00:33')!);
    devOpen(h3.dev);
    host.advance(0);
    expect(hub.arps()).toEqual(['33>ff who-has 10.0.0.3>10.0.0.3']);
    expect(state(h1, '10.0.0.3')).toMatchObject({ lladdr: '02:00:00:00:00:33', state: ['STALE'] });
  });

  test('an address added without carrier is announced when the carrier comes, once, and again after the next loss', () => {
    netifCarrierOff(h3.dev);
    hub.log.length = 0;
    h3.inet.addrAdd(h3.dev, '10.9.0.3/16');
    host.advance(0);
    expect(hub.arps()).toEqual([]);
    const both = ['03>ff who-has 10.0.0.3>10.0.0.3', '03>ff who-has 10.9.0.3>10.9.0.3'];
    netifCarrierOn(h3.dev);
    netifCarrierOn(h3.dev);
    host.advance(0);
    expect(hub.arps()).toEqual(both);
    netifCarrierOff(h3.dev);
    netifCarrierOn(h3.dev);
    host.advance(0);
    expect(hub.arps()).toEqual([...both, ...both]);
  });

  test('a change that is none of the carrier announces nothing', () => {
    hub.log.length = 0;
    netifDormantOn(h3.dev);
    netifDormantOff(h3.dev);
    host.advance(0);
    expect(hub.arps()).toEqual([]);
  });
});

test('losing the carrier forgets the neighbours', () => {
  send(h1, '10.0.0.2');
  host.advance(0);
  netifCarrierOff(h1.dev);
  expect(h1.inet.neigh()).toEqual([]);
  expect(host.pendingTimers).toBeLessThanOrEqual(1); // h2's own DELAY
});

test('a second station with our address is noticed, and told once in ten seconds', () => {
  const claim = arp(ARPOP_REQUEST, '02:00:00:00:00:66', '10.0.0.1', ZERO, '10.0.0.1');
  hub.inject(h1.dev, claim);
  hub.inject(h1.dev, claim);
  expect(h1.inet.addrs(h1.dev)[0]).toMatchObject({ local: '10.0.0.1', conflict: '02:00:00:00:00:66' });
  expect(h1.inet.stats.ArpInConflicts).toBe(2);
  expect(hub.arps()).toEqual(['01>ff who-has 10.0.0.1>10.0.0.1']);
  host.advance(10_000);
  hub.inject(h1.dev, claim);
  expect(hub.arps()).toHaveLength(2);
  expect(h1.inet.neigh()).toEqual([]);
});

// biome-ignore format: one case a line
test.each([
  ['too short',                (f: Uint8Array) => f.slice(0, 41),                                      'PKT_TOO_SMALL'],
  ['of another hardware type', (f: Uint8Array) => f.with(15, 6),                                       'INVALID_PROTO'],
  ['of another operation',     (f: Uint8Array) => f.with(21, 9),                                       'INVALID_PROTO'],
  ['from a multicast MAC',     (f: Uint8Array) => f.with(22, 3),                                       'IP_INVALID_DEST'],
  ['about a multicast group',  (f: Uint8Array) => f.with(38, 224),                                     'IP_INVALID_DEST'],
])('ARP %s is dropped and counted', (_name, spoil, reason) => {
  hub.inject(h1.dev, spoil(arp(ARPOP_REQUEST, '02:00:00:00:00:07', '10.0.0.7', ZERO, '10.0.0.1')));
  expect(dropsByReason(h1.dev.drops)).toEqual({ [reason]: 1 });
  expect(h1.inet.stats.ArpInErrors).toBe(1);
  expect(hub.arps()).toEqual([]);
});

test('ARP for another station is not our business', () => {
  hub.inject(
    h1.dev,
    arp(ARPOP_REPLY, '02:00:00:00:00:07', '10.0.0.7', ZERO, '10.0.0.8', '02:00:00:00:00:08'),
  );
  expect(dropsByReason(h1.dev.drops)).toEqual({ OTHERHOST: 1 });
});

test('the table is bounded: idle neighbours give way, neighbours being asked for do not', () => {
  h1.inet.addrAdd(h1.dev, '10.1.0.1/16');
  for (let i = 0; i <= NEIGH_MAX_ENTRIES; i++) send(h1, `10.1.${1 + (i >> 8)}.${i & 255}`);
  expect(h1.inet.stats.ArpTableFulls).toBe(1);
  expect(dropsByReason(h1.dev.drops)).toEqual({ NEIGH_CREATEFAIL: 1 });
  host.advance(3_000);
  send(h1, '10.1.200.1');
  expect(h1.inet.neigh()).toHaveLength(NEIGH_MAX_ENTRIES);
  expect(h1.inet.stats.ArpTableFulls).toBe(1);
});
