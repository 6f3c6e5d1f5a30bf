/**
 * Softirqs: the work that interrupts leave behind. cf. kernel/softirq.c, net_rx_action and net_tx_action of net/core/dev.c
 *
 * They run when the outermost interrupt handler returns, within a budget; what is left, and what is raised outside
 * an interrupt, runs at the end of the event-loop turn (ksoftirqd), so that other I/O has its turn in between.
 */
import type { Host } from './host.ts';
import { type Napi, pollName } from './napi.ts';
import type { Qdisc } from './sched/qdisc.ts';

export const NET_TX_SOFTIRQ = 1 << 2;
export const NET_RX_SOFTIRQ = 1 << 3;

const MAX_SOFTIRQ_TIME_MS = 2;
const MAX_SOFTIRQ_RESTART = 10;

export class Softirq {
  netdevBudget = 300;
  netdevBudgetUsecs = 2000;
  /** Times the budget or its time ran out with work left. cf. softnet_stat */
  timeSqueeze = 0;
  /** Polls that claimed more than their budget: a driver bug. */
  overBudget = 0;
  readonly #host: Host;
  readonly #qdiscRun: (q: Qdisc) => void;
  readonly #ksoftirqd: () => void;
  // Two lists that take turns: one is polled while the other gathers. Lengths apart, so that they never shrink.
  #pollList: (Napi | null)[] = [];
  #pollCount = 0;
  #polled: (Napi | null)[] = [];
  #polledCount = 0;
  #outputHead: Qdisc | null = null;
  #outputTail: Qdisc | null = null;
  #pending = 0;
  #irqDepth = 0;
  #running = false;
  #woken = false;
  #stopped = false;

  constructor(host: Host, qdiscRun: (q: Qdisc) => void) {
    this.#host = host;
    this.#qdiscRun = qdiscRun;
    this.#ksoftirqd = () => {
      this.#woken = false;
      if (!this.#stopped) this.#doSoftirq();
    };
  }

  /** Runs an interrupt handler and, when it is the outermost, the softirqs it raised. */
  irq(handler: () => void): void {
    this.#irqDepth++;
    try {
      handler();
    } finally {
      this.#irqDepth--;
      if (this.#irqDepth === 0 && this.#pending !== 0 && !this.#running && !this.#stopped) this.#doSoftirq();
    }
  }

  /** Puts a NAPI instance that its caller owns on the poll list. */
  list(napi: Napi): void {
    this.#pollList[this.#pollCount++] = napi;
    this.raise(NET_RX_SOFTIRQ);
  }

  unlist(napi: Napi): void {
    forget(this.#pollList, this.#pollCount, napi);
    forget(this.#polled, this.#polledCount, napi);
  }

  /** Has a qdisc run soon. cf. __netif_schedule */
  netifSchedule(q: Qdisc): void {
    if (q.scheduled || !q.hasQueue) return;
    q.scheduled = true;
    if (this.#outputTail === null) this.#outputHead = q;
    else this.#outputTail.nextScheduled = q;
    this.#outputTail = q;
    this.raise(NET_TX_SOFTIRQ);
  }

  raise(softirq: number): void {
    this.#pending |= softirq;
    if (this.#irqDepth === 0 && !this.#running) this.#wake();
  }

  stop(): void {
    this.#stopped = true;
  }

  #wake(): void {
    if (this.#woken || this.#stopped) return;
    this.#woken = true;
    this.#host.endOfTurn(this.#ksoftirqd);
  }

  #doSoftirq(): void {
    const end = this.#host.now() + MAX_SOFTIRQ_TIME_MS;
    this.#running = true;
    try {
      for (let restart = MAX_SOFTIRQ_RESTART; this.#pending !== 0 && restart > 0; restart--) {
        const pending = this.#pending;
        this.#pending = 0;
        if ((pending & NET_TX_SOFTIRQ) !== 0) this.#netTxAction();
        if ((pending & NET_RX_SOFTIRQ) !== 0) this.#netRxAction();
        if (this.#host.now() >= end) break;
      }
    } finally {
      this.#running = false;
      if (this.#pending !== 0) this.#wake();
    }
  }

  #netTxAction(): void {
    let q = this.#outputHead;
    this.#outputHead = null;
    this.#outputTail = null;
    while (q !== null) {
      const next: Qdisc | null = q.nextScheduled;
      q.nextScheduled = null;
      q.scheduled = false;
      this.#qdiscRun(q);
      q = next;
    }
  }

  #netRxAction(): void {
    const timeLimit = this.#host.now() + this.netdevBudgetUsecs / 1000;
    let budget = this.netdevBudget;
    const list = this.#takePollList();
    let i = 0;
    while (i < this.#polledCount) {
      const napi = list[i] ?? null;
      list[i++] = null;
      if (napi === null) continue;
      budget -= this.#napiPoll(napi);
      if (budget <= 0 || this.#host.now() >= timeLimit) {
        this.timeSqueeze++;
        break;
      }
    }
    if (i < this.#polledCount) this.#putBack(list.slice(i, this.#polledCount));
    this.#polledCount = 0;
    if (this.#pollCount > 0) this.raise(NET_RX_SOFTIRQ);
  }

  #takePollList(): (Napi | null)[] {
    const list = this.#pollList;
    this.#pollList = this.#polled;
    this.#polled = list;
    this.#polledCount = this.#pollCount;
    this.#pollCount = 0;
    return list;
  }

  /** Those that had no turn come first in the next pass. */
  #putBack(rest: (Napi | null)[]): void {
    this.#pollList = [...rest, ...this.#pollList.slice(0, this.#pollCount)];
    this.#pollCount = this.#pollList.length;
  }

  /** Polls one instance; it goes to the back of the list when it used its whole weight. cf. __napi_poll */
  #napiPoll(napi: Napi): number {
    if (!napi.scheduled) return 0;
    const { weight } = napi;
    const work = napi.poll(napi, weight);
    if (work < weight) return work;
    if (work > weight) {
      this.overBudget++;
      napi.warnOnce(
        `NAPI poll function ${pollName(napi)} returned ${work}, exceeding its budget of ${weight}.`,
      );
    }
    napi.gro?.flush();
    if (!napi.scheduled) return work;
    if (this.#listed(napi)) napi.warnOnce('Budget exhausted after napi rescheduled');
    else this.#pollList[this.#pollCount++] = napi;
    return work;
  }

  #listed(napi: Napi): boolean {
    for (let i = 0; i < this.#pollCount; i++) if (this.#pollList[i] === napi) return true;
    return false;
  }
}

function forget(list: (Napi | null)[], count: number, napi: Napi): void {
  for (let i = 0; i < count; i++) if (list[i] === napi) list[i] = null;
}
