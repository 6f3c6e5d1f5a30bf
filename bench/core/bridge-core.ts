/**
 * Decisions a second of the bridge core alone, in a process of its own, by the CPU time of that process: what others do
 * with the machine meanwhile takes its caches, and nothing else, from it. Prints JSON: million decisions a CPU-second of
 * each round, and how many decisions named a wrong port.
 *
 *   node --import tsx bench/core/bridge-core.ts --ports 1000 --stations 65536 [--seconds 1] [--rounds 5] [--warm-up 2]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type BridgeLoad, bridgeLoad, STRIDE } from './bridge-load.ts';

const { values } = parseArgs({
  options: {
    ports: { type: 'string', default: '2' },
    stations: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    'warm-up': { type: 'string', default: '2' },
  },
});
const LENGTH = 60;
const ports = Number(values.ports);
const load = bridgeLoad(ports, Number(values.stations), ports === 2 ? 1024 : 256);

/** Every batch once, each with one `now`, as a LAN of the switch asks. */
function pass({ bridge, ports: list, frames, perPort }: BridgeLoad): void {
  for (let i = 0; i < list.length; i++) {
    const from = list[i]!;
    const now = performance.now();
    const end = (i + 1) * perPort * STRIDE;
    for (let at = i * perPort * STRIDE; at < end; at += STRIDE) bridge.decide(from, frames, at, LENGTH, now);
  }
}

function wrongDecisions({ bridge, ports: list, frames, perPort, expected }: BridgeLoad): number {
  let wrong = 0;
  for (let k = 0; k < expected.length; k++) {
    const from = list[Math.floor(k / perPort)]!;
    if (bridge.decide(from, frames, k * STRIDE, LENGTH, performance.now()) !== expected[k]) wrong++;
  }
  return wrong;
}

/** CPU time of this process, microseconds. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Passes until so many CPU-seconds are spent. */
function round(seconds: number): number {
  const start = cpuMicroseconds();
  let frames = 0;
  let spent = 0;
  while (spent < seconds * 1e6) {
    pass(load);
    frames += load.expected.length;
    spent = cpuMicroseconds() - start;
  }
  return frames / spent;
}

const wrong = wrongDecisions(load);
round(Number(values['warm-up'])); // code is compiled, and the table of addresses is in the cache it will be in
const mpps = Array.from({ length: Number(values.rounds) }, () => round(Number(values.seconds)));
process.stdout.write(`${JSON.stringify({ mpps, wrong, decisions: load.expected.length })}\n`);
