/** Who receives which EtherType. cf. ptype_base and ptype_all, net/core/dev.c */
import { ETH_P_ALL } from '@etherloom/frame';
import { SKB_DROP_REASON_NOMEM } from './drop-reason.ts';
import type { NetDevice } from './net-device.ts';
import { PACKET_OUTGOING, type SkBuff } from './skbuff.ts';

/** Consumes the skb; a handler of ETH_P_ALL borrows it, and finds the frame at skb.macHeader. */
export type PacketHandler = (skb: SkBuff, dev: NetDevice) => void;

interface PacketType {
  readonly type: number;
  readonly fn: PacketHandler;
}

export class PacketTypes {
  #base: readonly PacketType[] = [];
  #all: readonly PacketType[] = [];

  /** True while somebody taps. cf. dev_nit_active */
  tapped = false;

  add(type: number, fn: PacketHandler): () => void {
    const entry: PacketType = { type, fn };
    if (type === ETH_P_ALL) this.#all = [...this.#all, entry];
    else this.#base = [...this.#base, entry];
    this.tapped = this.#all.length > 0;
    return () => this.#remove(entry);
  }

  /** Shows the taps a frame on its way up; borrows. */
  tap(skb: SkBuff, dev: NetDevice): void {
    const all = this.#all; // a tap may take itself off
    for (let i = 0; i < all.length; i++) all[i]!.fn(skb, dev);
  }

  /** Shows the taps a frame about to be sent; borrows. cf. dev_queue_xmit_nit */
  tapOutgoing(skb: SkBuff, dev: NetDevice): void {
    const { pktType, macHeader } = skb;
    skb.pktType = PACKET_OUTGOING;
    skb.macHeader = skb.data;
    this.tap(skb, dev);
    skb.pktType = pktType;
    skb.macHeader = macHeader;
  }

  /** Hands the skb to every handler of its protocol, a clone to all but the last; false when there is none: still the caller's. */
  deliver(skb: SkBuff, dev: NetDevice): boolean {
    const base = this.#base;
    let prev: PacketType | null = null;
    for (let i = 0; i < base.length; i++) {
      const ptype = base[i]!;
      if (ptype.type !== skb.protocol) continue;
      if (prev !== null) deliverClone(skb, dev, prev);
      prev = ptype;
    }
    if (prev === null) return false;
    prev.fn(skb, dev);
    return true;
  }

  #remove(entry: PacketType): void {
    this.#all = this.#all.filter((p) => p !== entry);
    this.#base = this.#base.filter((p) => p !== entry);
    this.tapped = this.#all.length > 0;
  }
}

function deliverClone(skb: SkBuff, dev: NetDevice, to: PacketType): void {
  const clone = skb.clone();
  if (clone !== null) to.fn(clone, dev);
  else dev.drops[SKB_DROP_REASON_NOMEM]!++;
}
