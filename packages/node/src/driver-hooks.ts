/**
 * Module hooks for the driver files of users, in the thread that Node has for hooks: TypeScript is stripped to what runs,
 * with every character in its place, so that lines in stacks are the lines of the file; and `@etherloom/...` is found
 * wherever the file lies. What a driver imports from netcore comes from the driver lab, whose calls are checked.
 */
import type { LoadHook, ResolveHook } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSource } from './driver-source.ts';
import { strip } from './driver-strip.ts';

const OURS = new URL('../../', import.meta.url).href;

export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  const { parentURL } = context;
  if (!specifier.startsWith('@etherloom/') || parentURL === undefined || parentURL.startsWith(OURS)) {
    return nextResolve(specifier, context);
  }
  const name = specifier === '@etherloom/netcore' ? '@etherloom/driver-lab' : specifier;
  return nextResolve(name, { ...context, parentURL: import.meta.url });
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!/^file:.*\.m?ts$/.test(url) || url.startsWith(OURS)) return nextLoad(url, context);
  const file = fileURLToPath(url);
  return { format: 'module', shortCircuit: true, source: strip(sourceOf(file), file) };
};

function sourceOf(file: string): string {
  try {
    return readSource(file);
  } catch (error) {
    throw new SyntaxError(`${basename(file)}: ${(error as Error).message}`, { cause: error });
  }
}
