/** Every command of docs/recipes.md and docs/rest.md, as it stands and in its order, in the lab of `npm start`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, run } from './support/program.ts';
import { type Up, up } from './support/up.ts';

const PAGES = ['docs/recipes.md', 'docs/rest.md'];

const lines = PAGES.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!
      .trim()
      .split('\n')
      .map((line) => ({ page, line })),
  ),
);
const functions = lines.map(({ line }) => line).filter((line) => /^\w+\(\) \{/.test(line));
const commands = lines.filter(({ line }) => !functions.includes(line));

let lab: Up;

beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
});

afterAll(async () => {
  await lab?.stop();
});

test('the pages have commands', () => {
  expect(commands.length).toBeGreaterThan(30);
});

test.each(commands)('$page: $line', async ({ line }) => {
  // Why here: npx takes a second by itself, and test/readme.test.ts goes through it.
  const direct = line.replace(/^npx /, '');
  const script = [...functions, direct].join('\n').replaceAll('localhost:8080', new URL(lab.url).host);
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
  const done = await run('sh', ['-ec', script], { env: { ETHERLOOM_CONTROL: lab.url, PATH: path } });
  expect(done.stderr.replaceAll(/^npm (warn|notice).*\n?/gm, '')).toBe('');
  expect(done.code).toBe(0);
});

test('the pages leave the lab as the file says', async () => {
  const done = await lab.cli('diff', 'examples/three-hosts.yaml');
  expect(done.stdout + done.stderr).toBe('');
  expect(done.code).toBe(0);
});
