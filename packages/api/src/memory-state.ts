/** A lab in memory and how its parts are looked up. */
import { InputError, type Lab } from '@etherloom/schema';

export interface MemoryState {
  lab: Lab;
  /** Replaces the lab when it is sound; throws InputError and leaves it when it is not. */
  commit(next: Lab): void;
}

/** The entry, or an error with the errno given. */
export function need<T>(record: Readonly<Record<string, T>>, what: string, key: string, code = 'ENOENT'): T {
  const found = Object.hasOwn(record, key) ? record[key] : undefined;
  if (found !== undefined) return found;
  throw new InputError(code, [{ path: [], message: `no ${what} "${key}"` }]);
}

/** Throws EEXIST when the name is taken. */
export function needFree(record: Readonly<Record<string, unknown>>, what: string, key: string): void {
  if (!Object.hasOwn(record, key)) return;
  throw new InputError('EEXIST', [{ path: ['name'], message: `${what} "${key}" exists already` }]);
}

/** The record without a key. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

/** Throws EBUSY when a link ends at what is to go. */
export function refusePlugged({ links }: Lab, what: string, ends: (endpoint: string) => boolean): void {
  const plugged = links.filter(({ endpoints }) => endpoints.some(ends)).map(({ name }) => name);
  if (plugged.length === 0) return;
  throw new InputError('EBUSY', [{ path: [], message: `${what} is in use by link ${plugged.join(', ')}` }]);
}
