import { expect, test } from 'vitest';
import { readPrefix } from './prefix-word.ts';

// biome-ignore format: one prefix a line
test.each([
  ['10.0.0.0/24', '10.0.0.0/24'], ['10/8', '10.0.0.0/8'], ['10.1/16', '10.1.0.0/16'], ['10.0.0.1', '10.0.0.1'],
  ['fd00::/64', 'fd00::/64'], ['fe80::1', 'fe80::1'], ['::/0', '::/0'], ['0/0', '0.0.0.0/0'],
  ['any', null], ['all', null], ['default', null],
])('%s is %s', (word, prefix) => {
  expect(readPrefix(word)).toBe(prefix);
});

test.each([
  'foo',
  '10.0.0.1/33',
  'fd00::/129',
  '256/8',
  '1.2.3.4.5',
  '10/8/9',
  '10/',
  '',
  '10./8',
  'fd00::x',
])('"%s" is refused, as ip refuses it', (word) => {
  expect(() => readPrefix(word)).toThrow(`Error: any valid prefix is expected rather than "${word}".`);
});
