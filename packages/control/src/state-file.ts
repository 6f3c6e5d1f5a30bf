/**
 * The state file: a header line with the SHA-256 of all that follows, then one JSON document.
 *
 *   etherloom-state 1 sha256:<64 hex>\n{"revision":3,"lab":{...}}\n
 *
 * A file that was cut short or has one flipped bit does not read as another lab: it does not read at all. The generation
 * before it is kept beside it as FILE.previous, and is used, with a warning, when FILE cannot be.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Lab, parseWith } from '@etherloom/schema';
import { z } from 'zod';
import { ControlError, errorText } from './control-error.ts';

const HEADER = /^etherloom-state 1 sha256:([0-9a-f]{64})\n/;
const State = z.strictObject({ revision: z.int().min(0), lab: z.nullable(Lab) });
export type State = z.output<typeof State>;

export interface LoadedState {
  readonly state: State | null;
  /** The text the state was read from: what becomes the previous generation. */
  readonly text: string | null;
  /** Set when the newest generation could not be used. */
  readonly warning: string | null;
}

export function encodeState(state: State): string {
  const body = `${JSON.stringify(state)}\n`;
  return `etherloom-state 1 sha256:${sha256(body)}\n${body}`;
}

/** Throws, saying what is wrong, unless `text` is exactly what encodeState wrote. */
export function decodeState(text: string): State {
  const header = HEADER.exec(text);
  if (header === null) throw new Error('it does not start with an etherloom-state header');
  const body = text.slice(header[0].length);
  if (sha256(body) !== header[1]) throw new Error('its checksum does not match: it was cut short or altered');
  return parseWith(State, JSON.parse(body));
}

/** Reads the newest generation that is whole. EIO, naming the file, when there are files and none can be read. */
export async function loadState(file: string): Promise<LoadedState> {
  const newest = await readGeneration(file);
  if ('state' in newest) return { ...newest, warning: null };
  const previous = await readGeneration(`${file}.previous`);
  if ('state' in previous) return { ...previous, warning: recovered(file, newest.problem) };
  if (newest.problem === null && previous.problem === null) return { state: null, text: null, warning: null };
  throw new ControlError(
    'EIO',
    `the state file ${file} cannot be used: ${newest.problem ?? 'it is missing'}; nor can ${file}.previous: ` +
      `${previous.problem ?? 'it is missing'}. Restore one from a backup, or move both away to start with no lab`,
  );
}

/** Replaces `file` so that a crash at any moment leaves the old content or the new. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncDirectory(dirname(file));
}

type Generation = { state: State; text: string } | { problem: string | null };

async function readGeneration(file: string): Promise<Generation> {
  let bytes: Buffer;
  try {
    // Why asked first: a device may have no end, and a pipe waits for whoever writes.
    if (!(await stat(file)).isFile()) return { problem: 'it is no regular file' };
    bytes = await readFile(file);
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : errorText(error) };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { state: decodeState(text), text };
  } catch (error) {
    return { problem: errorText(error) };
  }
}

function recovered(file: string, problem: string | null): string {
  return `the state file ${file} ${problem === null ? 'is missing' : `cannot be used (${problem})`}; using ${file}.previous`;
}

/** The rename itself must reach the disk too; a file system that cannot sync a directory has to do without. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
