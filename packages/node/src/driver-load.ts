/** Loads the driver file of a user: whatever is wrong with it is said before the node has done anything. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { register } from 'node:module';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LabLinkOps } from '@etherloom/driver-lab';
import { CodedError } from '@etherloom/transport-ws';
import { DRIVER_DEADLINE_MS, type DriverWatchdog } from './driver-watchdog.ts';

export interface LoadedDriver {
  /** As it was asked for. */
  readonly file: string;
  readonly linkOps: LabLinkOps;
  /** The line where a function of the file stands, or where `word` stands in it: `my-nic.ts:31`. */
  locate(fn: unknown, word?: string): string | null;
  /** Whether a place on a stack is the driver's. */
  isDriver(place: string): boolean;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const PACKAGES = fileURLToPath(new URL('../../', import.meta.url));
const HOW =
  "write: export const linkOps = { kind: 'mine', setup(dev) { ... }, newlink(dev, { nic }) { ... } }";

/** Throws a CodedError that says what is wrong, in which line, and what to do. */
export async function loadDriver(file: string, watchdog: DriverWatchdog): Promise<LoadedDriver> {
  const path = checkFile(file);
  hookModules();
  watchdog.watch(file);
  watchdog.enter('its top-level code');
  let exported: Record<string, unknown>;
  try {
    exported = await withDeadline(import(pathToFileURL(path).href), file);
  } catch (error) {
    throw loadFailure(file, path, error);
  } finally {
    watchdog.enter(null);
  }
  const linkOps = checkExports(file, exported);
  return { file, linkOps, locate: locator(path), isDriver: (place) => isOf(path, place) };
}

function checkFile(file: string): string {
  const path = resolve(file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw refuse('ENOENT', file, 'no such file: give the path of a driver, as ./my-nic.ts');
  if (stat.isDirectory())
    throw refuse('EISDIR', file, 'it is a folder: give the path of a driver, as ./my-nic.ts');
  // Why the real one: that is what a stack names.
  if (EXTENSIONS.includes(extname(path))) return realpathSync(path);
  throw refuse('EINVAL', file, `a driver is a module: name it ${EXTENSIONS.join(', ')}`);
}

let hooked = false;

function hookModules(): void {
  if (!hooked) register(new URL('./driver-hooks.js', import.meta.url));
  hooked = true;
}

/** For top-level code that waits for ever; one that computes for ever is the watchdog's. */
async function withDeadline(loading: Promise<unknown>, file: string): Promise<Record<string, unknown>> {
  const late = new Promise<never>((_, reject) => {
    const text = `its top-level code has not ended after ${DRIVER_DEADLINE_MS / 1000} s: a driver waits for nothing while it is loaded`;
    setTimeout(() => reject(refuse('ETIMEDOUT', file, text)), DRIVER_DEADLINE_MS).unref();
  });
  const held = setInterval(() => {}, 1000); // or a module that waits for ever would end the process in silence
  try {
    return (await Promise.race([loading, late])) as Record<string, unknown>;
  } finally {
    clearInterval(held);
  }
}

function loadFailure(file: string, path: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const { name = 'Error', message = String(error), stack = '' } = (error ?? {}) as Partial<Error>;
  const at = placeIn(path, stack) ?? '';
  const what = name === 'SyntaxError' ? 'cannot be read as a program' : 'fails while it is loaded';
  return refuse('EINVAL', file, `it ${what}: ${at === '' ? '' : `${at}: `}${name}: ${message}`, error);
}

/** `my-nic.ts:31` of the first place of the driver's files in a stack. */
function placeIn(path: string, stack: string): string | null {
  for (const [, url, line] of stack.matchAll(/(file:\/\/[^\s()]+?):(\d+)/g)) {
    if (isOf(path, url!)) return `${basename(fileURLToPath(url!))}:${line}`;
  }
  return null;
}

function checkExports(file: string, exported: Record<string, unknown>): LabLinkOps {
  const names = Object.keys(exported);
  const { linkOps } = exported;
  if (linkOps === undefined) {
    const has = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')} and no linkOps`;
    throw refuse('EINVAL', file, `${has}; ${HOW}`);
  }
  const { kind, setup, newlink } = (linkOps ?? {}) as Partial<Record<keyof LabLinkOps, unknown>>;
  if (typeof kind !== 'string' || !/^[a-z][a-z0-9_-]{0,14}$/.test(kind)) {
    throw refuse('EINVAL', file, `linkOps.kind is the driver's name, 1 to 15 of a-z, 0-9, - and _; ${HOW}`);
  }
  if (typeof setup !== 'function') throw refuse('EINVAL', file, `linkOps.setup is no function; ${HOW}`);
  if (typeof newlink !== 'function') throw refuse('EINVAL', file, `linkOps.newlink is no function; ${HOW}`);
  return linkOps as LabLinkOps;
}

function refuse(code: string, file: string, text: string, cause?: unknown): CodedError {
  return new CodedError(code, `--driver ${file}: ${text}`, cause === undefined ? {} : { cause });
}

function isOf(path: string, place: string): boolean {
  const at = place.startsWith('file:') ? fileURLToPath(place) : place;
  return (
    at.startsWith(join(dirname(path), sep)) && !at.startsWith(PACKAGES) && !at.includes('/node_modules/')
  );
}

/** Why by text: stripping keeps every character in its place, so a function's own text is found in the file. */
function locator(path: string): LoadedDriver['locate'] {
  const source = readFileSync(path, 'utf8');
  return (fn, word) => {
    const start =
      typeof fn === 'function' ? indexOfFunction(source, fn as (...args: never[]) => unknown) : -1;
    if (start < 0) return null;
    const inside = word === undefined ? 0 : Math.max(0, String(fn).indexOf(word));
    const line = source.slice(0, start + inside).split('\n').length;
    return `${basename(path)}:${line}`;
  };
}

/** Types are blanks in the function's text, so they are compared as far as the first of them, then by what follows. */
function indexOfFunction(source: string, fn: (...args: never[]) => unknown): number {
  const text = String(fn);
  for (let at = source.indexOf(text.slice(0, 8)); at >= 0; at = source.indexOf(text.slice(0, 8), at + 1)) {
    if (sameButBlanks(source, at, text)) return at;
  }
  return -1;
}

function sameButBlanks(source: string, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== ' ' && text[i] !== ';' && text[i] !== source[at + i]) return false;
  }
  return true;
}
