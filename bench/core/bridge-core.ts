/**
 * One bridge core alone, in a process of its own: ours, or a plain one of map-bridge.ts, on the same frames. Told over IPC
 * (`round`), it answers with million decisions a CPU-second of this process: what others do with the machine meanwhile
 * takes its caches, and nothing else, from it. Its first word is how many decisions named a wrong port.
 */
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bridgeLoad, introduce, STRIDE } from './bridge-load.ts';
import { KEYS, MapBridge } from './map-bridge.ts';
import type { CoreReply } from './words.ts';

const { values } = parseArgs({
  options: {
    /** 'ours', or the key of a plain bridge. */
    bridge: { type: 'string', default: 'ours' },
    ports: { type: 'string', default: '2' },
    stations: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '1' },
    'warm-up': { type: 'string', default: '2' },
  },
});
const LENGTH = 60;
const ports = Number(values.ports);
const load = bridgeLoad(ports, Number(values.stations), ports === 2 ? 1024 : 256);
const { bridge, ports: list, perPort, expected } = load;
const frames = Buffer.from(load.frames.buffer);

/** Where frame k goes, which comes from the port of that index. */
type Decide = (from: number, k: number, now: number) => number;

const ours: Decide = (from, k, now) => bridge.decide(list[from]!, frames, k * STRIDE, LENGTH, now);

function plain(key: keyof typeof KEYS): Decide {
  const rival = new MapBridge<string | number>(KEYS[key]);
  introduce(load, (from, frame) => rival.decide(from.no, Buffer.from(frame), 0, performance.now()));
  return (from, k, now) => rival.decide(list[from]!.no, frames, k * STRIDE, now);
}

const decide = values.bridge === 'ours' ? ours : plain(values.bridge as keyof typeof KEYS);

/** Every batch once, each with one `now`, as a LAN of the switch asks. */
function pass(): void {
  for (let from = 0, k = 0; from < list.length; from++) {
    const now = performance.now();
    for (const end = k + perPort; k < end; k++) decide(from, k, now);
  }
}

function wrongDecisions(): number {
  const now = performance.now();
  return expected.filter((port, k) => decide(Math.floor(k / perPort), k, now) !== port).length;
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
    pass();
    frames += expected.length;
    spent = cpuMicroseconds() - start;
  }
  return frames / spent;
}

function tell(reply: CoreReply): void {
  process.send?.(reply);
}

const wrong = wrongDecisions();
round(Number(values['warm-up'])); // code is compiled, and the table of addresses is in the cache it will be in
process.on('message', () => tell({ mpps: round(Number(values.seconds)) }));
process.on('disconnect', () => process.exit(0));
tell({ wrong, decisions: expected.length });
