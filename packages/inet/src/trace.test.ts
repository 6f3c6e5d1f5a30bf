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
