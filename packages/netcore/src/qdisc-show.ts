/** The qdiscs of a device as `tc -j -s qdisc` prints them, its key order included. cf. iproute2 tc/tc_qdisc.c */
import type { NetDevice } from './net-device.ts';
import { noopQdisc } from './sched/noop.ts';
import type { Qdisc } from './sched/qdisc.ts';
import { showHandle, showParent } from './sched/qdisc-handle.ts';
import { qdiscsOf } from './sched/qdisc-tree.ts';

export interface TcQdisc {
  kind: string;
  handle: string;
  dev: string;
  root?: boolean;
  parent?: string;
  refcnt?: number;
  options: Record<string, unknown>;
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
  requeues: number;
  backlog: number;
  qlen: number;
  /** What only its kind counts. */
  [counter: string]: unknown;
}

/** Root first. Children that a qdisc made for itself are not shown, nor is noop: as tc. */
export function qdiscShow(dev: NetDevice): TcQdisc[] {
  return qdiscsOf(dev)
    .filter((q) => q !== noopQdisc && !q.invisible)
    .map((q) => show(q, dev));
}

function show(q: Qdisc, dev: NetDevice): TcQdisc {
  const { bytes, packets, drops, overlimits, requeues, backlog, qlen } = totals(q);
  const counters = { bytes, packets, drops, overlimits, requeues, backlog, qlen };
  return {
    kind: q.kind,
    handle: showHandle(q),
    dev: dev.name,
    ...placeOf(q, dev),
    options: q.dump(),
    ...counters,
    ...q.dumpStats(),
  };
}

/** One reference is not worth telling; a root has one of the device and one of each of its queues. */
function placeOf(q: Qdisc, dev: NetDevice): Pick<TcQdisc, 'root' | 'parent' | 'refcnt'> {
  if (q.parentQdisc !== null) return { parent: showParent(q) };
  if (q.kind === 'mq') return { root: true };
  return { root: true, refcnt: q.handle === 0 ? 2 : 1 + dev.txq.length };
}

type Counters = Pick<Qdisc, 'bytes' | 'packets' | 'drops' | 'overlimits' | 'requeues' | 'backlog' | 'qlen'>;

/** mq passes no frame itself: it tells what its queues count. */
function totals(q: Qdisc): Counters {
  if (q.kind !== 'mq') return q;
  const sum = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
  for (const child of q.children()) addTo(sum, child);
  return sum;
}

function addTo(sum: Counters, q: Qdisc): void {
  sum.bytes += q.bytes;
  sum.packets += q.packets;
  sum.drops += q.drops;
  sum.overlimits += q.overlimits;
  sum.requeues += q.requeues;
  sum.backlog += q.backlog;
  sum.qlen += q.qlen;
}
