/**
 * Frames of our own through a switch's code before the first of the users': fresh code is interpreted, and was half of
 * an idle ping. Two devices on a LAN send one to and fro, over WebSockets, in a fabric of their own: no user's counters,
 * forwarding tables or logs see them.
 *
 * What the engine compiles for them holds for the users' frames, because it is the same code on the same kinds of
 * objects. Each hop is a turn of the event loop, so that what else there is to do has its turn in between.
 */
import process from 'node:process';
import { type DataHello, deriveLinkName, type LinkSlice } from '@etherloom/schema';
import {
  type CableMessage,
  FEATURE_VNET,
  RECORD_HEADER,
  SEND_HEADROOM,
  type TransportHandler,
  VNET_SKIP,
  type Welcome,
  writeRecordHeader,
} from '@etherloom/transport';
import { compileEagerly, openPrivateDoor, silentLog, WsTransport } from '@etherloom/transport-ws';
import { LocalShard } from './local-shard.ts';
import { nodeHost } from './node-host.ts';

/** What it may cost, of this process's time, and what is enough: later frames find all of it compiled. */
const MAX_CPU_US = 300_000;
const FRAMES = 10_000;
const PATIENCE_MS = 5000;
const LAN = 'warm';
/** A frame of a ping behind a virtio_net_hdr of zeros, as devices of Linux nodes send it. */
const RECORD = RECORD_HEADER + VNET_SKIP + 98;

let warmed: Promise<number> | null = null;

/** Once in a process. Resolves to how many frames crossed; rejects when there is no place for it, which harms nothing. */
export function warmUp(): Promise<number> {
  warmed ??= compileEagerly(run);
  return warmed;
}

async function run(): Promise<number> {
  const shard = new LocalShard({ worker: 0, host: nodeHost, log: silentLog, onLinkChanged: () => {} });
  shard.fabric.apply({ lans: [{ name: LAN, ageing: 300 }], links: ['a', 'b'].map(linkTo) });
  const door = await openPrivateDoor(2, (socket) => shard.door.accept(socket));
  const rally = new Rally(door.url);
  try {
    return await rally.over;
  } finally {
    rally.close();
    await door.close();
    shard.close('warm');
  }
}

function linkTo(node: string): LinkSlice {
  const [a, b] = [`${node}:eth0`, `lan:${LAN}`] as const;
  const clear = { delay: 0, jitter: 0, loss: 0, rate: 0, limit: 1000, seed: 1 };
  return {
    name: deriveLinkName(a, b),
    a,
    b,
    mtu: 65535,
    carrier: true,
    impair: { forward: clear, reverse: clear },
  };
}

/** Two devices and the frame between them. */
class Rally {
  /** Enough has been done. */
  readonly over: Promise<number>;
  readonly #stations: readonly Station[];
  readonly #timer: NodeJS.Timeout;
  #frames = 0;
  #cpu: NodeJS.CpuUsage | null = null;
  #end!: (frames: number) => void;
  #late!: () => void;

  constructor(url: string) {
    this.over = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#late = () => reject(new Error(`two devices were not done within ${PATIENCE_MS} ms`));
    });
    this.#timer = setTimeout(this.#late, PATIENCE_MS);
    const changed = (station: Station, frames: number) => this.#turn(station, frames);
    this.#stations = [new Station(url, 'a', 1, 2, changed), new Station(url, 'b', 2, 1, changed)];
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { cable } of this.#stations) cable.close();
  }

  /** Who has got the frame sends its own; the first one leaves when both cables are up. */
  #turn(station: Station, frames: number): void {
    this.#frames += frames;
    if (this.#cpu === null) {
      if (!this.#stations.every((each) => each.carrier)) return;
      this.#cpu = process.cpuUsage();
    }
    const { user, system } = process.cpuUsage(this.#cpu);
    if (this.#frames >= FRAMES || user + system >= MAX_CPU_US) this.#end(this.#frames);
    else station.send();
  }
}

class Station implements TransportHandler {
  readonly cable: WsTransport;
  carrier = false;
  readonly #record = new Uint8Array(new ArrayBuffer(SEND_HEADROOM + RECORD));
  readonly #changed: (station: Station, frames: number) => void;

  constructor(
    url: string,
    node: string,
    mac: number,
    to: number,
    changed: (station: Station, frames: number) => void,
  ) {
    const record = this.#record;
    writeRecordHeader(record, SEND_HEADROOM, RECORD - RECORD_HEADER);
    record.set(
      [2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, mac, 8, 0, 0x45],
      SEND_HEADROOM + RECORD_HEADER + VNET_SKIP,
    );
    this.#changed = changed;
    this.cable = new WsTransport({ url, hello: () => helloOf(node, mac), random: nodeHost.random });
    this.cable.handler = this;
    this.cable.open();
  }

  send(): void {
    this.cable.send(this.#record, SEND_HEADROOM, RECORD, 0, SEND_HEADROOM);
  }

  linkUp({ carrier }: Welcome): void {
    this.#setCarrier(carrier);
  }

  linkDown(): void {
    this.carrier = false;
  }

  control(message: CableMessage): void {
    if (message.type === 'carrier') this.#setCarrier(message.on);
  }

  message(_buf: Uint8Array, _offset: number, _length: number, frames: number): void {
    this.#changed(this, frames);
  }

  sent(): void {}

  #setCarrier(on: boolean): void {
    if (this.carrier === on) return;
    this.carrier = on;
    if (on) this.#changed(this, 0);
  }
}

function helloOf(node: string, no: number): DataHello {
  const mac = `02:00:00:00:00:0${no}`;
  const features = [FEATURE_VNET];
  return {
    type: 'hello',
    node,
    device: 'eth0',
    mac,
    mtu: 1500,
    epoch: node,
    tx: 0,
    rx: 0,
    up: true,
    features,
  };
}
