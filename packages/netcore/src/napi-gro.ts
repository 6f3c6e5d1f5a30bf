/**
 * GRO in a NAPI instance: what a poll received goes up as super-frames. cf. napi_gro_receive, net/core/gro.c
 *
 * Our skbs are in one piece, so gathering copies the segments together, and sums them on the way: one whose checksum is
 * wrong spoils no other, they all go up as they came.
 */
import {
  copyBytes,
  csumWords,
  ETH_HLEN,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
} from '@etherloom/frame';
import { ethTypeTrans } from './ethernet.ts';
import { Gro } from './gro.ts';
import type { GroFlow } from './gro-flow.ts';
import type { NetDevice } from './net-device.ts';
import { NETIF_F_GRO_UDP_FWD } from './netdev-features.ts';
import { consumeSkb } from './skb-pool.ts';
import { CHECKSUM_PARTIAL, SKB_GSO_TCPV4, SKB_GSO_TCPV6, SKB_GSO_UDP_L4, type SkBuff } from './skbuff.ts';
import { WordBuffer } from './word-buffer.ts';
import { NET_RX_SUCCESS } from './xmit.ts';

const summed = new WordBuffer();

export class NapiGro {
  /** Super-frames made, and what they were made of. */
  frames = 0;
  segments = 0;
  readonly #up: (skb: SkBuff) => number;
  readonly #gro = new Gro((flow) => {
    this.#delivering = true;
    try {
      this.#deliver(flow);
    } finally {
      this.#delivering = false;
    }
  });
  // Who gets a frame may close the device, which flushes: that has to wait until the flow in hand is done.
  #delivering = false;
  #flushAsked = false;

  constructor(up: (skb: SkBuff) => number) {
    this.#up = up;
  }

  /** Flows that wait for more. */
  get held(): number {
    return this.#gro.held;
  }

  /** An skb behind ethTypeTrans. Datagrams are gathered only where they are forwarded: a socket wants them one by one. */
  receive(skb: SkBuff, dev: NetDevice): number {
    this.#gro.udp = (dev.features & NETIF_F_GRO_UDP_FWD) !== 0 && dev.rxHandler !== null;
    skb.push(ETH_HLEN);
    const held = this.#gro.receive(skb);
    if (this.#flushAsked) this.flush();
    if (held) return NET_RX_SUCCESS;
    skb.pull(ETH_HLEN);
    return this.#up(skb);
  }

  flush(): void {
    this.#flushAsked = this.#delivering;
    if (this.#delivering || this.#gro.held === 0) return;
    this.#gro.flush();
    if (this.#flushAsked) this.flush();
  }

  /** At the end of a poll whose flows may wait for another: those that have for `ms` go. */
  flushOld(now: number, ms: number): void {
    if (this.#delivering || this.#gro.held === 0) return;
    this.#gro.flushOld(now, ms);
    if (this.#flushAsked) this.flush();
  }

  #deliver(flow: GroFlow): void {
    const merged = flow.count > 1 ? mergeFlow(flow) : null;
    if (merged !== null) {
      this.frames++;
      this.segments += flow.count;
    }
    for (let i = 0; i < flow.count; i++) {
      const skb = flow.skbs[i]!;
      if (merged !== null) consumeSkb(skb);
      else {
        skb.pull(ETH_HLEN);
        this.#up(skb);
      }
    }
    if (merged !== null) this.#up(merged);
  }
}

/** One skb of all segments; null, and nothing changed, when memory is short or a checksum is wrong. */
function mergeFlow(flow: GroFlow): SkBuff | null {
  const first = flow.skbs[0]!;
  const { hdrLen, payload } = flow;
  const skb = first.pool.alloc(hdrLen + payload);
  if (skb === null) return null;
  let at = skb.put(hdrLen + payload);
  copyBytes(first.buf, first.data, skb.buf, at, hdrLen);
  at += hdrLen;
  const from = at;
  for (let i = 0; i < flow.count; i++) {
    const part = flow.skbs[i]!;
    const len = part.tail - part.data - hdrLen;
    copyBytes(part.buf, part.data + hdrLen, skb.buf, at, len);
    at += len;
  }
  const shift = summed.open(skb.buf);
  if (!flow.claims(csumWords(summed.bytes, summed.words, shift + from, payload))) {
    consumeSkb(skb);
    return null;
  }
  flow.finishPartial(skb.buf, skb.data);
  describe(skb, first, flow);
  return skb;
}

function describe(skb: SkBuff, first: SkBuff, flow: GroFlow): void {
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.data + flow.l4;
  skb.csumOffset = flow.csumOffset;
  skb.gsoSize = flow.mss;
  skb.gsoSegs = flow.count;
  skb.gsoType = gsoTypeOf(flow.gsoType);
  skb.dev = first.dev;
  skb.protocol = ethTypeTrans(skb, first.dev!);
}

function gsoTypeOf(vnet: number): number {
  if (vnet === VIRTIO_NET_HDR_GSO_TCPV4) return SKB_GSO_TCPV4;
  return vnet === VIRTIO_NET_HDR_GSO_TCPV6 ? SKB_GSO_TCPV6 : SKB_GSO_UDP_L4;
}
