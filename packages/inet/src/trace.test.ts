import {
  netSetTracer,
  SkbTracer,
  type TraceEvent,
  type TraceFilter,
  TraceRecorder,
} from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { Hub, type Station } from './testing/hub.ts';

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
});

/** Traces a station, and returns what tells what was seen there. */
function trace({ net }: Station, filter: TraceFilter, limits = { frames: 10, events: 100 }) {
  const tracer = new SkbTracer();
  const recorder = new TraceRecorder(filter, limits, () => host.now() / 1000);
  tracer.recorders.add(recorder);
  netSetTracer(net, tracer);
  return recorder;
}

async function ping(target = '10.0.0.2'): Promise<void> {
  const done = h1.inet.ping(target, { count: 1, timeout: 0.5 });
  host.advance(5000);
  await done;
}

const places = (events: readonly TraceEvent[], id: string) =>
  events.filter((event) => event.id === id).map(({ place }) => place);

describe('one frame through the stack', () => {
  test('an echo request passes every place of the kernel in order, and its identity is the same at both ends', async () => {
    await ping(); // so that no ARP is in the way
    const [one, two] = [trace(h1, { proto: 'icmp' }), trace(h2, { proto: 'icmp' })];
    await ping();
    const { frames, events } = one.read();
    expect(frames.map(({ summary }) => summary.replace(/id \d+/, 'id N'))).toEqual([
      'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id N, seq 1, length 64',
      'IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id N, seq 1, length 64',
    ]);
    const [request, reply] = frames.map(({ id }) => id);
    expect(two.read().frames.map(({ id }) => id)).toEqual([request, reply]);
    expect(places(events, request!)).toEqual([
      'ip_output',
      '__dev_queue_xmit',
      'sch_direct_xmit',
      'ndo_start_xmit',
      'ndo_start_xmit',
    ]);
    expect(places(two.read().events, request!)).toEqual([
      '__netif_receive_skb_core',
      'ip_rcv',
      'ip_local_deliver',
      'icmp_rcv',
    ]);
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('a drop shows its reason and the function that dropped', () => {
  const flip = (at: number) => (frame: Uint8Array, from: { name: string; net: unknown }) => {
    const changed = frame.slice();
    if (from.net === h1.net) changed[at]! ^= 1;
    return [changed];
  };
  // biome-ignore format: one rule a line
  test.each([
    ['a frame for another station', 5,  'OTHERHOST at ip_rcv'],
    ['a spoiled IP header',         24, 'IP_CSUM at ip_rcv'],
    ['a spoiled ICMP checksum',     36, 'ICMP_CSUM at icmp_rcv'],
    ['an unknown ethertype',        13, 'UNHANDLED_PROTO at __netif_receive_skb_core'],
  ])('%s', async (_name, at, want) => {
    await ping();
    hub.tamper = flip(at);
    const recorder = trace(h2, {});
    await ping();
    const drops = recorder.read().events.filter(({ verdict }) => verdict === 'dropped');
    expect(drops.map(({ reason, place }) => `${reason} at ${place}`)).toEqual([want]);
  });

  test('a neighbour that nobody is drops what waited for it', async () => {
    const recorder = trace(h1, { dst: '10.0.0.9', proto: 'icmp' });
    await ping('10.0.0.9');
    const drops = recorder.read().events.filter(({ verdict }) => verdict === 'dropped');
    expect(drops.map(({ reason }) => reason)).toEqual(['NEIGH_FAILED']);
  });
});

describe('what a trace lets in', () => {
  // biome-ignore format: one rule a line
  test.each<[string, TraceFilter, number]>([
    ['nothing said: all frames',     {},                                    2],
    ['an address at either end',     { host: '10.0.0.2' },                  2],
    ['a source',                     { src: '10.0.0.2' },                   1],
    ['a source by its MAC address',  { src: '02:00:00:00:00:02' },          1],
    ['another protocol',             { proto: 'udp' },                      0],
    ['a MAC address at either end',  { ether: '02:00:00:00:00:01' },        2],
    ['both must be so',              { proto: 'icmp', dst: '10.0.0.2' },    1],
  ])('%s', async (_name, filter, frames) => {
    await ping();
    const recorder = trace(h2, filter);
    await ping();
    expect(recorder.read().frames).toHaveLength(frames);
  });

  test('no more frames and events than its limits; the rest is counted', async () => {
    await ping();
    const recorder = trace(h1, {}, { frames: 1, events: 3 });
    await ping();
    const { frames, events, lost } = recorder.read();
    expect([frames.length, events.length]).toEqual([1, 3]);
    expect(lost).toBeGreaterThan(0);
  });

  test('a namespace that is no longer traced notes nothing', async () => {
    const recorder = trace(h1, {});
    netSetTracer(h1.net, null);
    await ping();
    expect(recorder.read().events).toEqual([]);
  });
});
