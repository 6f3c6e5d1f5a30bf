import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lab, parseLab } from '@etherloom/schema';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileStore } from './file-store.ts';
import { type LabStore, NO_REVISION, type StoredLab } from './lab-store.ts';
import { MemoryStore } from './memory-store.ts';
import { decodeState, encodeState, loadState } from './state-file.ts';

const first = lab('first');
const second = lab('second');
let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'etherloom-store-'));
  file = join(directory, 'state.json');
});
afterEach(() => rm(directory, { recursive: true }));

function lab(name: string): Lab {
  return parseLab({
    name,
    nodes: { h1: { devices: { eth0: { ip: '10.0.0.1/24' } } } },
    lans: { office: {} },
  });
}

const stores: Array<[string, () => Promise<LabStore>]> = [
  ['memory', async () => new MemoryStore()],
  ['file', () => FileStore.open(file)],
];

describe.each(stores)('%s store', (_kind, open) => {
  test('gives back what was put, with a revision that grows over removals too', async () => {
    const store = await open();
    expect(await store.get()).toBeNull();
    expect(await store.put(first, NO_REVISION)).toBe(1);
    expect(await store.put(second, 1)).toBe(2);
    expect(await store.get()).toEqual({ lab: second, revision: 2 });
    expect(await store.remove(2)).toBe(3);
    expect(await store.get()).toBeNull();
    expect(await store.put(first, NO_REVISION)).toBe(4);
  });

  test('refuses a change that expects another revision, and keeps the lab', async () => {
    const store = await open();
    await store.put(first, NO_REVISION);
    await expect(store.put(second, NO_REVISION)).rejects.toMatchObject({ code: 'EBUSY' });
    await expect(store.remove(7)).rejects.toMatchObject({ code: 'EBUSY' });
    expect(await store.get()).toEqual({ lab: first, revision: 1 });
  });

  test('tells its watchers of each change until they leave', async () => {
    const store = await open();
    const seen: Array<StoredLab | null> = [];
    const leave = store.watch((stored) => seen.push(stored));
    await store.put(first, NO_REVISION);
    await store.remove(1);
    leave();
    await store.put(second, NO_REVISION);
    expect(seen).toEqual([{ lab: first, revision: 1 }, null]);
  });

  test('of two changes at once that expect one revision, one wins', async () => {
    const store = await open();
    const both = await Promise.allSettled([store.put(first, NO_REVISION), store.put(second, NO_REVISION)]);
    expect(both.map((result) => result.status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('state file', () => {
  test('survives a restart, revision and all', async () => {
    const store = await FileStore.open(file);
    await store.put(first, NO_REVISION);
    await store.put(second, 1);
    expect(await (await FileStore.open(file)).get()).toEqual({ lab: second, revision: 2 });
  });

  test('cut short at any byte it does not read, and one flipped bit anywhere is found', () => {
    const text = encodeState({ revision: 2, lab: second });
    for (let length = 0; length < text.length; length++) {
      expect(() => decodeState(text.slice(0, length))).toThrow();
    }
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      expect(() => decodeState(flipped.toString('latin1'))).toThrow();
    }
  });

  test.each([0, 1, 40, 100, -1])(
    'cut to %i bytes, the generation before it is used, with a warning',
    async (length) => {
      const store = await FileStore.open(file);
      await store.put(first, NO_REVISION);
      await store.put(second, 1);
      await writeFile(file, (await readFile(file)).subarray(0, length));
      const recovered = await FileStore.open(file);
      expect(recovered.warning).toContain(file);
      expect(await recovered.get()).toEqual({ lab: first, revision: 1 });
    },
  );

  test('after a recovery the broken file never becomes the previous generation', async () => {
    const store = await FileStore.open(file);
    await store.put(first, NO_REVISION);
    await store.put(second, 1);
    await writeFile(file, 'rubbish');
    const recovered = await FileStore.open(file);
    await recovered.put(second, 1);
    expect(decodeState(await readFile(`${file}.previous`, 'utf8')).lab).toEqual(first);
  });

  test('with no generation that reads, the start is refused and the file is named', async () => {
    await writeFile(file, 'rubbish');
    await expect(FileStore.open(file)).rejects.toThrow(file);
    await writeFile(`${file}.previous`, '');
    await expect(FileStore.open(file)).rejects.toMatchObject({ code: 'EIO' });
  });

  test.each(['/dev/zero', tmpdir()])('%s is no state, and nobody waits for its end', async (path) => {
    await expect(FileStore.open(path)).rejects.toThrow(`${path} cannot be used: it is no regular file`);
  });

  test('what reads but is no lab is refused in one line with its place', async () => {
    await writeFile(file, encodeState({ revision: 1, lab: { ...first, name: 5 } as unknown as Lab }));
    await expect(FileStore.open(file)).rejects.toThrow(/^[^\n]*lab\.name[^\n]*$/);
  });

  test('a write that fails changes nothing', async () => {
    const store = await FileStore.open(join(directory, 'blocked', 'state.json'));
    await writeFile(join(directory, 'blocked'), 'a file where a directory should be');
    const failure = await store.put(first, NO_REVISION).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'EIO', message: expect.stringContaining('nothing changed') });
    expect(await store.get()).toBeNull();
    expect(await loadState(file)).toMatchObject({ state: null });
  });
});
