/** The real machine: monotonic time, timers, and the end of a turn of Node's event loop. */
import type { Host } from '@etherloom/netcore';
import { alarms, endOfTurn, eventDone } from '@etherloom/transport-ws';

export const nodeHost: Host = {
  now: () => performance.now(),
  random: Math.random,
  setTimer: (fn, delayMs) => setTimeout(fn, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  endOfTurn,
  eventDone,
  alarms,
};
