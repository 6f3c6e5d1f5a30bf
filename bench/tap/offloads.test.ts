import { expect, test } from 'vitest';
import { stillOn } from './offloads.ts';

const text = JSON.stringify([
  {
    ifname: 'eth0',
    'tx-checksumming': { active: false, fixed: null, requested: null },
    'generic-receive-offload': { active: true, fixed: false, requested: true },
  },
]);

test('what ethtool could not take away is named', () => {
  expect(stillOn(text, ['tx-checksumming', 'generic-receive-offload'])).toEqual(['generic-receive-offload']);
});

test('a feature that ethtool does not know is a mistake, not one that is off', () => {
  expect(() => stillOn(text, ['tcp-segmentation-offload'])).toThrow('expected object');
});
