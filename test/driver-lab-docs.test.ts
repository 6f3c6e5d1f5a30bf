import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULE_NAMES } from '@etherloom/driver-lab';
import { expect, test } from 'vitest';
import { root } from './support/program.ts';

const text = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = readdirSync(join(root, 'docs/driver-lab')).filter((name) => name.endsWith('.md'));

const quotes = pages.flatMap((page) =>
  [...text(`docs/driver-lab/${page}`).matchAll(/<!-- from (\S+) -->\n```ts\n(.*?)```/gs)].map(
    ([, file, quoted]) => ({ page, file: file!, quoted: quoted! }),
  ),
);

test.each(quotes)('docs/driver-lab/$page quotes $file as it is', ({ file, quoted }) => {
  expect(text(file)).toContain(quoted);
});

test('every piece of a driver in the pages says which file it is from', () => {
  const all = pages.flatMap((page) => [...text(`docs/driver-lab/${page}`).matchAll(/```ts\n/g)]);
  expect(quotes).toHaveLength(all.length);
  expect(quotes.length).toBeGreaterThan(8);
});

test('the first driver takes sixty lines at most', () => {
  expect(text('examples/drivers/1-first.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});

test('the page of the checker has a row for each rule, and for no other', () => {
  const rows = [...text('docs/driver-lab/checker.md').matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(
    ([, rule]) => rule,
  );
  expect(rows.sort()).toEqual([...RULE_NAMES].sort());
});
