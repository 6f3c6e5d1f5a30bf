import type { LinkState } from '@etherloom/schema';
import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import type { Agent } from './agent-hub.ts';
import { SwitchState } from './agent-state.ts';

const link = (name: string, carrier: boolean): LinkState => ({ name, carrier, ends: [] });

/** A switch that says it has one link. */
const agent = {
  role: 'switch',
  name: 's1',
  dataUrl: null,
  version: '1',
  call: async () => ({ lans: [], links: [link('c1', true)] }),
} as unknown as Agent;

test('what was told while the agent was asked is not undone by an answer that is older', async () => {
  let now = link('c1', true);
  let cut = () => {};
  const switching = {
    ...agent,
    call: async () => {
      const links = [now];
      cut();
      return { lans: [], links };
    },
  } as Agent;
  const state = new SwitchState(new VirtualHost(), () => {});
  state.join(switching);
  await state.observe();
  cut = () => {
    cut = () => {};
    now = link('c1', false);
    state.note('link.changed', { link: now });
  };
  await state.observe();
  expect(state.links?.get('c1')?.carrier).toBe(false);
});

test('an agent that tells of ever new things fills no memory, and is heard about those it has', async () => {
  const state = new SwitchState(new VirtualHost(), () => {});
  state.join(agent);
  await state.observe();
  for (let i = 0; i < 11_000; i++) state.note('link.changed', { link: link(`x${i}`, true) });
  state.note('link.changed', { link: link('c1', false) });
  expect([state.links?.size, state.links?.get('c1')?.carrier]).toEqual([10_000, false]);
});
