import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findRunning, forgetRunning, isAlive, noteRunning } from './runtime-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-runtime-'));
const note = join(folder, 'etherloom', 'up-8080.json');
beforeEach(() => vi.stubEnv('XDG_RUNTIME_DIR', folder));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

test('a running lab is found by its port, until it is forgotten', () => {
  noteRunning(8080, { url: 'http://127.0.0.1:8080', file: 'lab.yaml' });
  expect(findRunning(8080)).toMatchObject({ pid: process.pid, file: 'lab.yaml' });
  expect(findRunning(8081)).toBeNull();
  expect(statSync(note).mode & 0o077).toBe(0);
  forgetRunning(8080);
  expect(findRunning(8080)).toBeNull();
  expect(readdirSync(join(folder, 'etherloom'))).toEqual([]);
});

test('a link that somebody left in its place is replaced, not followed', () => {
  const precious = join(folder, 'precious');
  writeFileSync(precious, 'mine');
  mkdirSync(dirname(note), { recursive: true });
  symlinkSync(precious, note);
  noteRunning(8080, { url: 'http://127.0.0.1:8080', file: 'lab.yaml' });
  expect(readFileSync(precious, 'utf8')).toBe('mine');
  expect(findRunning(8080)).toMatchObject({ file: 'lab.yaml' });
  forgetRunning(8080);
});

test('a note of a process that is gone finds nothing', () => {
  noteRunning(8080, { url: 'http://127.0.0.1:8080', file: 'lab.yaml' });
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  rewrite({ pid });
  expect(findRunning(8080)).toBeNull();
});

test.runIf(process.platform === 'linux')(
  'a process that has only got the same number is not taken for it',
  () => {
    noteRunning(8080, { url: 'http://127.0.0.1:8080', file: 'lab.yaml' });
    const lab = findRunning(8080)!;
    rewrite({ started: '1' });
    expect(findRunning(8080)).toBeNull();
    expect(isAlive({ ...lab, started: '1' })).toBe(false);
    expect(isAlive(lab)).toBe(true);
  },
);

function rewrite(change: object): void {
  writeFileSync(note, JSON.stringify({ ...JSON.parse(readFileSync(note, 'utf8')), ...change }));
}
