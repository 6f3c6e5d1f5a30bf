import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLab } from '@etherloom/schema';
import { afterAll, expect, test } from 'vitest';
import { commandWord } from './command-word.ts';
import { readySummary } from './summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(...path: string[]): string {
  const at = join(folder, ...path);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'etherloom'), '');
  return at;
}

test('the command is shown as the shell of the reader finds it', () => {
  expect(commandWord('/nowhere', folder)).toMatch(/^node .*bin\/etherloom\.js$/);
  const local = put('node_modules', '.bin');
  expect(commandWord(`${local}:/nowhere`, folder)).toBe('npx etherloom');
  expect(commandWord(`/nowhere:${put('bin')}`, folder)).toBe('etherloom');
});

function summary(stack: 'user' | 'kernel', url: string) {
  const nodes = { h1: { stack, devices: { eth0: {} } }, h2: { stack, devices: { eth0: {} } } };
  const lab = parseLab({ nodes, links: [{ endpoints: ['h1:eth0', 'h2:eth0'] }] });
  const empty = { nodes: [], devices: new Map(), lans: [], links: [], stats: new Map(), waiting: [] };
  return readySummary({ ...empty, lab, url, dataUrl: 'ws://127.0.0.1:8081/v1/data' }, 'etherloom');
}

test('what to try next works on this lab, and names its URL where it is not the default', () => {
  expect(summary('user', 'http://127.0.0.1:8080')).toContain('  etherloom ping -c 3 h1 h2\n');
  const moved = summary('user', 'http://127.0.0.1:9080');
  expect(moved).toContain('etherloom ping --control http://127.0.0.1:9080 -c 3 h1 h2\n');
  expect(moved).toContain('http://127.0.0.1:9080/v1/links/h1-eth0--h2-eth0');
  expect(summary('kernel', 'http://127.0.0.1:8080')).toContain('sudo etherloom exec h1 -- ip -s link');
});
