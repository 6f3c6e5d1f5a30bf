import type { TraceSeen } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { mergeTraces } from './trace-merge.ts';

const REQUEST = { filter: {}, count: 10, timeout: 10 };
const FRAME = { id: 'f', summary: 'a frame', length: 60 };

/** What an agent saw of one frame, by its own clock. */
function seen(machine: string, wall: number, at: number, place: string, verdict?: string): TraceSeen {
  return {
    frames: [FRAME],
    events: [{ id: 'f', at, place, where: 'eth0', verdict }],
    lost: 1,
    machine,
    wall,
  };
}
const order = (all: Parameters<typeof mergeTraces>[2]) => {
  const { clock, lost, frames } = mergeTraces('t', REQUEST, all);
  return { clock, lost, fate: frames[0]?.fate, agents: frames[0]?.events.map(({ agent }) => agent) };
};

test('agents of one machine share its clock', () => {
  const sent = { agent: 'h1', seen: seen('m', 1000, 5, 'ip_output') };
  const got = { agent: 'h2', seen: seen('m', 1001, 6, 'icmp_rcv', 'consumed') };
  expect(order([got, sent])).toEqual({
    clock: 'monotonic',
    lost: 2,
    fate: 'delivered',
    agents: ['h1', 'h2'],
  });
});

test('what two machines saw is put in order by the time of day: their clocks began at different times', () => {
  const sent = { agent: 'h1', seen: seen('m', 1000, 500, 'ip_output') };
  const got = { agent: 'h2', seen: seen('n', 1499, 6, 'icmp_rcv', 'dropped') };
  expect(order([got, sent])).toEqual({ clock: 'wall', lost: 2, fate: 'dropped', agents: ['h1', 'h2'] });
});
