/** The reference pages name what the code has, all of it and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLabText } from '@etherloom/api';
import { VERDICT_NAMES } from '@etherloom/bridge';
import {
  DeviceInput,
  ImpairPatch,
  LabInput,
  LanInput,
  LinkInput,
  NodeInput,
  ROUTES,
} from '@etherloom/schema';
import { expect, test } from 'vitest';
import { root } from './support/program.ts';

const HEADLINE = [
  ['frames-mpps-64', 'Mpps'],
  ['ladder-ws-batched-relay-mpps', 'Mpps'],
  ['ladder-ws-single-relay-mpps', 'Mpps'],
  ['switch-cpu-ns-64', 'ns'],
  ['ladder-net-relay-cpu-ns', 'ns'],
  ['iperf3-offloads-vs-vde', 'times'],
  ['iperf3-offloads-vs-kernel-bridge', 'times'],
  ['apply-1000-seconds', 's'],
  ['latency-p99-half-ndr-ms', 'ms'],
] as const;

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The cells of a page's tables, a row each, below the heading. */
function rows(page: string, heading: string): string[][] {
  const part = page.split(`\n${heading}\n`)[1]!.split('\n## ')[0]!;
  const lines = part.split('\n').filter((line) => line.startsWith('|') && !/^\| -/.test(line));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks in the first cells of tables: `NAME`, or several of them. */
function names(page: string, heading: string): string[] {
  return rows(page, heading).flatMap(([first]) =>
    [...first!.matchAll(/`([^`{]+)`/g)].map(([, name]) => name!),
  );
}

/** The strings of `const NAME = [ ... ]` in a source. */
function listOf(source: string, name: string): string[] {
  const body = new RegExp(`const ${name} = \\[([^\\]]*)\\]`).exec(read(source))![1]!;
  return [...body.matchAll(/'([^']+)'/g)].map(([, text]) => text!);
}

const counters = read('docs/counters.md');
const rest = read('docs/rest.md');
const labFile = read('docs/lab-file.md');

test('docs/counters.md has every drop reason of a link', () => {
  const reasons = names(counters, '## Links').filter((name) => name === name.toUpperCase());
  expect(reasons.sort()).toEqual([...listOf('packages/switch/src/drops.ts', 'NAMES'), 'WIRE_LOST'].sort());
});

test('docs/counters.md has every verdict of a bridge that drops', () => {
  const drops = VERDICT_NAMES.filter((name) => !name.startsWith('FLOOD'));
  expect(names(counters, '## Ports of a LAN').sort()).toEqual([...drops].sort());
});

test('docs/counters.md has every drop reason of a device', () => {
  const known = listOf('packages/netcore/src/drop-reason.ts', 'REASONS');
  const drops = known.filter((name) => name !== 'NOT_DROPPED_YET' && name !== 'CONSUMED');
  const found = names(counters, '## Devices').filter((name) => name === name.toUpperCase());
  expect(found.sort()).toEqual(drops.sort());
});

test('docs/counters.md has every counter of a wslink', () => {
  const source = read('packages/drivers/src/wslink-ethtool.ts');
  const known = [...source.matchAll(/^ {2}(\w+): \(p\) =>/gm)].map(([, name]) => name!);
  const found = names(counters, '## Devices').filter((name) => name === name.toLowerCase());
  expect(known.length).toBeGreaterThan(20);
  expect(found.sort()).toEqual(known.sort());
});

test('docs/rest.md has every route, and says what it does as OpenAPI does', () => {
  const served = Object.values(ROUTES).map(({ method, path, summary }) => [method, `\`${path}\``, summary]);
  const [, ...shown] = rows(rest.replace('# REST\n', '\n## Routes\n'), '## Routes');
  expect(shown).toEqual(served);
});

/** A name that stands in the lab file's tables, as `key` or as part of `key {inner, ...}`. */
function keysOfPage(heading: string): string[] {
  const cells = rows(labFile, heading).map(([first]) => first!);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key!));
}

test('docs/lab-file.md has every key of a lab, a node and a LAN', () => {
  const known = [LabInput, NodeInput, LanInput].flatMap(({ shape }) => Object.keys(shape));
  expect(keysOfPage('## Lab, node, LAN').sort()).toEqual(known.sort());
});

test('docs/lab-file.md has every key of a device', () => {
  expect(keysOfPage('## Devices').sort()).toEqual(Object.keys(DeviceInput.shape).sort());
});

test('docs/lab-file.md has every key of a link and of a direction of it', () => {
  const known = [LinkInput, ImpairPatch].flatMap(({ shape }) => Object.keys(shape));
  expect(keysOfPage('## Links').sort()).toEqual(known.sort());
});

test.each(['docs/lab-file.md', 'README.md'])('the labs of %s are labs', (page) => {
  const labs = [...read(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);
  expect(labs.length).toBeGreaterThan(0);
  for (const text of labs) expect(Object.keys(parseLabText(text).nodes).length).toBeGreaterThan(0);
});

const EXAMPLES = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'));

test.each(EXAMPLES)('examples/%s is a lab', (name) => {
  expect(parseLabText(read(`examples/${name}`)).name).toBe(name.replace('.yaml', ''));
});

/** The figures of README's first table and of the sentence behind it: the median of each, as the report writes it. */
test('README has the figures of the report that it names, and that is the newest', () => {
  const page = read('README.md');
  const folders = readdirSync(join(root, 'docs/bench')).filter((name) => /^\d{4}-\d\d-\d\d$/.test(name));
  const newest = folders.sort().at(-1)!;
  expect(page).toContain(`[The report](docs/bench/${newest}/README.md)`);
  const report = read(`docs/bench/${newest}/README.md`);
  const headline = page.split('\n## ')[0]!;
  for (const [id, unit] of HEADLINE) {
    const row = report.split('\n').find((line) => line.startsWith('|') && line.includes(`| ${id} |`));
    const median = /^\| [^|]+ \| ([\d.]+)/.exec(row ?? '')?.[1];
    expect(headline, id).toContain(`${median} ${unit}`);
  }
});
