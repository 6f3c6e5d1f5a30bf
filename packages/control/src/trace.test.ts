import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControlTest } from '../test/control-test.ts';

const t = new ControlTest();
beforeEach(() => t.begin());
afterEach(() => t.end());

const trace = (filter: object = {}) => t.rest('POST', '/v1/traces', { filter, timeout: 1 });

test('a node that hangs holds up no trace but its own, and is named there', async () => {
  const { sw, h1, h2 } = await t.wholeLab();
  h2.deaf = 'trace.start';
  const [all, its] = await Promise.all([trace(), trace({ node: 'h2' })]);
  expect(its).toMatchObject({
    status: 504,
    body: { detail: 'node h2: trace.start: no answer within 2000 ms' },
  });
  expect(all.status).toBe(201);
  expect(await t.rest('GET', `/v1/traces/${all.body.id}`)).toMatchObject({
    status: 200,
    body: { frames: [] },
  });
  await t.rest('DELETE', `/v1/traces/${all.body.id}`);
  expect([sw, h1, h2].map((agent) => agent.called('trace.read').length)).toEqual([1, 1, 0]);
  expect([sw, h1].map((agent) => agent.called('trace.stop').length)).toEqual([2, 2]);
});

test('what one agent refuses ends the trace at all of them', async () => {
  const { h1, h2 } = await t.wholeLab();
  h2.refuses = { method: 'trace.start', code: 'ENOMEM', message: 'no room' };
  expect(await trace()).toMatchObject({ status: 503, body: { code: 'ENOMEM', detail: 'no room' } });
  expect(h1.called('trace.stop')).toHaveLength(1);
});
