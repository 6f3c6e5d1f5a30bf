/** What the tests of this package share: devices that keep the protocol, without a network. Not exported. */

import type { Host } from '@etherloom/netcore';
import {
  type DataFromNode,
  type DataFromSwitch,
  deriveLinkName,
  type LinkSlice,
  NO_IMPAIR,
} from '@etherloom/schema';
import {
  countRecords,
  countVnetRecords,
  FEATURE_VNET,
  readRecordLength,
  writeRecordHeader,
} from '@etherloom/transport';
import { DataDoor } from './data-door.ts';
import type { SessionSocket } from './data-session.ts';
import type { EgressLimits } from './egress-queue.ts';
import { Fabric } from './fabric.ts';
import { SwitchService } from './switch-service.ts';

const silent = { debug() {}, info() {}, warn() {} };

interface Loan {
  readonly token: number;
  bytes: Uint8Array;
  home: boolean;
}

/** The switch's end of a cable to a FakeDevice. */
class FakeSocket implements SessionSocket {
  pending = 0;
  vnet = false;
  onmessage: SessionSocket['onmessage'] = null;
  oncontrol: SessionSocket['oncontrol'] = null;
  onclose: SessionSocket['onclose'] = null;
  ondrain: SessionSocket['ondrain'] = null;
  onsent: SessionSocket['onsent'] = null;
  readonly #device: FakeDevice;
  readonly #loans: Loan[] = [];
  #closed = false;

  constructor(device: FakeDevice) {
    this.#device = device;
  }

  send(buf: Uint8Array, offset: number, length: number, token: number): boolean {
    if (this.#closed) return false;
    this.pending += length;
    const loan: Loan = { token, bytes: buf.subarray(offset, offset + length), home: false };
    this.#loans.push(loan);
    this.#device.wire.push(() => {
      this.pending -= length;
      this.#device.receive(new Uint8Array(loan.bytes));
      this.#return(loan);
    });
    this.#device.run();
    return true;
  }

  control(message: DataFromSwitch): void {
    if (this.#closed) return;
    this.#device.wire.push(() => this.#device.hear(message));
    this.#device.run();
  }

  close(code = 1000, reason = ''): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#device.socket === this) this.#device.closedWith = code;
    for (const loan of this.#loans.splice(0)) {
      loan.bytes = new Uint8Array(loan.bytes); // what is on the wire arrives all the same
      this.#return(loan);
    }
    this.onclose?.(code, reason);
  }

  #return(loan: Loan): void {
    if (loan.home) return;
    loan.home = true;
    this.#loans.shift();
    this.onsent?.(loan.token);
  }
}

/** A device that speaks the data channel; what the switch sends waits while it is stalled. */
export class FakeDevice {
  readonly name: string;
  tx = 0;
  rx = 0;
  frames: Uint8Array[] = [];
  messages = 0;
  heard: DataFromSwitch[] = [];
  carrier = false;
  mtu = 0;
  closedWith = 0;
  stalled = false;
  wire: (() => void)[] = [];
  socket: FakeSocket | null = null;
  epoch = 'first';
  /** Offers super-frames; frames then begin with a virtio_net_hdr. */
  vnet = false;

  constructor(name: string) {
    this.name = name;
  }

  /** Dials and says nothing yet. */
  open(door: DataDoor): void {
    this.socket = new FakeSocket(this);
    this.closedWith = 0;
    door.accept(this.socket);
  }

  connect(door: DataDoor, up = true): void {
    this.open(door);
    const [node, device] = this.name.split(':') as [string, string];
    const { epoch, tx, rx } = this;
    const features = this.vnet ? [FEATURE_VNET] : [];
    this.say({
      type: 'hello',
      node,
      device,
      mac: '02:00:00:00:00:01',
      mtu: 1500,
      epoch,
      tx,
      rx,
      up,
      features,
    });
  }

  say(message: DataFromNode): void {
    this.socket?.oncontrol?.(message);
  }

  /** Sends frames as one message; with `lost` they leave and never arrive. */
  send(frames: readonly Uint8Array[], lost = false): void {
    const bytes = batch(frames);
    const count = this.#count(bytes);
    this.tx += count;
    if (!lost) this.socket?.onmessage?.(bytes, 0, bytes.length, count);
    bytes.fill(0xdb); // they were lent for the call
  }

  /** The cable breaks: what was on its way to the device is lost. */
  cut(): void {
    this.wire = []; // what the socket lent comes home when it closes
    this.socket?.close(1006, 'cut');
    this.socket = null;
  }

  stall(on: boolean): void {
    this.stalled = on;
    this.run();
  }

  run(): void {
    while (!this.stalled && this.wire.length > 0) {
      this.wire.shift()!();
      this.socket?.ondrain?.();
    }
  }

  receive(bytes: Uint8Array): void {
    this.messages++;
    this.rx += this.#count(bytes);
    for (let at = 0; at < bytes.length; ) {
      const length = readRecordLength(bytes, at);
      this.frames.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
  }

  /** As DataSocket counts. */
  #count(bytes: Uint8Array): number {
    const { length } = bytes;
    const count = this.vnet ? countVnetRecords(bytes, 0, length) : countRecords(bytes, 0, length);
    if (count <= 0) throw new Error('bad batch');
    return count;
  }

  hear(message: DataFromSwitch): void {
    this.heard.push(message);
    if (message.type === 'welcome') this.mtu = message.mtu;
    if (message.type === 'welcome') this.carrier = message.carrier;
    if (message.type === 'carrier') this.carrier = message.on;
    if (message.type === 'mtu') this.mtu = message.mtu;
    if (message.type === 'mark') this.say({ type: 'mark', id: message.id, tx: this.tx, rx: this.rx });
  }
}

export function batch(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + 4 + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    writeRecordHeader(bytes, at, frame.length);
    bytes.set(frame, at + 4);
    at += 4 + frame.length;
  }
  return bytes;
}

/** A frame from one station to another, named by a byte; 255 is everybody. The last bytes number it. */
export function frameOf(src: number, dst: number, length = 64, no = 0): Uint8Array {
  const frame = new Uint8Array(length);
  frame.fill(dst === 255 ? 255 : 0, 0, 6);
  if (dst !== 255) frame.set([2, 0, 0, 0, 0, dst], 0);
  frame.set([2, 0, 0, 0, 0, src, 0x08, 0x00], 6);
  new DataView(frame.buffer).setUint32(length - 4, no);
  return frame;
}

/** The number at the end of a frame. */
export function noOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset, frame.length).getUint32(frame.length - 4);
}

export interface LinkOptions {
  readonly mtu?: number;
  readonly carrier?: boolean;
  readonly forward?: Partial<LinkSlice['impair']['forward']>;
  readonly reverse?: Partial<LinkSlice['impair']['forward']>;
}

const CLEAR = { ...NO_IMPAIR, limit: 1000, seed: 1 };

export function linkSlice(a: string, b: string, options: LinkOptions = {}): LinkSlice {
  const { mtu = 65535, carrier = true, forward, reverse } = options;
  const impair = { forward: { ...CLEAR, ...forward }, reverse: { ...CLEAR, ...reverse } };
  return { name: deriveLinkName(a, b), a, b, mtu, carrier, impair };
}

/** A switch on a virtual machine, which the test supplies. */
export class FakeSwitch<H extends Host> {
  readonly host: H;
  readonly fabric: Fabric;
  readonly door: DataDoor;
  readonly service: SwitchService;
  readonly changes: string[] = [];

  constructor(host: H, limits?: EgressLimits) {
    this.host = host;
    const onLinkChanged = (state: { name: string }) => this.changes.push(state.name);
    this.fabric = new Fabric(this.host, limits === undefined ? { onLinkChanged } : { limits, onLinkChanged });
    this.door = new DataDoor(this.fabric, silent);
    this.service = new SwitchService(this.fabric);
  }

  apply(...links: LinkSlice[]): void {
    this.fabric.apply({ lans: [{ name: 'office', ageing: 300 }], links });
  }

  device(name: string, up = true): FakeDevice {
    const device = new FakeDevice(name);
    device.connect(this.door, up);
    return device;
  }

  /** Three devices on one LAN. */
  office(options: LinkOptions = {}): [FakeDevice, FakeDevice, FakeDevice] {
    this.apply(...['h1:eth0', 'h2:eth0', 'h3:eth0'].map((name) => linkSlice(name, 'lan:office', options)));
    return [this.device('h1:eth0'), this.device('h2:eth0'), this.device('h3:eth0')];
  }

  stats(link: string) {
    return this.service.call('link.stats', { link });
  }
}
