/** Finishes in software what a device cannot do for a frame it is to send. cf. validate_xmit_skb, net/core/dev.c */
import { csumFold, csumWords, putU16 } from '@etherloom/frame';
import { SKB_DROP_REASON_NOMEM } from './drop-reason.ts';
import { GsoSegmenter } from './gso.ts';
import type { NetDevice } from './net-device.ts';
import { gsoFeatures, NETIF_F_HW_CSUM } from './netdev-features.ts';
import { consumeSkb, kfreeSkb } from './skb-pool.ts';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type SkBuff, skbIsGso } from './skbuff.ts';
import { WordBuffer } from './word-buffer.ts';

const CSUM_MANGLED_0 = 0xffff;
const segmenter = new GsoSegmenter();
const checksummed = new WordBuffer();

/** Takes the skb: itself, finished, a list of segments, or null when it was dropped. */
export function validateXmitSkb(skb: SkBuff, dev: NetDevice): SkBuff | null {
  if (skb.ipSummed !== CHECKSUM_PARTIAL) return skb;
  if (skbIsGso(skb)) {
    const needed = gsoFeatures(skb.gsoType) | NETIF_F_HW_CSUM;
    return (dev.features & needed) === needed ? skb : segment(skb, dev);
  }
  if ((dev.features & NETIF_F_HW_CSUM) !== 0 || skbChecksumHelp(skb)) return skb;
  return dropXmit(skb, dev, 1);
}

/** Completes the checksum in place; false when there was no memory to make the bytes the skb's own. */
export function skbChecksumHelp(skb: SkBuff): boolean {
  if (!skb.cow()) return false;
  const { buf, csumStart } = skb;
  const shift = checksummed.open(buf);
  const sum = csumWords(checksummed.bytes, checksummed.words, shift + csumStart, skb.tail - csumStart);
  putU16(buf, csumStart + skb.csumOffset, csumFold(sum) || CSUM_MANGLED_0);
  skb.ipSummed = CHECKSUM_NONE;
  return true;
}

/** A list of the super-frame's segments, and the super-frame is consumed; null, and nothing changed, when memory is short. */
export function skbGsoSegment(skb: SkBuff): SkBuff | null {
  let head: SkBuff | null = null;
  let tail: SkBuff | null = null;
  segmenter.loadSkb(skb);
  while (segmenter.left > 0) {
    const length = segmenter.nextLength;
    const made = skb.pool.alloc(length);
    if (made === null) {
      freeList(head);
      return null;
    }
    segmenter.emit(made.buf, made.put(length));
    describeSegment(made, skb);
    if (tail === null) head = made;
    else tail.next = made;
    tail = made;
  }
  consumeSkb(skb);
  return head;
}

function segment(skb: SkBuff, dev: NetDevice): SkBuff | null {
  const { gsoSegs } = skb;
  return skbGsoSegment(skb) ?? dropXmit(skb, dev, gsoSegs);
}

/** The first kfreeSkb counts one frame of them. */
function dropXmit(skb: SkBuff, dev: NetDevice, frames: number): null {
  dev.stats.txDropped += frames;
  kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
  return null;
}

function describeSegment(to: SkBuff, from: SkBuff): void {
  to.dev = from.dev;
  to.protocol = from.protocol;
  to.pktType = from.pktType;
  to.priority = from.priority;
  to.mark = from.mark;
  to.queueMapping = from.queueMapping;
}

function freeList(list: SkBuff | null): void {
  for (let skb = list; skb !== null; ) {
    const next: SkBuff | null = skb.next;
    skb.next = null;
    consumeSkb(skb);
    skb = next;
  }
}
