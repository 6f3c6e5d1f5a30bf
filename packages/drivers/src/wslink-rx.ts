/**
 * wslink, receive side: a message is an interrupt, its frames are polled. cf. the receive path of e1000 or virtio_net
 *
 * The ring holds the messages as they came, bounded in frames; each frame is copied once, into its skb.
 */

import { copyBytes, copyWords, VLAN_HLEN, WORDS_MAX } from '@etherloom/frame';
import {
  ethTypeTrans,
  type Napi,
  type NetDevice,
  napiGroReceive,
  netifNapiAdd,
  PACKET_MULTICAST,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_PKT_TOO_BIG,
} from '@etherloom/netcore';
import { RECORD_HEADER, readRecordLength } from '@etherloom/transport';

export const RX_RING_DEFAULT = 4096;
export const RX_RING_MAX = 16384;
/**
 * An interrupt brings a message of up to a thousand frames, and a softirq polls ten times at most before it leaves the
 * rest to the end of the turn. At the usual weight of 64 each message would leave a third behind, until the ring is full.
 */
const NAPI_WEIGHT = 256;
const NOTHING: DataView = new DataView(new ArrayBuffer(0));

export class WslinkRx {
  readonly napi: Napi;
  /** Frames that may wait for their poll. */
  limit = RX_RING_DEFAULT;
  /** Frames that wait now. */
  waiting = 0;
  /** Frames ever received from the cable, whatever became of them. */
  cableFrames = 0;
  messages = 0;
  polls = 0;
  /** Polls that used their whole budget. */
  fullPolls = 0;
  maxBatch = 0;
  readonly #dev: NetDevice;
  readonly #irq = () => void this.napi.schedule();
  // A ring of messages; each holds one frame at least, so `limit` slots are enough.
  #bufs: (Uint8Array | null)[];
  #at: Int32Array;
  #frames: Int32Array;
  #head = 0;
  #used = 0;
  /** The message being polled, and a view over it. */
  #viewed: Uint8Array | null = null;
  #view = NOTHING;

  constructor(dev: NetDevice) {
    this.#dev = dev;
    this.#bufs = new Array<Uint8Array | null>(this.limit).fill(null);
    this.#at = new Int32Array(this.limit);
    this.#frames = new Int32Array(this.limit);
    this.napi = netifNapiAdd(dev, (napi, budget) => this.#poll(napi, budget), NAPI_WEIGHT);
  }

  /** A message of `frames` records has arrived. What the ring cannot hold is missed. */
  receive(buf: Uint8Array, offset: number, frames: number): void {
    this.messages++;
    if (frames > this.maxBatch) this.maxBatch = frames;
    const taken = Math.min(frames, this.limit - this.waiting);
    if (taken < frames) this.#miss(frames - taken);
    if (taken <= 0) return;
    let slot = this.#head + this.#used;
    if (slot >= this.#bufs.length) slot -= this.#bufs.length;
    this.#bufs[slot] = buf;
    this.#at[slot] = offset;
    this.#frames[slot] = taken;
    this.#used++;
    this.waiting += taken;
    this.#dev.net.irq(this.#irq);
  }

  /** Forgets what waits; returns how many frames that were. */
  purge(): number {
    const frames = this.waiting;
    this.#bufs.fill(null);
    this.#frames.fill(0);
    this.#head = 0;
    this.#used = 0;
    this.#viewed = null;
    this.#view = NOTHING;
    this.waiting = 0;
    return frames;
  }

  /** Takes effect at once; what waited is gone, and the caller's to count. */
  resize(limit: number): void {
    this.limit = limit;
    this.#bufs = new Array<Uint8Array | null>(limit).fill(null);
    this.#at = new Int32Array(limit);
    this.#frames = new Int32Array(limit);
    this.purge();
  }

  #miss(frames: number): void {
    this.#dev.stats.rxMissedErrors += frames;
    this.#dev.drops[SKB_DROP_REASON_FULL_RING]! += frames;
  }

  #poll(napi: Napi, budget: number): number {
    this.polls++;
    let work = 0;
    while (work < budget && this.#used > 0) work += this.#pollMessage(napi, budget - work);
    if (work < budget) napi.completeDone(work);
    else this.fullPolls++;
    return work;
  }

  /** Delivers up to `budget` frames of the oldest message. */
  #pollMessage(napi: Napi, budget: number): number {
    const slot = this.#head;
    const buf = this.#bufs[slot]!;
    if (buf !== this.#viewed) this.#look(buf);
    const view = this.#view;
    let work = 0;
    // Who gets a frame may close the device, which empties the ring: so the ring is true before each delivery.
    while (work < budget && this.#frames[slot]! > 0) {
      const at = this.#at[slot]! + RECORD_HEADER;
      const len = readRecordLength(buf, at - RECORD_HEADER);
      this.#at[slot] = at + len;
      this.#frames[slot]!--;
      this.waiting--;
      work++;
      this.#receiveFrame(napi, buf, view, at, len);
    }
    if (this.#bufs[slot] === buf && this.#frames[slot] === 0) this.#dropHead();
    return work;
  }

  #look(buf: Uint8Array): void {
    this.#viewed = buf;
    this.#view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
  }

  #dropHead(): void {
    this.#viewed = null;
    this.#view = NOTHING;
    this.#bufs[this.#head] = null;
    this.#head = this.#head + 1 === this.#bufs.length ? 0 : this.#head + 1;
    this.#used--;
  }

  #receiveFrame(napi: Napi, buf: Uint8Array, from: DataView, at: number, len: number): void {
    const dev = this.#dev;
    const stats = dev.stats;
    if (len > dev.mtu + dev.hardHeaderLen + VLAN_HLEN) {
      stats.rxErrors++;
      stats.rxLengthErrors++;
      stats.rxOverErrors++;
      dev.drops[SKB_DROP_REASON_PKT_TOO_BIG]!++;
      return;
    }
    const skb = dev.pool.alloc(len);
    if (skb === null) {
      stats.rxDropped++;
      dev.drops[SKB_DROP_REASON_NOMEM]!++;
      return;
    }
    const to = skb.put(len);
    const { view } = skb;
    if (view !== null && len <= WORDS_MAX) copyWords(from, at, view, to, len);
    else copyBytes(buf, at, skb.buf, to, len);
    ethTypeTrans(skb, dev);
    stats.rxPackets++;
    stats.rxBytes += len;
    if (skb.pktType === PACKET_MULTICAST) stats.multicast++;
    napiGroReceive(napi, skb);
  }
}
