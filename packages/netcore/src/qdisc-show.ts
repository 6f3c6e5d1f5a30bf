/** The qdiscs of a device as `tc -j -s qdisc` prints them. cf. iproute2 tc/tc_qdisc.c */
import type { NetDevice } from './net-device.ts';
import type { Qdisc } from './sched/qdisc.ts';

export interface TcQdisc {
  kind: string;
  handle: string;
  dev: string;
  root?: boolean;
  parent?: string;
  refcnt: number;
  options: Record<string, unknown>;
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
  requeues: number;
  backlog: number;
  qlen: number;
}

export function qdiscShow(dev: NetDevice): TcQdisc[] {
  return dev.txq.map((txq) => show(txq.qdiscSleeping, dev));
}

function show(q: Qdisc, dev: NetDevice): TcQdisc {
  return {
    kind: q.kind,
    handle: `${q.handle.toString(16)}:`,
    dev: dev.name,
    root: true,
    refcnt: 2,
    options: q.dump(),
    bytes: q.bytes,
    packets: q.packets,
    drops: q.drops,
    overlimits: q.overlimits,
    requeues: q.requeues,
    backlog: q.backlog,
    qlen: q.qlen,
  };
}
