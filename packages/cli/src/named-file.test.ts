import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readNamedFile } from './named-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-named-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is read whole, up to the last byte that is allowed', () => {
  const path = join(folder, 'file');
  const bytes = Buffer.alloc(100_000, 7);
  writeFileSync(path, bytes);
  expect(readNamedFile(path, 100_000).equals(bytes)).toBe(true);
  expect(() => readNamedFile(path, 99_999)).toThrow(/more than the .* KiB/);
});

test('one without an end is given up', () => {
  expect(() => readNamedFile('/dev/zero', 1024)).toThrow('it has more than the 1 KiB that are read');
});

test('a pipe is a file like any other', () => {
  const path = join(folder, 'pipe');
  spawnSync('mkfifo', [path]);
  spawnSync('sh', ['-c', `(printf secret > ${path}) > /dev/null 2>&1 &`]);
  expect(readNamedFile(path, 1024).toString()).toBe('secret');
});

test('what cannot be opened is told by its errno', () => {
  expect(() => readNamedFile(join(folder, 'none'), 1)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => readNamedFile(folder, 1)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
});
