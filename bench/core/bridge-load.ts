/**
 * Frames for the bridge core, as a LAN sees them: one batch comes from one port and goes to random stations.
 * A frame is 64 bytes apart from the next; its addresses are all that the core reads.
 */
import { Bridge, type BridgePort, DEFAULT_FDB_CAPACITY } from '@etherloom/bridge';
import { mulberry32 } from '@etherloom/netcore';

export const STRIDE = 64;

export interface BridgeLoad {
  readonly bridge: Bridge;
  readonly ports: readonly BridgePort[];
  /** The batch of ports[i] begins at i * perPort * STRIDE. */
  readonly frames: Uint8Array;
  readonly perPort: number;
  /** Where each frame is to go. */
  readonly expected: Uint16Array;
  /** Station n is at ports[n % ports.length]. */
  readonly macs: readonly Uint8Array[];
}

/** `stations` random addresses, spread over the ports in turn, all learnt. */
export function bridgeLoad(ports: number, stations: number, perPort: number): BridgeLoad {
  const random = mulberry32(1);
  const bridge = new Bridge({ fdbCapacity: Math.max(DEFAULT_FDB_CAPACITY, stations) });
  const list = Array.from({ length: ports }, () => bridge.addPort());
  const macs = Array.from({ length: stations }, (_, no) => randomMac(random, no));
  const load: BridgeLoad = {
    bridge,
    ports: list,
    frames: new Uint8Array(ports * perPort * STRIDE),
    perPort,
    expected: new Uint16Array(ports * perPort),
    macs,
  };
  introduce(load, (from, frame) => bridge.decide(from, frame, 0, STRIDE - 4, performance.now()));
  for (let k = 0; k < ports * perPort; k++) {
    const from = Math.floor(k / perPort);
    const own = from + ports * Math.floor(random() * Math.floor(stations / ports));
    let to = Math.floor(random() * stations);
    if (to % ports === from) to = (to + 1) % stations;
    load.frames.set(macs[to]!, k * STRIDE);
    load.frames.set(macs[own]!, k * STRIDE + 6);
    load.expected[k] = list[to % ports]!.no;
  }
  return load;
}

/** A first frame of every station, to everybody. */
export function introduce(
  { ports, macs }: Pick<BridgeLoad, 'ports' | 'macs'>,
  say: (from: BridgePort, frame: Uint8Array) => void,
): void {
  const frame = new Uint8Array(STRIDE).fill(0xff);
  for (const [no, mac] of macs.entries()) {
    frame.set(mac, 6);
    say(ports[no % ports.length]!, frame);
  }
}

/** Locally administered, and never the same twice. */
function randomMac(random: () => number, no: number): Uint8Array {
  const byte = () => Math.floor(random() * 256);
  return Uint8Array.of(0x02, byte(), byte(), byte(), no >> 8, no & 255);
}
