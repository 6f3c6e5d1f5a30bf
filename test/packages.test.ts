/** What packages say they import, what they do import, and what docs/ARCHITECTURE.md says of it are one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './support/program.ts';

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const PACKAGES = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
);

/** Ours by their short names. */
function declared(name: string): string[] {
  const { dependencies = {} } = JSON.parse(read('packages', name, 'package.json')) as {
    dependencies?: Record<string, string>;
  };
  return Object.keys(dependencies)
    .map((each) => each.replace('@etherloom/', ''))
    .sort();
}

/** All that `src` is made of, tests aside. */
function source(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      if (entry.isDirectory()) return source(join(folder, entry.name));
      return /(?<!\.test)\.ts$/.test(entry.name) ? readFileSync(join(folder, entry.name), 'utf8') : '';
    })
    .join('\n');
}

test.each(PACKAGES)('%s imports each package that it declares', (name) => {
  const text = source(join(root, 'packages', name, 'src'));
  const unused = declared(name).filter(
    (each) => !new RegExp(`'(@etherloom/)?${each.replace('/', '\\/')}['/]`).test(text),
  );
  expect(unused).toEqual([]);
});

const table = read('docs/ARCHITECTURE.md')
  .split('## Packages, by what they may import')[1]!
  .split('\n## ')[0]!;
const rows = new Map(
  [...table.matchAll(/^\| `([\w-]+)` +\|([^|]*)\|([^|]*)\|$/gm)].map(([, name, what, imports]) => [
    name!,
    { pure: /; pure *$/.test(what!), imports: [...imports!.matchAll(/`([^`]+)`/g)].map(([, each]) => each!) },
  ]),
);

test('docs/ARCHITECTURE.md has every package', () => {
  expect([...rows.keys()].sort()).toEqual(PACKAGES.sort());
});

test.each(PACKAGES)('docs/ARCHITECTURE.md says what %s imports, and whether it is pure', (name) => {
  expect(rows.get(name)?.imports.toSorted()).toEqual(declared(name));
  expect(rows.get(name)?.pure).toBe(read('packages', name, 'tsconfig.json').includes('"types": []'));
});
