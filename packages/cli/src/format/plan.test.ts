import { expect, test } from 'vitest';
import { formatPlan } from './plan.ts';

test('a plan has a line for each thing, and what changes under it', () => {
  const text = formatPlan({
    lab: 'two',
    dryRun: true,
    changes: [
      { op: 'remove', kind: 'link', name: 'h3-eth0--office' },
      { op: 'add', kind: 'node', name: 'h4' },
      {
        op: 'change',
        kind: 'device',
        name: 'h1:eth0',
        fields: { mtu: { from: 1500, to: 1400 }, ip: { to: ['10.0.0.1/24'] } },
      },
    ],
  });
  expect(text.split('\n')).toEqual([
    '- link h3-eth0--office',
    '+ node h4',
    '~ device h1:eth0',
    '    mtu: 1500 -> 1400',
    '    ip: none -> ["10.0.0.1/24"]',
  ]);
});
