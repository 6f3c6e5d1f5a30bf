import type { Trace } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { traceText } from './trace.ts';

type Frame = Trace['frames'][number];
type Event = Frame['events'][number];

const event = (at: number, agent: string, where: string, place: string, more: Partial<Event> = {}): Event =>
  ({ at, agent, where, place, ...more }) as Event;

const frame = (fate: string, ...events: Event[]): Frame =>
  ({ id: 7, summary: 'IP 10.0.0.1 > 10.0.0.2: ICMP echo request', fate, events }) as unknown as Frame;

const trace = (frames: Frame[], more: object = {}): Trace =>
  ({ frames, lost: 0, clock: 'monotonic', ...more }) as unknown as Trace;

const sent = event(100.5, 'h1', 'eth0', '__dev_queue_xmit', { verdict: 'queued' });

test('a frame is a table: microseconds since it was first seen, where, the function, what happened', () => {
  const end = event(100.50025, 'h2', 'eth0', 'icmp_rcv', { verdict: 'consumed' });
  expect(traceText(trace([frame('delivered', sent, event(100.50001, 'switch', '', 'link_take'), end)]))).toBe(
    [
      'IP 10.0.0.1 > 10.0.0.2: ICMP echo request  (frame 7)',
      '     us  where    place             what',
      '    0.0  h1 eth0  __dev_queue_xmit  queued',
      '   10.0  switch   link_take',
      '  250.0  h2 eth0  icmp_rcv          consumed',
      '  delivered to h2 eth0 after 250.0 us',
    ].join('\n'),
  );
});

test('the end of a dropped frame is the drop: its reason, its place, and who dropped it', () => {
  const drop = event(100.6, 'switch', 'one', 'link_take', { verdict: 'dropped', reason: 'NETEM_LOSS' });
  const lines = traceText(trace([frame('dropped', sent, drop)])).split('\n');
  expect(lines.at(-2)).toMatch(/ 100000\.0 {2}switch one {2}link_take +dropped: NETEM_LOSS$/);
  expect(lines.at(-1)).toBe('  dropped by NETEM_LOSS at link_take, switch one');
});

test('a copy of a flood that was dropped does not hide that another was delivered', () => {
  const drop = event(100.6, 'switch', '', 'egress_enqueue', { verdict: 'dropped', reason: 'QUEUE_FULL' });
  const end = event(100.7, 'h3', 'eth0', 'arp_rcv', { verdict: 'consumed' });
  expect(traceText(trace([frame('delivered', sent, end, drop)]))).toMatch(
    /\n {2}delivered to h3 eth0 after 200000\.0 us$/,
  );
});

test('a question that is asked again with the same bytes is one frame, timed from when it was last asked', () => {
  const heard = (at: number) => event(at, 'h2', 'eth0', 'arp_rcv', { verdict: 'consumed' });
  const asked = { ...sent, at: 101.5 };
  expect(traceText(trace([frame('delivered', sent, heard(100.501), asked, heard(101.502))]))).toMatch(
    /\n {2}delivered to h2 eth0 after 2000\.0 us, sent 2 times$/,
  );
});

test('a frame that nobody saw again says so', () => {
  expect(traceText(trace([frame('unknown', sent)]))).toMatch(/\n {2}not seen again$/);
});

test('frames stand apart, and below them what did not fit, and how far times of several machines go', () => {
  const text = traceText(trace([frame('unknown', sent), frame('unknown', sent)], { lost: 3, clock: 'wall' }));
  expect(text.split('\n\n').slice(2)).toEqual([
    '3 events did not fit and are not shown',
    'times of several machines, as exact as their clocks agree',
  ]);
});
