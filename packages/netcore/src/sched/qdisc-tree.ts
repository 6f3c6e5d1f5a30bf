/** The tree of a device's qdiscs: who hangs where, and accounts that have to be right up to the root. cf. net/sched/sch_api.c */
import type { NetDevice } from '../net-device.ts';
import type { Qdisc } from './qdisc.ts';

/** Root first, then each child with those below it. */
export function qdiscsOf(dev: NetDevice): Qdisc[] {
  const found: Qdisc[] = [];
  collect(dev.qdisc, found);
  return found;
}

/** By major number; defaults have none. cf. qdisc_lookup */
export function qdiscLookup(dev: NetDevice, handle: number): Qdisc | null {
  return handle === 0 ? null : (qdiscsOf(dev).find((q) => q.handle === handle) ?? null);
}

/** 1 is the root. */
export function qdiscDepth(q: Qdisc): number {
  let depth = 1;
  for (let parent = q.parentQdisc; parent !== null; parent = parent.parentQdisc) depth++;
  return depth;
}

/** Where frames of this qdisc's transmit queue enter the tree. cf. qdisc_root_sleeping */
export function qdiscRootOf(q: Qdisc): Qdisc {
  return q.txq === null ? q : q.txq.qdiscSleeping;
}

/** Frames left a qdisc unseen by its parents (n below 0: came): n more drops for each of them. cf. qdisc_tree_reduce_backlog */
export function qdiscTreeReduceBacklog(q: Qdisc, n: number, len: number): void {
  if (n === 0 && len === 0) return;
  const drops = Math.max(0, n);
  for (let parent = q.parentQdisc; parent?.hasQueue; parent = parent.parentQdisc) {
    parent.qlen -= n;
    parent.backlog -= len;
    parent.drops += drops;
  }
}

/** Hangs a qdisc under a class and takes the old one away, its frames counted as drops of its parents. cf. qdisc_replace */
export function qdiscReplace(parent: Qdisc, minor: number, fresh: Qdisc, old: Qdisc): void {
  adopt(parent, minor, fresh);
  qdiscPut(old);
}

/** The end of a child: what it holds is dropped, and counted by its parents. cf. qdisc_purge_queue, qdisc_put */
export function qdiscPut(old: Qdisc): void {
  if (!old.hasQueue) return;
  qdiscTreeReduceBacklog(old, old.qlen, old.backlog);
  old.reset();
  old.parentQdisc = null;
}

/** noop is everybody's, and hangs nowhere. */
export function adopt(parent: Qdisc, minor: number, child: Qdisc): void {
  if (!child.hasQueue) return;
  child.parentQdisc = parent;
  child.parentMinor = minor;
  child.txq = parent.txq;
}

function collect(q: Qdisc, into: Qdisc[]): void {
  into.push(q);
  for (const child of q.children()) collect(child, into);
}
