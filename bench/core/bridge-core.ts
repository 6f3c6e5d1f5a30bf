/**
 * Decisions a second of the bridge core alone, in a process of its own. Prints JSON: Mpps of each round, and how many
 * decisions went to a wrong port.
 *
 *   node --import tsx bench/core/bridge-core.ts --ports 1000 --stations 65536 [--seconds 1] [--rounds 5]
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
  },
});
const LENGTH = 60;
const ports = Number(values.ports);
const load = bridgeLoad(ports, Number(values.stations), ports === 2 ? 1024 : 256);

/** Every batch once; the clock is read once a batch, as a switch does. */
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

function round(seconds: number): number {
  const start = performance.now();
  let frames = 0;
  let elapsed = 0;
  while (elapsed < seconds * 1000) {
    pass(load);
    frames += load.expected.length;
    elapsed = performance.now() - start;
  }
  return frames / elapsed / 1000;
}

const wrong = wrongDecisions(load);
round(Number(values.seconds));
const mpps = Array.from({ length: Number(values.rounds) }, () => round(Number(values.seconds)));
process.stdout.write(`${JSON.stringify({ mpps, wrong, decisions: load.expected.length })}\n`);
