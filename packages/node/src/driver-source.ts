/** The files of a user's driver as text: whole, of a size that a driver has, and UTF-8. */
import { existsSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Far beyond any driver, bundled with whatever it uses. */
const MAX_BYTES = 8 << 20;

const IMPORT = /(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]*)\1/g;
const ANY_IMPORT = /(?:from|import)\s*\(?\s*(['"])([^'"\n]*)\1/g;

/** Says what is wrong with a file, without its name: whoever reads it has its own way to say that. */
export class SourceError extends Error {
  readonly code: string;

  constructor(code: string, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
  }
}

/** Throws a SourceError. */
export function readSource(path: string): string {
  const stat = statOf(path);
  if (stat === undefined)
    throw new SourceError('ENOENT', 'no such file: give the path of a driver, as ./my-nic.ts');
  if (stat.isDirectory())
    throw new SourceError('EISDIR', 'it is a folder: give the path of a driver, as ./my-nic.ts');
  if (!stat.isFile()) throw new SourceError('EINVAL', 'it is no regular file: a driver is a file of text');
  if (stat.size > MAX_BYTES) {
    const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
    throw new SourceError('EFBIG', `it has ${mib(stat.size)} MiB: a driver has ${mib(MAX_BYTES)} at most`);
  }
  return decode(readBytes(path));
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(error);
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(cause: unknown): SourceError {
  const { code = 'EIO', message } = cause as NodeJS.ErrnoException;
  const text = code === 'EACCES' ? 'permission denied' : message;
  return new SourceError(code, `it cannot be read: ${text}`, { cause });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const text = `line ${lineOfBadByte(bytes)} is not UTF-8: save the file as UTF-8`;
    // biome-ignore lint/style/useErrorCause: the cause is the third argument
    throw new SourceError('EILSEQ', text, { cause });
  }
}

function lineOfBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let line = 1, at = 0; at < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, at);
    const next = end < 0 ? bytes.length : end + 1;
    try {
      decoder.decode(bytes.subarray(at, next));
    } catch {
      return line;
    }
    at = next;
  }
  return 1;
}

/** Text by path: the driver's own file first, then those it imports by a relative name, and theirs. Throws a SourceError. */
export function driverSources(path: string): ReadonlyMap<string, string> {
  const texts = new Map([[path, readSource(path)]]);
  for (const [file, text] of texts)
    for (const target of imported(file, text)) texts.set(target, sourceOf(target));
  return texts;
}

function imported(file: string, text: string): string[] {
  const targets = [...text.matchAll(IMPORT)].map(({ 2: name = '' }) => resolve(dirname(file), name));
  return targets.filter((target) => /\.m?[jt]s$/.test(target) && existsSync(target));
}

function sourceOf(target: string): string {
  try {
    return readSource(target);
  } catch (cause) {
    const { code, message } = cause as SourceError;
    // biome-ignore lint/style/useErrorCause: the cause is the third argument
    throw new SourceError(code, `${basename(target)}: ${message}`, { cause });
  }
}

/** Of a module that Node did not find: `my-nic.ts:3: there is no ./ring; write ./ring.ts`. */
export function missingModule(texts: ReadonlyMap<string, string>, message: string): string | null {
  for (const [file, text] of texts) {
    for (const { 2: name = '', index } of text.matchAll(ANY_IMPORT)) {
      const path = name.startsWith('.') ? resolve(dirname(file), name) : name;
      if (message.includes(`'${path}'`)) return noSuch(file, text.slice(0, index), name);
    }
  }
  return null;
}

function noSuch(file: string, before: string, name: string): string {
  const where = `${basename(file)}:${before.split('\n').length}`;
  const bare = name.replace(/\.[cm]?js$/, '');
  const isThere = (other: string) => name.startsWith('.') && existsSync(resolve(dirname(file), other));
  const near = [`${bare}.ts`, `${bare}.mts`, `${bare}.js`].find(isThere);
  return `${where}: there is no ${name}${near === undefined ? '' : `; write ${near}: an import names the whole file`}`;
}
