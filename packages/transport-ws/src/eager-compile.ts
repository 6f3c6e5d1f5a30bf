/** Has the engine compile sooner for as long as a warm-up lasts: what runs there is known to be what will run. */
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

/** Bytecode a function executes before V8 thinks of optimizing it: a tenth of the default, and the default. */
const EAGER = '--interrupt-budget=6758';
const USUAL = '--interrupt-budget=67584';
/** The V8 of Node 20. Later ones count invocations, with other flags, and complain of this one. */
const KNOWN = process.versions.v8.startsWith('11.');

/** Runs the warm-up; the engine's own measure holds again when it has ended, however it did. */
export async function compileEagerly<T>(warmUp: () => Promise<T>): Promise<T> {
  if (!KNOWN) return warmUp();
  setFlagsFromString(EAGER);
  try {
    return await warmUp();
  } finally {
    setFlagsFromString(USUAL);
  }
}
