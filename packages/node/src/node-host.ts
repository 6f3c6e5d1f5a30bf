/** The machine as the pure packages see it, over Node.js: its clock, its randomness and the ends of its event-loop turns. */
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
