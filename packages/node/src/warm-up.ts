/**
 * Frames of our own through a node's code before the first of the user's: fresh code is interpreted, and was half of an
 * idle ping. They go from a tap through patch cord, wslink and WebSocket to an echo and back, one at a time as pings do,
 * in a namespace and devices of their own: nobody's counters, interfaces or logs see them.
 *
 * What the engine compiles for them holds for the user's frames, because it is the drivers' own code on the same kinds
 * of objects. Each hop is a turn of the event loop, so that what else there is to do has its turn in between.
 */
import process from 'node:process';
import { wslinkLinkOps } from '@etherloom/drivers';
import { VIRTIO_NET_HDR_LEN } from '@etherloom/frame';
import { devOpen, Net, type NetDevice, netifCarrierOk, rtnlDelLink, rtnlNewLink } from '@etherloom/netcore';
import type { DataHello } from '@etherloom/schema';
import { LoopedTap, loopedTapLinkOps } from '@etherloom/tap';
import { FEATURE_VNET, SEND_HEADROOM } from '@etherloom/transport';
import { compileEagerly, type DataSocket, openPrivateDoor, WsTransport } from '@etherloom/transport-ws';
import { Patch } from './kernel-patch.ts';
import { nodeHost } from './node-host.ts';
import { ReplugCable } from './replug-cable.ts';

/** What it may cost, of this process's time, and what is enough: later frames find all of it compiled. */
const MAX_CPU_US = 300_000;
const FRAMES = 10_000;
/** How long to wait for the cable, or for a frame. */
const PATIENCE_MS = 2500;
/** A frame of a ping, with its virtio_net_hdr of zeros. */
const FRAME = VIRTIO_NET_HDR_LEN + 98;

const FEATURES = [FEATURE_VNET];
const HELLO: DataHello = {
  type: 'hello',
  node: 'warm',
  device: 'eth0',
  mac: '02:00:00:00:00:01',
  mtu: 1500,
  epoch: 'warm',
  tx: 0,
  rx: 0,
  up: true,
  features: FEATURES,
};

let warmed: Promise<number> | null = null;

/** Once in a process. Resolves to how many frames came back; rejects when there is no place for it, which harms nothing. */
export function warmUp(): Promise<number> {
  warmed ??= compileEagerly(run);
  return warmed;
}

async function run(): Promise<number> {
  const door = await openPrivateDoor(1, echo);
  const rig = new Rig(door.url);
  try {
    await rig.ready;
    return await rig.turns();
  } finally {
    rig.close();
    await door.close();
  }
}

/** A switch that sends back whatever it gets. */
function echo(socket: DataSocket): void {
  const block = new Uint8Array(new ArrayBuffer(4096));
  socket.oncontrol = (message) => {
    if (message.type !== 'hello') return;
    socket.vnet = true;
    socket.control({ type: 'welcome', port: 1, mtu: 1500, carrier: true, features: FEATURES });
  };
  socket.onmessage = (buf, offset, length) => {
    block.set(buf.subarray(offset, offset + length), SEND_HEADROOM);
    socket.send(block, SEND_HEADROOM, length, -1, SEND_HEADROOM);
  };
}

/** A kernel node's devices, with Linux's place taken by us. */
class Rig {
  /** The cable is up. */
  readonly ready: Promise<void>;
  readonly #net = new Net(nodeHost);
  readonly #loop = new LoopedTap(() => this.#onFrame());
  readonly #cable: NetDevice;
  readonly #tap: NetDevice;
  readonly #patch: Patch;
  readonly #frame = pingFrame();
  readonly #room = new Uint8Array(2048);
  #frames = 0;
  #cpu = process.cpuUsage();
  #ended: () => void = () => {};

  constructor(url: string) {
    const transport = new ReplugCable();
    this.#cable = rtnlNewLink(this.#net, wslinkLinkOps, { name: 'eth0', transport, epoch: HELLO.epoch });
    const address = this.#cable.devAddr;
    this.#tap = rtnlNewLink(this.#net, loopedTapLinkOps, { name: 'tap0', address, loop: this.#loop });
    this.#patch = new Patch(this.#cable, this.#tap, () => {});
    this.ready = within(PATIENCE_MS, (done) => {
      this.#net.registerNetdeviceNotifier(() => {
        if (netifCarrierOk(this.#tap)) done();
        return undefined;
      });
    });
    devOpen(this.#cable);
    transport.plug(new WsTransport({ url, hello: () => HELLO, random: nodeHost.random }));
  }

  turns(): Promise<number> {
    this.#cpu = process.cpuUsage();
    const ended = within(2 * PATIENCE_MS, (done) => {
      this.#ended = done;
    });
    this.#loop.send(this.#frame);
    return ended.then(() => this.#frames);
  }

  close(): void {
    this.#patch.remove();
    rtnlDelLink(this.#tap);
    rtnlDelLink(this.#cable);
    this.#loop.close();
    this.#net.stop();
  }

  #onFrame(): void {
    while (this.#loop.receive(this.#room) > 0) this.#frames++;
    const { user, system } = process.cpuUsage(this.#cpu);
    if (this.#frames >= FRAMES || user + system >= MAX_CPU_US) this.#ended();
    else this.#loop.send(this.#frame);
  }
}

function pingFrame(): Uint8Array {
  const frame = new Uint8Array(FRAME);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0], VIRTIO_NET_HDR_LEN); // Ethernet, of IPv4
  frame.set([0x45, 0, 0, 84, 0, 0, 0x40, 0, 64, 1], VIRTIO_NET_HDR_LEN + 14); // an ICMP packet, to nobody
  return frame;
}

function within(ms: number, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came within ${ms} ms`)), ms);
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
