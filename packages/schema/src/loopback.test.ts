import { expect, test } from 'vitest';
import { isLoopback } from './loopback.ts';

// biome-ignore format: one case a line
test.each([
  ['localhost', true], ['127.0.0.1', true], ['127.255.3.4', true], ['::1', true],
  ['0.0.0.0', false], ['::', false], ['10.0.0.1', false], ['127.0.0.1.example.org', false],
  ['localhost.example.org', false], ['[::1]', false], ['::1%lo', false], ['', false],
])('isLoopback(%j) is %j', (host, is) => {
  expect(isLoopback(host)).toBe(is);
});
