import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import type { Agent } from './agent-hub.ts';
import { Reconciler } from './reconciler.ts';

/** A node that has nothing. */
const node = (name: string) =>
  ({
    role: 'node',
    name,
    dataUrl: null,
    version: '1',
    process: { address: 'here', pid: 1 },
    call: async () => [],
  }) as unknown as Agent;

test('a carrier that was switched off is forgotten with its node, and with no other', () => {
  const reconciler = new Reconciler(new VirtualHost());
  const h1 = node('h1');
  for (const agent of [h1, node('h10')]) {
    reconciler.joined(agent);
    reconciler.noteCarrier(agent.name, 'eth0', false);
  }
  reconciler.left(h1);
  expect([reconciler.carrierOff('h1', 'eth0'), reconciler.carrierOff('h10', 'eth0')]).toEqual([false, true]);
});
