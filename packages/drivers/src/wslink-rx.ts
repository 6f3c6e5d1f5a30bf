/**
 * wslink, receive side: a message is an interrupt, its frames are polled. cf. the receive path of e1000 or virtio_net
 *
 * A message's bytes are lent for the interrupt, and most frames are polled within it: each is copied once, into its skb.
 * What still waits when the interrupt returns is copied into the ring, which is bounded in frames and in bytes.
 *
 * `ethtool -C` moves the interrupt: rx-frames 1 is one for each frame, rx-usecs waits for more of them. While NAPI is to
 * poll, be it by its own timer (napi_defer_hard_irqs), interrupts are masked.
 */

import { copyBytes, copyWords, VLAN_HLEN, vnetLongest, vnetWireBytes, WORDS_MAX } from '@etherloom/frame';
import {
  ethTypeTrans,
  type Napi,
  type NetDevice,
  napiGroReceive,
  netifNapiAdd,
  netifRunning,
  PACKET_MULTICAST,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_PKT_TOO_BIG,
  virtioNetHdrToSkb,
} from '@etherloom/netcore';
import { RECORD_HEADER, readRecordLength, recordFrames, VNET_SKIP } from '@etherloom/transport';
import { clearAlarm, setAlarm } from './wslink-alarm.ts';

export const RX_RING_DEFAULT = 4096;
export const RX_RING_MAX = 16384;
/** The default number of frames of 1514 bytes, and some. */
const RX_RING_BYTES = 8 << 20;
/**
 * An interrupt brings a message of up to a thousand frames, and a softirq polls ten times at most before it leaves the
 * rest to the end of the turn. At the usual weight of 64 each message would leave a third behind, until the ring is full.
 */
const NAPI_WEIGHT = 256;
const NOTHING: DataView = new DataView(new ArrayBuffer(0));

export class WslinkRx {
  readonly napi: Napi;
  /** Frames that may wait for their poll when the interrupt that brought them is over. */
  limit = RX_RING_DEFAULT;
  /** Frames that wait now. */
  waiting = 0;
  /** Frames ever received from the cable, whatever became of them. */
  cableFrames = 0;
  messages = 0;
  /** Those that found interrupts unmasked. */
  interrupts = 0;
  polls = 0;
  /** Polls that used their whole budget. */
  fullPolls = 0;
  maxBatch = 0;
  /** Super-frames received, and the segments they had. */
  gsoFrames = 0;
  gsoSegments = 0;
  /** Bytes before each frame of the cable: VNET_SKIP or 0. What waits is of the same kind. */
  skip = 0;
  readonly #dev: NetDevice;
  readonly #irq = () => {
    if (this.napi.schedule()) this.interrupts++;
  };
  readonly #alarmed = () => {
    this.#alarm = null;
    if (this.waiting > 0) this.#interrupt();
  };
  #usecs = 0;
  #maxFrames = 0;
  #coalesced = false;
  /** Came since the last interrupt; counted only while coalesced. */
  #unsaid = 0;
  #alarm: unknown = null;
  /** Until the next poll. */
  #masked = false;
  // A ring of messages; each holds one frame at least, so `limit` slots and one for the message on loan are enough.
  #bufs: (Uint8Array | null)[];
  #at: Int32Array;
  #frames: Int32Array;
  /** Bytes of the ring's own copy; 0 for a message on loan. */
  #size: Int32Array;
  #head = 0;
  #used = 0;
  /** In copies that wait. */
  #bytes = 0;
  /** The message being polled, and a view over it. */
  #viewed: Uint8Array | null = null;
  #view = NOTHING;

  constructor(dev: NetDevice) {
    this.#dev = dev;
    this.#bufs = new Array<Uint8Array | null>(this.limit + 1).fill(null);
    this.#at = new Int32Array(this.limit + 1);
    this.#frames = new Int32Array(this.limit + 1);
    this.#size = new Int32Array(this.limit + 1);
    this.napi = netifNapiAdd(dev, (napi, budget) => this.#poll(napi, budget), NAPI_WEIGHT);
  }

  /**
   * A message of `frames` records has arrived, lent for the call. What the ring cannot hold after it is missed. Returns
   * how many frames found the device closed by who got those before them: not taken, and the caller's to count.
   */
  receive(buf: Uint8Array, offset: number, frames: number): number {
    this.messages++;
    if (frames > this.maxBatch) this.maxBatch = frames;
    if (this.#coalesced) return this.#receiveCoalesced(buf, offset, frames);
    this.#arrive(buf, offset, frames, true);
    return 0;
  }

  /** An interrupt `usecs` after a frame, 0: at once; and at `maxFrames` frames, 0: at no number, so that a message is one. */
  setCoalesce(usecs: number, maxFrames: number): void {
    this.#usecs = usecs;
    this.#maxFrames = maxFrames;
    this.#coalesced = usecs > 0 || maxFrames > 0;
    this.#disarm();
    if (this.waiting > 0) this.#interrupt();
  }

  #disarm(): void {
    this.#unsaid = 0;
    if (this.#alarm === null) return;
    clearAlarm(this.#dev, this.#alarm);
    this.#alarm = null;
  }

  /** Cuts a message where an interrupt is due within it. */
  #receiveCoalesced(buf: Uint8Array, offset: number, frames: number): number {
    let at = offset;
    let left = frames;
    while (left > 0 && netifRunning(this.#dev)) {
      if (this.#masked) {
        this.#arrive(buf, at, left, false);
        return 0;
      }
      const most = this.#maxFrames === 0 ? left : this.#maxFrames - this.#unsaid;
      const start = at;
      let part = 0;
      while (part < most && part < left) {
        const record = readRecordLength(buf, at);
        part += recordFrames(buf, at, record, this.skip);
        at += RECORD_HEADER + record;
      }
      left -= part;
      this.#unsaid += part;
      const due = this.#usecs === 0 || (this.#maxFrames !== 0 && this.#unsaid >= this.#maxFrames);
      this.#arrive(buf, start, part, due);
      if (!due) this.#alarm ??= setAlarm(this.#dev, this.#alarmed, this.#usecs);
    }
    return left;
  }

  #arrive(buf: Uint8Array, offset: number, frames: number, interrupt: boolean): void {
    const slot = this.#slot(this.#used);
    this.#bufs[slot] = buf;
    this.#at[slot] = offset;
    this.#frames[slot] = frames;
    this.#used++;
    this.waiting += frames;
    if (interrupt && !this.#masked) this.#interrupt();
    // Who got its frames may have had the rings made anew, so it is looked for. Not there: polled, or the device closed.
    const newest = this.#slot(this.#used - 1);
    if (this.#used > 0 && this.#bufs[newest] === buf) this.#keep(newest, buf);
  }

  #interrupt(): void {
    this.#disarm();
    this.#dev.net.irq(this.#irq);
  }

  /** Forgets what waits; returns how many frames that were. */
  purge(): number {
    const frames = this.waiting;
    this.#bufs.fill(null);
    this.#frames.fill(0);
    this.#size.fill(0);
    this.#head = 0;
    this.#used = 0;
    this.#viewed = null;
    this.#view = NOTHING;
    this.waiting = 0;
    this.#bytes = 0;
    this.#masked = false;
    this.#disarm();
    return frames;
  }

  /**
   * Rings of another size; what was accepted moves over, even if it is more than fits from now on. The oldest message
   * keeps its slot: it may be in the midst of a poll.
   */
  resize(limit: number): void {
    const slots = Math.max(limit, this.#used, this.#head) + 1;
    const order = Array.from({ length: this.#used }, (_, i) => this.#slot(i));
    const place = (i: number) => (this.#head + i) % slots;
    const moved = (from: Int32Array) => {
      const to = new Int32Array(slots);
      order.forEach((slot, i) => {
        to[place(i)] = from[slot]!;
      });
      return to;
    };
    const bufs = new Array<Uint8Array | null>(slots).fill(null);
    order.forEach((slot, i) => {
      bufs[place(i)] = this.#bufs[slot]!;
    });
    this.limit = limit;
    this.#bufs = bufs;
    this.#at = moved(this.#at);
    this.#frames = moved(this.#frames);
    this.#size = moved(this.#size);
  }

  /** Where the message is that has `n` before it. */
  #slot(n: number): number {
    const slot = this.#head + n;
    return slot >= this.#bufs.length ? slot - this.#bufs.length : slot;
  }

  /** The loan ends: copies what the ring can hold of its newest message, and misses the rest. */
  #keep(slot: number, buf: Uint8Array): void {
    const start = this.#at[slot]!;
    const left = this.#frames[slot]!;
    const room = Math.min(left, this.limit - (this.waiting - left));
    let end = start;
    let kept = 0;
    while (kept < room) {
      const record = readRecordLength(buf, end);
      const next = end + RECORD_HEADER + record;
      const frames = recordFrames(buf, end, record, this.skip);
      if (kept + frames > room || this.#bytes + next - start > RX_RING_BYTES) break;
      end = next;
      kept += frames;
    }
    if (kept < left) this.#miss(left - kept);
    this.waiting -= left - kept;
    // A copy whatever `buf` is: slice() of Node's Buffer would be a view.
    this.#bufs[slot] = kept === 0 ? null : new Uint8Array(buf.subarray(start, end));
    this.#at[slot] = 0;
    this.#frames[slot] = kept;
    this.#size[slot] = end - start;
    this.#bytes += end - start;
    if (kept === 0) this.#used--;
  }

  #miss(frames: number): void {
    this.#dev.stats.rxMissedErrors += frames;
    this.#dev.drops[SKB_DROP_REASON_FULL_RING]! += frames;
  }

  #poll(napi: Napi, budget: number): number {
    this.polls++;
    if (budget === 0) return 0; // netpoll: transmit completions only, which are no poll's here
    this.#masked = false;
    let work = 0;
    while (work < budget && this.#used > 0) work += this.#pollMessage(napi, budget - work);
    if (work === budget) this.fullPolls++;
    else if (!napi.completeDone(work)) this.#masked = !napi.scheduled; // the device's own timer polls
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
      const frames = recordFrames(buf, at - RECORD_HEADER, len, this.skip);
      this.#at[slot] = at + len;
      this.#frames[slot]! -= frames;
      this.waiting -= frames;
      work++;
      if (this.skip === 0) this.#receiveFrame(napi, buf, view, at, len);
      else this.#receiveVnet(napi, buf, at, len - VNET_SKIP, frames);
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
    this.#bytes -= this.#size[this.#head]!;
    this.#size[this.#head] = 0;
    this.#head = this.#head + 1 === this.#bufs.length ? 0 : this.#head + 1;
    this.#used--;
  }

  /** A frame of `len` bytes behind the virtio_net_hdr at buf[at], which counts as `frames`. */
  #receiveVnet(napi: Napi, buf: Uint8Array, at: number, len: number, frames: number): void {
    const dev = this.#dev;
    const stats = dev.stats;
    if (vnetLongest(buf, at, len) > dev.mtu + dev.hardHeaderLen + VLAN_HLEN) {
      this.#refuseLong(frames, buf, at + VNET_SKIP, len);
      return;
    }
    const skb = dev.pool.alloc(len);
    if (skb === null) {
      stats.rxDropped += frames;
      dev.drops[SKB_DROP_REASON_NOMEM]! += frames;
      return;
    }
    copyBytes(buf, at + VNET_SKIP, skb.buf, skb.put(len), len);
    virtioNetHdrToSkb(skb, buf, at, frames);
    ethTypeTrans(skb, dev);
    if (frames > 1) {
      this.gsoFrames++;
      this.gsoSegments += frames;
    }
    stats.rxPackets += frames;
    stats.rxBytes += vnetWireBytes(buf, at, len);
    if (skb.pktType === PACKET_MULTICAST) stats.multicast += frames;
    napiGroReceive(napi, skb);
  }

  #refuseLong(frames: number, buf: Uint8Array, at: number, len: number): void {
    const { stats, drops, net } = this.#dev;
    net.trace?.lost('wslink_poll', this.#dev, SKB_DROP_REASON_PKT_TOO_BIG, buf, at, len);
    stats.rxErrors += frames;
    stats.rxLengthErrors += frames;
    stats.rxOverErrors += frames;
    drops[SKB_DROP_REASON_PKT_TOO_BIG]! += frames;
  }

  #receiveFrame(napi: Napi, buf: Uint8Array, from: DataView, at: number, len: number): void {
    const dev = this.#dev;
    const stats = dev.stats;
    if (len > dev.mtu + dev.hardHeaderLen + VLAN_HLEN) {
      this.#refuseLong(1, buf, at, len);
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
