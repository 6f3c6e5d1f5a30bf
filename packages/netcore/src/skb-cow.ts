/**
 * Copy on write: before an skb's bytes are changed or its room is grown. cf. pskb_expand_head, net/core/skbuff.c
 *
 * Each answers false, and has changed nothing, when the pool is exhausted. All need an skb that the caller alone holds
 * (skbShareCheck): whoever else holds this very head would find its geometry moved.
 */
import { type SkBuff, skbCloned, skbShared } from './skbuff.ts';

/** Moves the frame into bytes of its own, with `nhead` more headroom and `ntail` more tailroom. Offsets into buf change. */
export function pskbExpandHead(skb: SkBuff, nhead: number, ntail: number): boolean {
  if (nhead < 0) throw new RangeError(`pskb_expand_head: ${nhead} bytes of headroom to add`);
  if (skbShared(skb))
    throw new Error(`pskb_expand_head: the skb has ${skb.users} holders; skbShareCheck it first`);
  return skb.pool.expandHead(skb, skb.headroom + nhead, skb.tailroom + ntail);
}

/** Afterwards no clone shares the bytes, so they may be written. */
export function skbUnclone(skb: SkBuff): boolean {
  return !skbCloned(skb) || pskbExpandHead(skb, 0, 0);
}

/** Afterwards the bytes may be written and `headroom` bytes may be pushed. */
export function skbCow(skb: SkBuff, headroom: number): boolean {
  const lacks = Math.max(0, headroom - skb.headroom);
  return (lacks === 0 && !skbCloned(skb)) || pskbExpandHead(skb, lacks, 0);
}

/** As skbCow: the kernel's may leave a payload shared whose owner has let go of the headers, and ours have no such split. */
export function skbCowHead(skb: SkBuff, headroom: number): boolean {
  return skbCow(skb, headroom);
}

/** A copy whose headers may be written. The kernel's shares the fragments; ours have none, so it is skb.copy(). */
export function pskbCopy(skb: SkBuff): SkBuff | null {
  return skb.pool.copy(skb);
}

/** A deep copy with that much headroom and tailroom at least. */
export function skbCopyExpand(skb: SkBuff, headroom: number, tailroom: number): SkBuff | null {
  return skb.pool.copy(skb, headroom, tailroom);
}
