import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, run } from './support/program.ts';
import { type Up, up } from './support/up.ts';

/** The commands of the README's tour, each with the output printed there. */
function tour(): [command: string, output: string][] {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const part = text.slice(text.indexOf('<!-- tour: begin'), text.indexOf('<!-- tour: end'));
  const blocks = [...part.matchAll(/```console\n([\s\S]*?)```/g)].map((match) => match[1]!);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((each): [string, string] => {
        const end = each.indexOf('\n');
        return [each.slice(0, end), each.slice(end + 1)];
      }),
  );
}

/** JSON by its keys and kinds of values, texts without their numbers: what stays the same from run to run. */
function shape(text: string): unknown {
  try {
    return kinds(JSON.parse(text));
  } catch {
    return text.replaceAll(/\d+(\.\d+)?/g, '#').trim();
  }
}

function kinds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kinds);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, kinds(inner)]));
  }
  return typeof value === 'number' ? 'number' : value;
}

let lab: Up;

beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
});

afterAll(async () => {
  await lab?.stop();
});

test.each(tour())('the README tells the truth: %s', async (command, output) => {
  const here = command.replaceAll('localhost:8080', new URL(lab.url).host);
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
  const done = await run('sh', ['-c', here], { env: { ETHERLOOM_CONTROL: lab.url, PATH: path } });
  expect(done.stderr.replaceAll(/^npm (warn|notice).*\n?/gm, '')).toBe('');
  expect(done.code).toBe(0);
  expect(shape(done.stdout)).toEqual(shape(output));
});
