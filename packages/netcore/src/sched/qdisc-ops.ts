/** The kinds of qdiscs there are, and how one comes to be. cf. qdisc_base, qdisc_create, net/sched/sch_api.c */
import type { NetDevice } from '../net-device.ts';
import { NetError } from '../net-error.ts';
import type { NetdevQueue } from '../netdev-queue.ts';
import { Bfifo, Pfifo } from './fifo.ts';
import { FqCodel } from './fq-codel.ts';
import { Mq } from './mq.ts';
import { Netem } from './netem.ts';
import { NoqueueQdisc } from './noop.ts';
import { PfifoFast } from './pfifo-fast.ts';
import { Prio } from './prio.ts';
import type { Qdisc, QdiscOptions } from './qdisc.ts';
import { Tbf } from './tbf.ts';

const KINDS = new Map<string, () => Qdisc>([
  ['pfifo', () => new Pfifo()],
  ['bfifo', () => new Bfifo()],
  ['pfifo_fast', () => new PfifoFast()],
  ['tbf', () => new Tbf()],
  ['fq_codel', () => new FqCodel()],
  ['prio', () => new Prio()],
  ['netem', () => new Netem()],
  ['mq', () => new Mq()],
  ['noqueue', () => new NoqueueQdisc()],
]);

/** A qdisc for a transmit queue, on no tree yet. */
export function qdiscCreate(dev: NetDevice, txq: NetdevQueue, kind: string, options: QdiscOptions): Qdisc {
  const make = KINDS.get(kind);
  if (make === undefined)
    throw new NetError(
      'ENOENT',
      `Specified qdisc kind is unknown: "${kind}" is none of ${[...KINDS.keys()].join(', ')}`,
    );
  const q = make();
  if (q.hasQueue) q.txq = txq;
  q.init(dev, options);
  return q;
}
