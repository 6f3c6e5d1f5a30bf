/**
 * Zeroes behind a frame that is shorter than its wire allows. cf. __skb_pad, net/core/skbuff.c
 * Each is false when there was no memory for it, and the skb has been freed then, as in the kernel.
 */
import { ETH_ZLEN } from '@etherloom/frame';
import { SKB_DROP_REASON_NOMEM } from './drop-reason.ts';
import { pskbExpandHead } from './skb-cow.ts';
import { kfreeSkb } from './skb-pool.ts';
import { type SkBuff, skbCloned } from './skbuff.ts';

/** Zeroes `pad` bytes of tailroom, made where it lacks; the length stays. */
export function skbPad(skb: SkBuff, pad: number): boolean {
  const lacks = Math.max(0, pad - skb.tailroom);
  if ((lacks > 0 || skbCloned(skb)) && !pskbExpandHead(skb, 0, lacks)) {
    kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
    return false;
  }
  skb.buf.fill(0, skb.tail, skb.tail + pad);
  return true;
}

/** Sees to zeroes behind the frame up to `len` bytes; for hardware that reads past the end. The length stays. */
export function skbPadto(skb: SkBuff, len: number): boolean {
  return skb.len >= len || skbPad(skb, len - skb.len);
}

/** Makes the frame `len` bytes long at least. */
export function skbPutPadto(skb: SkBuff, len: number): boolean {
  const lacks = len - skb.len;
  if (lacks <= 0) return true;
  if (!skbPad(skb, lacks)) return false;
  skb.put(lacks);
  return true;
}

/** The shortest frame of a real Ethernet, 60 bytes without its check sequence. */
export function ethSkbPad(skb: SkBuff): boolean {
  return skbPutPadto(skb, ETH_ZLEN);
}
