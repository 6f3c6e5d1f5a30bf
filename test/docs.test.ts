import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createProgram } from '@etherloom/cli';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { root } from './support/program.ts';

const read = (page: string): string => readFileSync(join(root, page), 'utf8');

function markdown(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

const PAGES = ['.', 'docs', 'docs/adr', 'docs/driver-lab', 'bench'].flatMap(markdown);

/** `packages/x/src/y.ts` and `packages/x/src/y.ts: name` as the pages write them. */
const PLACE = /`((?:packages|test|bench|examples|scripts|docker)\/[\w./-]+)(?::\s+(#?\w+))?`/g;
const places = PAGES.flatMap((page) =>
  [...read(page).matchAll(PLACE)].map(([, file, name]) => ({ page, file: file!, name })),
);

test('docs/ARCHITECTURE.md names places', () => {
  expect(places.filter(({ page }) => page === 'docs/ARCHITECTURE.md').length).toBeGreaterThan(50);
});

test.each(places)('$page names what is there: $file $name', ({ file, name }) => {
  expect(existsSync(join(root, file))).toBe(true);
  if (name === undefined) return;
  const text = read(file);
  const definition = new RegExp(
    `(function |^\\s+(get |static |readonly )?|export const )${name}\\b\\s*[(<=:]`,
    'm',
  );
  expect(text).toMatch(definition);
});

/** Every file below a folder, by its name alone. */
function fileNames(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    return entry.isDirectory() ? fileNames(join(folder, entry.name)) : [entry.name];
  });
}

const known = new Set(['packages', 'test', 'bench', 'examples', 'scripts'].flatMap(fileNames));
/** Of who reads the page, or an example of what is not there. */
const NOT_OURS = new Set(['my-nic.ts', 'missing.ts', 'ring.ts']);

test.each(PAGES)('the files that %s calls by their name alone are there', (page) => {
  const named = [...read(page).matchAll(/`(?:\.\/)?([\w-]+(?:\.\w+)*\.(?:ts|mjs))(?::\s+#?\w+)?`/g)].map(
    ([, name]) => name!,
  );
  expect(named.filter((name) => !known.has(name) && !NOT_OURS.has(name))).toEqual([]);
});

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
    expect(existsSync(join(root, dirname(page), target!)), `${page}: ${target}`).toBe(true);
  }
});

const program = await createProgram();

/** The words of every `etherloom ...` in the code of a page, in its tables and between backticks. */
function invocations(page: string): string[][] {
  const text = read(page).replaceAll(/\\\n\s*/g, '');
  const found = text.matchAll(/(?:^|`|[$&] |sudo |npx )etherloom +([a-z][^`\n#]*)/gm);
  return [...found].map(([, words]) => words!.trim().split(/\s+/));
}

/** ip, tc and ethtool have a grammar of their own, which their tests hold. */
const TOOLS = new Set(['ip', 'tc', 'ethtool']);

function commandOf(words: readonly string[]): Command | undefined {
  let command: Command | undefined;
  for (const word of words) {
    const inner = (command ?? program).commands.find((each) => each.name() === word);
    if (inner === undefined) return command;
    command = inner;
  }
  return command;
}

test.each(
  PAGES.flatMap((page) => invocations(page).map((words) => ({ page, words, line: words.join(' ') }))),
)('$page: etherloom $line is a command with such options', ({ words }) => {
  const command = commandOf(words);
  expect(command, `no command "${words[0]}"`).toBeDefined();
  if (command === undefined || TOOLS.has(command.name())) return;
  const end = words.indexOf('--');
  const flags = (end < 0 ? words : words.slice(0, end)).filter((word) => /^-{1,2}[a-z]/i.test(word));
  const options = command.options.flatMap(({ short, long }) => [short, long]);
  expect(flags.filter((flag) => !options.includes(flag.split('=')[0]))).toEqual([]);
});

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

test.each(PAGES)('the npm scripts that %s names are there', (page) => {
  const named = [...read(page).matchAll(/\bnpm (?:run )?(start|test|bench|build|check|format|lint)\b/g)];
  const unknown = [...read(page).matchAll(/\bnpm run ([a-z]+)/g)].filter(([, name]) => !(name! in scripts));
  expect(named.filter(([, name]) => !(name! in scripts))).toEqual([]);
  expect(unknown).toEqual([]);
});

const fidelity = read('docs/fidelity.md');

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
    const strings = read(file).replaceAll("\\'", "'");
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
