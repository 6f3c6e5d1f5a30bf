/**
 * tap, transmit side: a write() hands a frame to Linux, which receives it inside the call.
 *
 * With a virtio_net_hdr consecutive TCP segments are gathered (GRO) and written as one super-frame: when a segment was
 * pushed or nothing more fits, and at the end of the event-loop turn. Not at the end of the softirq: a busy cable brings
 * several messages in a turn, and each would cut a super-frame in two. Their checksums are nobody's word but their own:
 * Linux verifies that of the whole, which is wrong if that of any segment is. A frame that is a super-frame already, or
 * has no checksum yet, is written as it is.
 */
import { putVnetGso, VIRTIO_NET_HDR_LEN } from '@etherloom/frame';
import {
  consumeSkb,
  GRO_MAX_SEGS,
  Gro,
  type GroFlow,
  kfreeSkb,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_NOT_SPECIFIED,
  type SkBuff,
  type SkbDropReason,
  skbCloned,
  skbIsGso,
  skbSegs,
  skbWireLen,
  virtioNetHdrFromSkb,
} from '@etherloom/netcore';
import { bufferAddress } from './buffer-address.ts';
import { IoVec } from './iovec.ts';
import * as c from './libc.ts';

export class TapTx {
  /** Frames and bytes as Linux counts what it received: a super-frame is one. */
  writes = 0;
  writtenBytes = 0;
  /** Super-frames written, and the segments they had. */
  gsoFrames = 0;
  gsoSegments = 0;
  /** Linux has received a frame, and may have answered it already. */
  onwritten: () => void = () => {};
  /** Whether segments are gathered. */
  gather: boolean;
  readonly #dev: NetDevice;
  readonly #fd: number;
  readonly #lib = c.libc();
  readonly #vnet: boolean;
  readonly #gro = new Gro((flow) => this.#writeFlow(flow));
  readonly #vnetHdr = new Uint8Array(VIRTIO_NET_HDR_LEN);
  readonly #iov = new IoVec(GRO_MAX_SEGS + 1);
  readonly #flush = () => {
    this.#armed = false;
    this.#dev.net.irq(this.#flushNow);
  };
  readonly #flushNow = () => this.#gro.flush();
  #armed = false;

  constructor(dev: NetDevice, fd: number, vnet: boolean) {
    this.#dev = dev;
    this.#fd = fd;
    this.#vnet = vnet;
    this.gather = vnet;
  }

  /** Writes what is gathered. */
  flush(): void {
    this.#gro.flush();
  }

  /** ndoStartXmit. */
  xmit(skb: SkBuff): NetdevTx {
    if (!this.#vnet) this.#writePlain(skb, 0);
    else if (!this.gather || !this.#gro.receive(skb)) this.#writeVnet(skb);
    else this.#arm();
    return NETDEV_TX_OK;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#dev.net.host.endOfTurn(this.#flush);
  }

  /** `more`: bytes before the frame that are none of it. */
  #writePlain(skb: SkBuff, more: number): void {
    const len = skb.tail - skb.data;
    const n = this.#lib.write(this.#fd, bufferAddress(skb.buf) + skb.data - more, len + more);
    this.#written(n, skb, len);
  }

  /** A frame by itself, behind a header that says what it is. */
  #writeVnet(skb: SkBuff): void {
    if (skbIsGso(skb)) this.#countGso(skb.gsoSegs);
    if (skb.headroom >= VIRTIO_NET_HDR_LEN && !skbCloned(skb)) {
      virtioNetHdrFromSkb(skb, skb.buf, skb.data - VIRTIO_NET_HDR_LEN);
      this.#writePlain(skb, VIRTIO_NET_HDR_LEN);
      return;
    }
    const iov = this.#iov;
    virtioNetHdrFromSkb(skb, this.#vnetHdr, 0);
    iov.reset();
    iov.add(this.#vnetHdr, 0, VIRTIO_NET_HDR_LEN);
    iov.add(skb.buf, skb.data, skb.tail);
    this.#written(iov.writeTo(this.#fd), skb, skb.tail - skb.data);
  }

  #writeFlow(flow: GroFlow): void {
    if (flow.count === 1) {
      this.#writeVnet(flow.skbs[0]!);
      return;
    }
    flow.finish();
    const n = this.#writeSegments(flow);
    const errno = n < 0 ? this.#lib.errno() : 0;
    for (let i = 0; i < flow.count; i++) this.#done(flow.skbs[i]!, errno);
    if (n < 0) return;
    this.#countGso(flow.count);
    this.writes++;
    this.writtenBytes += flow.hdrLen + flow.payload;
    this.onwritten();
  }

  #countGso(segments: number): void {
    this.gsoFrames++;
    this.gsoSegments += segments;
  }

  #writeSegments(flow: GroFlow): number {
    const iov = this.#iov;
    const first = flow.skbs[0]!;
    putVnetGso(this.#vnetHdr, 0, flow.gsoType, flow.hdrLen, flow.mss);
    iov.reset();
    iov.add(this.#vnetHdr, 0, VIRTIO_NET_HDR_LEN);
    iov.add(first.buf, first.data, first.tail);
    for (let i = 1; i < flow.count; i++) {
      const skb = flow.skbs[i]!;
      iov.add(skb.buf, skb.data + flow.hdrLen, skb.tail);
    }
    return iov.writeTo(this.#fd);
  }

  #written(n: number, skb: SkBuff, len: number): void {
    if (n >= 0) {
      this.writes++;
      this.writtenBytes += len;
      this.onwritten();
    }
    this.#done(skb, n < 0 ? this.#lib.errno() : 0);
  }

  /** Counts frames of the wire, whatever they were written as. */
  #done(skb: SkBuff, errno: number): void {
    const { stats } = this.#dev;
    const frames = skbSegs(skb);
    if (errno !== 0) {
      kfreeSkb(skb, this.#failed(errno, frames));
      return;
    }
    stats.txPackets += frames;
    stats.txBytes += skbWireLen(skb);
    consumeSkb(skb);
  }

  /**
   * The queue is not stopped on EAGAIN: a TAP's write has no queue of its own to wait for (Linux receives the
   * frame inside the call), so it says that the kernel is out of memory for this socket, and no event would
   * tell when to wake the queue. As a full ring it is dropped and counted.
   */
  #failed(errno: number, frames: number): SkbDropReason {
    const { stats } = this.#dev;
    if (errno === c.EIO) {
      stats.txDropped += frames; // taken down in Linux a moment ago
      return SKB_DROP_REASON_DEV_READY;
    }
    stats.txErrors += frames;
    if (errno === c.EAGAIN || errno === c.ENOBUFS || errno === c.ENOMEM) {
      stats.txFifoErrors += frames;
      return SKB_DROP_REASON_FULL_RING;
    }
    if (errno === c.EBADFD) {
      stats.txCarrierErrors += frames;
      return SKB_DROP_REASON_DEV_READY;
    }
    stats.txAbortedErrors += frames;
    return SKB_DROP_REASON_NOT_SPECIFIED;
  }
}
