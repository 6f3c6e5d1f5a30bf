import { readFileSync } from 'node:fs';
import { devClose, devGetStats, devQueueXmit, netifRunning, rtnlDelLink } from '@etherloom/netcore';
import { testSkb } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { RULE_NAMES, type Rule } from './checker/rules.ts';
import type { LabLinkOps } from './lab-link.ts';
import { ALSO_BROKEN, BROKEN } from './testing/broken.ts';
import { ALSO_BROKEN_CALLS, BROKEN_CALLS } from './testing/broken-calls.ts';
import { TestLab } from './testing/test-lab.ts';

const files = ['broken.ts', 'broken-calls.ts'].map((name) => {
  const text = readFileSync(new URL(`./testing/${name}`, import.meta.url), 'utf8');
  return { name, source: text.split('\n') };
});
const each: Record<Rule, LabLinkOps> = { ...BROKEN, ...BROKEN_CALLS };

/** Some frames both ways, a while, down, and away. */
function exercise(linkOps: LabLinkOps): TestLab {
  const lab = new TestLab(linkOps).up();
  for (let i = 0; i < 4; i++) {
    devQueueXmit(testSkb(lab.dev, 60));
    lab.host.advance(20);
  }
  lab.receive(200);
  lab.receive(1);
  lab.host.advance(8000);
  devGetStats(lab.dev);
  lab.dev.rtnlLinkOps?.fillInfo?.(lab.dev);
  lab.dev.ethtoolOps.getEthtoolStats?.(lab.dev);
  if (netifRunning(lab.dev)) devClose(lab.dev);
  lab.host.advance(1000);
  rtnlDelLink(lab.dev);
  return lab;
}

const rows: [Rule, string, LabLinkOps][] = [
  ...RULE_NAMES.map((rule): [Rule, string, LabLinkOps] => [rule, 'its broken driver', each[rule]]),
  ...ALSO_BROKEN,
  ...ALSO_BROKEN_CALLS,
];

test.each(rows)('%s catches %s, and nothing else is said', (rule, _what, linkOps) => {
  const lab = exercise(linkOps);
  expect([...new Set(lab.rules)]).toEqual([rule]);
  const [report] = lab.reports;
  expect(report!.kernel.length).toBeGreaterThan(20);
  expect(lab.checker.counts.get(rule)).toBeGreaterThan(0);
});

/** The line marked `// HERE` of the driver that begins at the line with `begin`: `broken.ts:31`. */
function lineHere(begin: string): string | null {
  for (const { name, source } of files) {
    const start = source.findIndex((line) => line.includes(begin));
    const end = source.findIndex((line, i) => i > start && /^ {2}('|\w+:|\[)|^}/.test(line));
    const here = source.findIndex((line, i) => i > start && i < end && line.includes('// HERE'));
    if (start >= 0 && here >= 0) return `${name}:${here + 1}`;
  }
  return null;
}

const marked = rows.flatMap(([rule, what, linkOps]): [Rule, string, LabLinkOps, string][] => {
  const key = rule.includes('-') ? `'${rule}'` : rule;
  const where = lineHere(what === 'its broken driver' ? `  ${key}: ` : `'${what}'`);
  return where === null ? [] : [[rule, what, linkOps, where]];
});

test.each(marked)('%s names the line of %s', (_rule, _what, linkOps, where) => {
  expect(exercise(linkOps).reports[0]!.where).toBe(where);
});

test('most broken drivers have a line that is wrong', () => {
  expect(marked.length).toBeGreaterThan(20);
});

test('a rule that is broken again in the same line is said once, and counted', () => {
  const lab = exercise(BROKEN.oops);
  expect(lab.reports).toHaveLength(1);
  expect(lab.reports[0]).toMatchObject({ count: 201, device: 'eth0' });
});
