/**
 * How far V8's old space may grow before the whole heap is collected, for the roles that move frames.
 *
 * The bytes of messages live outside the heap but count towards its limit, and a role's own objects are few (12 MB), so
 * by default a busy switch reaches the limit ten times a second and marks its whole heap to free what the next scavenge
 * would free anyway. With six times the live heap as the limit a scavenge always comes first. Measured, five pairs of
 * bench/frames, 64 bytes: 2 to 19 full collections a run against 1, switch 450 against 240 CPU-ns a frame (medians),
 * resident memory the same.
 */
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

const FLAG = '--heap-growing-percent=500';

/** For the whole process. V8 asks at the end of each full collection; a command that is no role ends before its first. */
export function letHeapGrow(): void {
  setFlagsFromString(FLAG);
}

/** Arguments of Node for a process that is to be as this one; a debugger has one port for one process. */
export function childArguments(): string[] {
  return [...process.execArgv.filter((argument) => !argument.startsWith('--inspect')), FLAG];
}
