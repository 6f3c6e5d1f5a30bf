import { expect, test } from 'vitest';
import { isStale, parseOwner, startOfStat } from './netns-owner.ts';

test('a note is read back whole or not at all', () => {
  expect(parseOwner('123 456789 4026531992\n')).toEqual({ pid: 123, started: '456789', inode: 4026531992 });
  for (const text of ['', '123 456789\n', 'x 1 2\n', '123 456789 4026531992'])
    expect(parseOwner(text)).toBeNull();
});

test("a process's start is found behind a command name with spaces and brackets", () => {
  const tail = ['S', ...Array.from({ length: 18 }, (_, i) => String(i)), '98765', '1'].join(' ');
  expect(startOfStat(`42 (a) b (c)) ${tail}`)).toBe('98765');
});

test('a note about another inode says nothing of the namespace that is there', () => {
  const dead = { pid: 0, started: '1', inode: 1 };
  expect(isStale(dead, '/')).toBe(false);
});
