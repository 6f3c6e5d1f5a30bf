/**
 * tap, receive side: readiness of the fd is the interrupt, the poll drains it with non-blocking reads.
 *
 *   plain:  read() straight into an skb        vnet:  read() into a large skb, behind room for the virtio_net_hdr
 *
 * A super-frame goes on in the skb that it was read into; what is small is copied out of it, so that it stays there for
 * the next read. With a gate nothing is read while the queue behind it is stopped: frames wait in Linux, whose TCP and
 * qdisc see them, and not in ours to be dropped there. The fd stays ready meanwhile, so the first interrupt after the
 * stop masks it until the queue wakes.
 */
import {
  copyBytes,
  ETH_HLEN,
  VIRTIO_NET_HDR_LEN,
  VLAN_HLEN,
  VNET_MALFORMED,
  vnetCheck,
  vnetLongest,
} from '@etherloom/frame';
import {
  consumeSkb,
  ethTypeTrans,
  kfreeSkb,
  type Napi,
  type NetDevice,
  type NetdevQueue,
  napiGroReceive,
  netifNapiAdd,
  netifXmitStopped,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_BIG,
  type SkBuff,
  skbSegs,
  skbWireLen,
  virtioNetHdrToSkb,
} from '@etherloom/netcore';
import { bufferAddress } from './buffer-address.ts';
import { pollFd } from './fd-poll.ts';
import * as c from './libc.ts';

/** The longest frame a TAP gives: an IP packet, an Ethernet header and two tags. */
const SPARE_SIZE = 65535 + ETH_HLEN + 2 * VLAN_HLEN;
/** A frame up to here is copied: it costs less than a large skb for each. */
const COPYBREAK = 2048;

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
  readonly #vnet: boolean;
  readonly #died: () => void;
  #poll: c.PollHandle | null = null;
  #gate: NetdevQueue | null = null;
  #paused = false;
  #isMasked = false;
  /** What the next frame with a virtio_net_hdr is read into, during a drain. */
  #spare: SkBuff | null = null;

  /** `died` hears that the fd will bring nothing more. */
  constructor(dev: NetDevice, fd: number, vnet: boolean, died: () => void) {
    this.#dev = dev;
    this.#fd = fd;
    this.#vnet = vnet;
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
      this.#dev.net.host.eventDone?.();
    });
  }

  stop(): void {
    this.#poll?.close();
    this.#poll = null;
    this.napi.disable();
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
      const took = this.#vnet ? this.#readVnet(napi, most) : this.#readSkb(napi, most);
      if (!took) break;
      work++;
    }
    if (this.#spare !== null) consumeSkb(this.#spare);
    this.#spare = null;
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

  /** As #readSkb, of a frame behind a virtio_net_hdr. */
  #readVnet(napi: Napi, most: number): boolean {
    const spare = this.#spare ?? this.#dev.pool.alloc(SPARE_SIZE);
    if (spare === null) return false;
    this.#spare = spare;
    const at = spare.data - VIRTIO_NET_HDR_LEN;
    const n = this.#read(spare.buf, at, spare.end - at) - VIRTIO_NET_HDR_LEN;
    if (n < 0) return false;
    this.readBytes += n;
    const segs = vnetCheck(spare.buf, at, n);
    if (segs === VNET_MALFORMED) this.#refuseMalformed();
    else if (vnetLongest(spare.buf, at, n) > most) this.#refuseLong(segs);
    else this.#receiveVnet(napi, spare, n, segs);
    return true;
  }

  #receiveVnet(napi: Napi, spare: SkBuff, length: number, segs: number): void {
    const skb = length > COPYBREAK ? this.#takeSpare(length) : this.#copySpare(spare, length);
    if (skb === null) {
      this.#dev.stats.rxDropped += segs;
      this.#dev.drops[SKB_DROP_REASON_NOMEM]! += segs;
      return;
    }
    virtioNetHdrToSkb(skb, spare.buf, spare.data - VIRTIO_NET_HDR_LEN, segs);
    if (segs > 1) {
      this.gsoFrames++;
      this.gsoSegments += segs;
    }
    this.#receive(napi, skb);
  }

  #takeSpare(length: number): SkBuff {
    const skb = this.#spare!;
    this.#spare = null;
    skb.put(length);
    return skb;
  }

  #copySpare(spare: SkBuff, length: number): SkBuff | null {
    const skb = this.#dev.pool.alloc(length);
    if (skb !== null) copyBytes(spare.buf, spare.data, skb.buf, skb.put(length), length);
    return skb;
  }

  #refuseMalformed(): void {
    this.#dev.stats.rxErrors++;
    this.#dev.stats.rxFrameErrors++;
    this.#dev.drops[SKB_DROP_REASON_NOT_SPECIFIED]!++;
  }

  #refuseLong(segs: number): void {
    this.#dev.stats.rxErrors += segs;
    this.#dev.stats.rxLengthErrors += segs;
    this.#dev.drops[SKB_DROP_REASON_PKT_TOO_BIG]! += segs;
  }

  #read(buf: Uint8Array, at: number, length: number): number {
    const n = this.#lib.read(this.#fd, bufferAddress(buf) + at, length);
    if (n < 0)
      this.drained++; // EAGAIN; a dead fd is the follower's to find
    else this.reads++;
    return n;
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
    dev.stats.rxPackets += skbSegs(skb);
    dev.stats.rxBytes += skbWireLen(skb);
    skb.protocol = ethTypeTrans(skb, dev);
    napiGroReceive(napi, skb);
  }
}
