import { expect, test } from 'vitest';
import { readBatchLines } from './batch-lines.ts';

test('each line has its words and its number; comments and empty lines have none', () => {
  const text = '# all of them\nlink set eth0 up\n\n  qdisc del dev eth0 root  # gone\nlink show\t"my dev"\n';
  expect(readBatchLines(text)).toEqual([
    { number: 2, words: ['link', 'set', 'eth0', 'up'] },
    { number: 4, words: ['qdisc', 'del', 'dev', 'eth0', 'root'] },
    { number: 5, words: ['link', 'show', 'my dev'] },
  ]);
});

test('a backslash goes on in the next line, and the line counts where it ends', () => {
  expect(readBatchLines('link set eth0 \\\n  mtu 1400\n')).toEqual([
    { number: 2, words: ['link', 'set', 'eth0', 'mtu', '1400'] },
  ]);
});

test("quotes of either kind are taken away, and an empty word stays: an alias can be ''", () => {
  expect(
    readBatchLines(`link set eth0 alias ''\nlink set eth0 alias "to h2"`).map(({ words }) => words[4]),
  ).toEqual(['', 'to h2']);
});
