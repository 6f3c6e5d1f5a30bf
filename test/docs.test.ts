import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './support/program.ts';

const architecture = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');

/** `packages/x/src/y.ts` and `packages/x/src/y.ts: name` as the page writes them. */
const places = [...architecture.matchAll(/`(packages\/[\w./-]+)(?:: (#?\w+))?`/g)].map(([, file, name]) => ({
  file: file!,
  name,
}));

test('docs/ARCHITECTURE.md names places', () => {
  expect(places.length).toBeGreaterThan(50);
});

test.each(places)('docs/ARCHITECTURE.md names what is there: $file $name', ({ file, name }) => {
  expect(existsSync(join(root, file))).toBe(true);
  if (name === undefined) return;
  const text = readFileSync(join(root, file), 'utf8');
  const definition = new RegExp(
    `(function |^\\s+(get |static |readonly )?|export const )${name}\\b\\s*[(<=:]`,
    'm',
  );
  expect(text).toMatch(definition);
});

function markdown(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

test.each(['.', 'docs', 'docs/adr', 'docs/driver-lab'].flatMap(markdown))(
  'every link of %s leads somewhere',
  (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      expect(existsSync(join(root, dirname(page), target!)), `${page}: ${target}`).toBe(true);
    }
  },
);

const fidelity = readFileSync(join(root, 'docs/fidelity.md'), 'utf8');

/** `path: "name", "name"` as docs/fidelity.md writes the tests that hold a rule. A name is a whole string of the file. */
function claims(text: string): { file: string; name: string }[] {
  return [...text.matchAll(/`((?:packages|test)\/[\w./-]+\.ts): "([^`]+)"`/g)].flatMap(([, file, names]) =>
    names!.split('", "').map((name) => ({ file: file!, name })),
  );
}

test.each(claims(fidelity))(
  'docs/fidelity.md names a test that is there: $file "$name"',
  ({ file, name }) => {
    expect(existsSync(join(root, file)), file).toBe(true);
    const strings = readFileSync(join(root, file), 'utf8').replaceAll("\\'", "'");
    const whole = ["'", '"', '`', 'kind}: '].some((open) =>
      ["'", '"', '`'].some((close) => strings.includes(open + name + close)),
    );
    expect(whole, `${file}: "${name}"`).toBe(true);
  },
);

test('every rule of docs/fidelity.md has a source and a test', () => {
  const rules = fidelity.split('## Left out')[0]!.match(/^\| .*/gm)!;
  const rows = rules.filter((line) => !/^\| (rule|---) \|/.test(line));
  expect(rows.length).toBeGreaterThan(200);
  const wrong = rows.filter((row) => {
    const cells = row.split(/(?<!\\)\|/);
    return cells.length !== 5 || cells[2]!.trim() === '' || claims(cells[3]!).length === 0;
  });
  expect(wrong).toEqual([]);
});
