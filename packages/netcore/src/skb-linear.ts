/**
 * What the kernel asks of skbs that may lie in pieces. Ours never do: a pool buffer holds a whole super-frame, so there
 * are no fragments, data_len is always 0, and the frame is buf[data, tail). The names are here so that a driver written
 * as in the kernel reads the same, and checks lengths where it should.
 */
import { SKB_DROP_REASON_PKT_TOO_SMALL, SKB_NOT_DROPPED_YET } from './drop-reason.ts';
import type { SkBuff } from './skbuff.ts';

/** True when the first n bytes are there to be read; false when the frame is shorter. */
export function pskbMayPull(skb: SkBuff, n: number): boolean {
  return n <= skb.tail - skb.data;
}

/** SKB_NOT_DROPPED_YET, or why the frame has to go. */
export function pskbMayPullReason(skb: SkBuff, n: number): number {
  return pskbMayPull(skb, n) ? SKB_NOT_DROPPED_YET : SKB_DROP_REASON_PKT_TOO_SMALL;
}

/** Bytes of the frame outside fragments: all of them. */
export function skbHeadlen(skb: SkBuff): number {
  return skb.tail - skb.data;
}

export function skbIsNonlinear(_skb: SkBuff): boolean {
  return false;
}

/** Puts the frame in one piece; it is, so this costs nothing and cannot fail. */
export function skbLinearize(_skb: SkBuff): boolean {
  return true;
}
