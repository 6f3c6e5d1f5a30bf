/** Loads the driver file of a user: whatever is wrong with it is said before the node has done anything. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { register } from 'node:module';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type IsDriver, type LabLinkOps, placeOf, thrownText } from '@etherloom/driver-lab';
import { CodedError } from '@etherloom/transport-ws';
import { DriverGuard } from './driver-guard.ts';
import { driverSources, missingModule, readSource, SourceError } from './driver-source.ts';
import { DRIVER_DEADLINE_MS, type DriverWatchdog } from './driver-watchdog.ts';

export interface LoadedDriver {
  /** As it was asked for. */
  readonly file: string;
  readonly linkOps: LabLinkOps;
  /** The line where a function of the file stands, or where `word` stands in it: `my-nic.ts:31`. */
  locate(fn: unknown, word?: string): string | null;
  /** Whether a place on a stack is the driver's. */
  isDriver(place: string): boolean;
  /** From now on, hears of exceptions of the driver that nobody catches. */
  onStray(fn: (thrown: unknown) => void): void;
  /** Listens no more. */
  close(): void;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const PACKAGES = fileURLToPath(new URL('../../', import.meta.url));
const HOW =
  "write: export const linkOps = { kind: 'mine', setup(dev) { ... }, newlink(dev, { nic }) { ... } }";

/** Throws a CodedError that says what is wrong, in which line, and what to do. */
export async function loadDriver(file: string, watchdog: DriverWatchdog): Promise<LoadedDriver> {
  const { path, sources } = checkFile(file);
  hookModules();
  watchdog.watch(file);
  const isDriver = (place: string) => isOf(path, place);
  let stray!: (thrown: unknown) => void;
  const failed = new Promise<never>((_, reject) => {
    stray = reject;
  });
  failed.catch(() => {}); // it may come when nobody waits for it any more
  const running = () => watchdog.op;
  const onStray = (thrown: unknown) => stray(thrown);
  const guard = new DriverGuard({ file, isDriver, isOurs, running, onStray });
  watchdog.enter('its top-level code');
  let exported: Record<string, unknown>;
  try {
    exported = await withDeadline(Promise.race([import(pathToFileURL(path).href), failed]), file);
    await new Promise(setImmediate); // for a promise that nobody waits for
    await Promise.race([failed, null]);
  } catch (error) {
    throw await loadFailure(file, { isDriver, sources }, error);
  } finally {
    watchdog.enter(null);
  }
  return {
    file,
    linkOps: checkExports(file, exported),
    locate: locator(sources),
    isDriver,
    onStray(fn) {
      stray = fn;
    },
    close: () => guard.close(),
  };
}

function checkFile(file: string): { path: string; sources: ReadonlyMap<string, string> } {
  const path = resolve(file);
  try {
    const real = existsSync(path) ? realpathSync(path) : path; // why the real one: that is what a stack names
    if (!isFile(path)) readSource(path); // says what it is instead
    for (const name of new Set([path, real])) {
      if (!EXTENSIONS.includes(extname(name)))
        throw new SourceError('EINVAL', `${name} is no module by its name: name it ${EXTENSIONS.join(', ')}`);
    }
    return { path: real, sources: driverSources(real) };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw refuse(error.code, file, error.message, error);
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
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

interface FailureContext {
  readonly isDriver: IsDriver;
  readonly sources: ReadonlyMap<string, string>;
}

async function loadFailure(
  file: string,
  { isDriver, sources }: FailureContext,
  error: unknown,
): Promise<CodedError> {
  if (error instanceof CodedError) return error;
  const { name = 'Error', message = thrownText(error), stack = '', code } = asError(error);
  const missing = code === 'ERR_MODULE_NOT_FOUND' ? missingModule(sources, message) : null;
  if (missing !== null) return refuse('EINVAL', file, missing, error);
  const at = placeOf(error, isDriver) ?? placeIn(isDriver, stack);
  const what = name === 'SyntaxError' ? 'cannot be read as a program' : 'fails while it is loaded';
  const where = at === null && name === 'SyntaxError' ? await syntaxPlace(sources) : null;
  if (where !== null) return refuse('EINVAL', file, `it ${what}: ${name}: ${where}`, error);
  const line = message.split('\n', 1)[0];
  return refuse('EINVAL', file, `it ${what}: ${at === null ? '' : `${at}: `}${name}: ${line}`, error);
}

/** Where the engine does not say it. */
async function syntaxPlace(sources: ReadonlyMap<string, string>): Promise<string | null> {
  const { syntaxProblem } = await import('./driver-strip.ts');
  for (const [path, text] of sources) {
    const problem = syntaxProblem(text, path);
    if (problem !== null) return problem;
  }
  return null;
}

/** Anything may be thrown, and asking it may throw again. */
function asError(thrown: unknown): Partial<Error> & { code?: unknown } {
  if (!(thrown instanceof Error)) return {};
  const { name, message, stack, code } = thrown as NodeJS.ErrnoException;
  return { name, message, stack: String(stack), code };
}

/** `my-nic.ts:31` of a syntax error: its place stands alone on the first line. */
function placeIn(isDriver: IsDriver, stack: string): string | null {
  const found = /^(file:\/\/\S+|\/.*):(\d+)$/m.exec(stack);
  if (found === null || !isDriver(found[1]!)) return null;
  return `${basename(pathOf(found[1]!) ?? '')}:${found[2]}`;
}

function checkExports(file: string, exported: Record<string, unknown>): LabLinkOps {
  const names = Object.keys(exported);
  const { linkOps } = exported;
  if (linkOps === undefined) {
    const has = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')} and no linkOps`;
    throw refuse('EINVAL', file, `${has}; ${HOW}`);
  }
  const { kind, setup, newlink } = partsOf(file, linkOps);
  if (typeof kind !== 'string' || !/^[a-z][a-z0-9_-]{0,14}$/.test(kind)) {
    throw refuse('EINVAL', file, `linkOps.kind is the driver's name, 1 to 15 of a-z, 0-9, - and _; ${HOW}`);
  }
  if (typeof setup !== 'function') throw refuse('EINVAL', file, `linkOps.setup is no function; ${HOW}`);
  if (typeof newlink !== 'function') throw refuse('EINVAL', file, `linkOps.newlink is no function; ${HOW}`);
  return linkOps as LabLinkOps;
}

/** Reading them may throw, where they are getters. */
function partsOf(file: string, linkOps: unknown): Partial<Record<keyof LabLinkOps, unknown>> {
  try {
    const { kind, setup, newlink } = (linkOps ?? {}) as Partial<Record<keyof LabLinkOps, unknown>>;
    return { kind, setup, newlink };
  } catch (thrown) {
    throw refuse('EINVAL', file, `linkOps cannot be read: ${thrownText(thrown)}; ${HOW}`, thrown);
  }
}

function refuse(code: string, file: string, text: string, cause?: unknown): CodedError {
  return new CodedError(code, `--driver ${file}: ${text}`, cause === undefined ? {} : { cause });
}

/** All that is neither ours nor a package: a driver may share files with others. */
function isOf(path: string, place: string): boolean {
  const at = pathOf(place);
  if (at === null) return false;
  return isForeign(path) ? at.startsWith(join(dirname(path), sep)) : !isForeign(at);
}

function isOurs(place: string): boolean {
  return pathOf(place)?.startsWith(PACKAGES) ?? false;
}

function isForeign(path: string): boolean {
  return path.startsWith(PACKAGES) || path.includes('/node_modules/');
}

function pathOf(place: string): string | null {
  try {
    return place.startsWith('file:') ? fileURLToPath(place) : place;
  } catch {
    return null;
  }
}

/** Why by text: stripping keeps every character in its place, so a function's own text is found in the file. */
function locator(texts: ReadonlyMap<string, string>): LoadedDriver['locate'] {
  return (fn, word) => {
    if (typeof fn !== 'function') return null;
    for (const [path, source] of texts) {
      const start = indexOfFunction(source, fn as (...args: never[]) => unknown);
      if (start < 0) continue;
      const inside = word === undefined ? 0 : Math.max(0, String(fn).indexOf(word));
      return `${basename(path)}:${source.slice(0, start + inside).split('\n').length}`;
    }
    return null;
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
