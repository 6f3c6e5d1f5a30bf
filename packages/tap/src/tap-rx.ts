/**
 * tap, receive side: readiness of the fd is the interrupt, the poll drains it with non-blocking reads.
 *
 *   plain:  read() straight into an skb        vnet:  read() into the segmenter's buffer -> one skb for each segment
 *
 * With a gate nothing is read while the queue behind it is stopped: frames wait in Linux, whose TCP and qdisc see them,
 * and not in ours to be dropped there. A super-frame may wait half cut. The fd stays ready meanwhile, so the first
 * interrupt after the stop masks it until the queue wakes.
 */
import {
  consumeSkb,
  ethTypeTrans,
  GSO_MALFORMED,
  GsoSegmenter,
  kfreeSkb,
  type Napi,
  type NetDevice,
  type NetdevQueue,
  napiGroReceive,
  netifNapiAdd,
  netifXmitStopped,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_BIG,
  type SkBuff,
  type SkbDropReason,
  VIRTIO_NET_HDR_LEN,
} from '@etherloom/netcore';
import { bufferAddress } from './buffer-address.ts';
import { pollFd } from './fd-poll.ts';
import * as c from './libc.ts';

const VLAN_HLEN = 4;

export class TapRx {
  readonly napi: Napi;
  /** Interrupts, and reads of an empty queue that ended a drain. */
  interrupts = 0;
  drained = 0;
  /** Frames and bytes as Linux counts what it sent: a super-frame is one. */
  reads = 0;
  readBytes = 0;
  /** Super-frames read, and the segments they had. */
  gsoFrames = 0;
  gsoSegments = 0;
  /** Times the poll held back because the gate was shut, and times that masked the fd. */
  pauses = 0;
  masked = 0;
  readonly #dev: NetDevice;
  readonly #fd: number;
  readonly #lib = c.libc();
  readonly #gso: GsoSegmenter | null;
  readonly #died: () => void;
  #poll: c.PollHandle | null = null;
  #gate: NetdevQueue | null = null;
  #paused = false;
  #isMasked = false;

  /** `died` hears that the fd will bring nothing more. */
  constructor(dev: NetDevice, fd: number, vnet: boolean, died: () => void) {
    this.#dev = dev;
    this.#fd = fd;
    this.#gso = vnet ? new GsoSegmenter() : null;
    this.#died = died;
    this.napi = netifNapiAdd(dev, (napi, budget) => this.#drain(napi, budget));
  }

  open(): void {
    this.#paused = false;
    this.#isMasked = false;
    this.napi.enable();
    const handler = (): void => this.#interrupt();
    this.#poll = pollFd(this.#fd, (status) => {
      if (status < 0) this.#died();
      else this.#dev.net.irq(handler);
    });
  }

  stop(): void {
    this.#poll?.close();
    this.#poll = null;
    this.napi.disable();
    this.#drop(SKB_DROP_REASON_DEV_READY);
  }

  /** Reads nothing while `txq` is stopped. */
  setGate(txq: NetdevQueue | null): void {
    if (this.#gate !== null) this.#gate.onWake = null;
    this.#gate = txq;
    if (txq !== null) txq.onWake = () => this.#resume();
    else this.#resume();
  }

  #interrupt(): void {
    this.interrupts++;
    if (this.#paused && this.#shut()) this.#mask();
    else if (!this.napi.scheduled) this.napi.schedule();
  }

  #mask(): void {
    if (this.#isMasked) return;
    this.#isMasked = true;
    this.masked++;
    this.#poll?.stop();
  }

  #resume(): void {
    if (!this.#paused && !this.#isMasked) return;
    this.#paused = false;
    if (this.#isMasked) this.#poll?.start();
    this.#isMasked = false;
    this.napi.schedule();
  }

  #shut(): boolean {
    this.#paused = this.#gate !== null && netifXmitStopped(this.#gate);
    if (this.#paused) this.pauses++;
    return this.#paused;
  }

  #drain(napi: Napi, budget: number): number {
    const most = this.#dev.mtu + this.#dev.hardHeaderLen + VLAN_HLEN;
    let work = 0;
    // Who gets a frame may close the device, which ends the polling.
    while (work < budget && napi.scheduled && !this.#shut()) {
      const took = this.#gso === null ? this.#readSkb(napi, most) : this.#takeSegment(napi, this.#gso, most);
      if (!took) break;
      work++;
    }
    if (work < budget) napi.completeDone(work); // nothing to unmask: readiness is level-triggered
    return work;
  }

  /** False when nothing was there, or no memory: then the frame waits in Linux's queue, which drops and counts for us when it is full. */
  #readSkb(napi: Napi, most: number): boolean {
    // One byte more than a frame may have, so that one cut short is noticed.
    const skb = this.#dev.pool.alloc(most + 1);
    if (skb === null) return false;
    const n = this.#read(skb.buf, skb.data, skb.end - skb.tail);
    if (n < 0) {
      consumeSkb(skb);
      return false;
    }
    this.readBytes += n;
    skb.put(n);
    if (n > most) this.#refuse(skb);
    else this.#receive(napi, skb);
    return true;
  }

  /** Receives one segment of the frame in the segmenter, reading one first when that has none. */
  #takeSegment(napi: Napi, gso: GsoSegmenter, most: number): boolean {
    if (gso.left === 0) {
      const n = this.#read(gso.buf, 0, gso.buf.length);
      if (n < 0) return false;
      this.readBytes += n - VIRTIO_NET_HDR_LEN;
      if (!this.#load(gso, n, most)) return true;
    }
    const skb = gso.next(this.#dev.pool);
    if (skb === null) this.#drop(SKB_DROP_REASON_NOMEM);
    else this.#receive(napi, skb);
    return true;
  }

  #load(gso: GsoSegmenter, length: number, most: number): boolean {
    const segments = gso.load(length);
    if (segments === GSO_MALFORMED) {
      this.#dev.stats.rxErrors++;
      this.#dev.stats.rxFrameErrors++;
      this.#dev.drops[SKB_DROP_REASON_NOT_SPECIFIED]!++;
      return false;
    }
    if (segments > 1) {
      this.gsoFrames++;
      this.gsoSegments += segments;
    }
    if (gso.maxLen <= most) return true;
    this.#dev.stats.rxErrors += segments;
    this.#dev.stats.rxLengthErrors += segments;
    this.#dev.drops[SKB_DROP_REASON_PKT_TOO_BIG]! += segments;
    gso.left = 0;
    return false;
  }

  #read(buf: Uint8Array, at: number, length: number): number {
    const n = this.#lib.read(this.#fd, bufferAddress(buf) + at, length);
    if (n < 0)
      this.drained++; // EAGAIN; a dead fd is the follower's to find
    else this.reads++;
    return n;
  }

  /** What is left of the frame in the segmenter will not be received. */
  #drop(reason: SkbDropReason): void {
    const gso = this.#gso;
    if (gso === null || gso.left === 0) return;
    this.#dev.stats.rxDropped += gso.left;
    this.#dev.drops[reason]! += gso.left;
    gso.left = 0;
  }

  #refuse(skb: SkBuff): void {
    const dev = this.#dev;
    dev.stats.rxErrors++;
    dev.stats.rxLengthErrors++;
    skb.dev = dev;
    kfreeSkb(skb, SKB_DROP_REASON_PKT_TOO_BIG);
  }

  #receive(napi: Napi, skb: SkBuff): void {
    const dev = this.#dev;
    dev.stats.rxPackets++;
    dev.stats.rxBytes += skb.tail - skb.data;
    skb.protocol = ethTypeTrans(skb, dev);
    napiGroReceive(napi, skb);
  }
}
