import { expect, test } from 'vitest';
import { prefixMatch } from './prefix-match.ts';

// biome-ignore format: one question a line
test.each([
  ['10.0.0.0/24',  '10.0.0.7', true],
  ['10.0.0.9/24',  '10.0.0.7', true],
  ['10.0.0.0/24',  '10.0.1.7', false],
  ['10.0.0.7',     '10.0.0.7', true],
  ['10.0.0.7',     '10.0.0.8', false],
  ['0.0.0.0/0',    '10.0.0.8', true],
  ['0.0.0.0/0',    'fd00::1',  false],
  ['fd00::/64',    'fd00::1',  true],
  ['fd00::/64',    '10.0.0.1', false],
  ['1.2.3/24',     '1.2.3.4',  false],
])('%s holds %s: %j', (prefix, address, holds) => {
  expect(prefixMatch(prefix)(address)).toBe(holds);
});
