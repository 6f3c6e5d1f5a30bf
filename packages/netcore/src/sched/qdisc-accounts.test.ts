import { SinkNic, testSkb, VirtualHost } from '@etherloom/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { devClose, devOpen } from '../dev-flags.ts';
import { devQueueXmit } from '../dev-queue-xmit.ts';
import { Net } from '../net.ts';
import { NetError } from '../net-error.ts';
import { qdiscShow } from '../qdisc-show.ts';
import type { QdiscOptions } from './qdisc.ts';
import { tcDeleteQdisc, tcModifyQdisc } from './sch-api.ts';

// biome-ignore format: one kind a line
const KINDS: readonly (readonly [string, QdiscOptions])[] = [
  ['pfifo', { limit: 5 }],
  ['bfifo', { limit: 3000 }],
  ['pfifo_fast', {}],
  ['prio', {}],
  ['tbf', { rate: 100_000, burst: 2000, limit: 8000 }],
  ['fq_codel', { limit: 8, drop_batch: 3, quantum: 300 }],
  ['netem', { delay: { delay: 0.01, jitter: 0.009 }, 'loss-random': { loss: 0.1 }, limit: 12, seed: 3 }],
  ['netem', { rate: { rate: 50_000 }, corrupt: { corrupt: 0.5 }, seed: 4 }],
];

const kind = fc.nat(KINDS.length - 1);
const parent = fc.constantFrom('root', '1:1', '1:2', '1:3', '2:1', '2:2');
const op = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      len: fc.integer({ min: 60, max: 1500 }),
      priority: fc.nat(15),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 40 }) }),
  },
  fc.record({ do: fc.constant('put' as const), kind, parent }),
  fc.record({ do: fc.constant('change' as const), kind, parent }),
  fc.record({ do: fc.constant('del' as const), parent }),
  fc.record({ do: fc.constant('toggle' as const) }),
);

type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

class Machine {
  readonly host = new VirtualHost();
  readonly nic = new SinkNic(new Net(this.host));
  readonly dev = this.nic.dev;
  #sent = 0;
  #up = true;

  constructor() {
    devOpen(this.dev);
  }

  step(op: Op): void {
    if (op.do === 'send') this.#send(op.len, op.priority);
    else if (op.do === 'advance') this.host.advance(op.ms);
    else if (op.do === 'toggle') this.#toggle();
    else this.#tc(op);
  }

  check(): void {
    const { dev } = this;
    const dropped = dev.drops.reduce((sum, n) => sum + n, 0);
    expect(this.#sent).toBe(this.nic.at.length + dropped + dev.pool.inUse);
    const [root, ...below] = qdiscShow(dev);
    if (root === undefined) return;
    expect([root.qlen, root.backlog === 0]).toEqual([dev.pool.inUse, root.qlen === 0]);
    for (const q of below) expect(Math.min(q.qlen, q.backlog, root.qlen - q.qlen)).toBeGreaterThanOrEqual(0);
  }

  #send(len: number, priority: number): void {
    const skb = testSkb(this.dev, len);
    skb.priority = priority;
    devQueueXmit(skb);
    this.#sent++;
  }

  #toggle(): void {
    this.#up = !this.#up;
    if (this.#up) devOpen(this.dev);
    else devClose(this.dev);
  }

  /** What the tree of the moment forbids is refused. */
  #tc(op: Extract<Op, { parent: string }>): void {
    try {
      if (op.do === 'del') tcDeleteQdisc(this.dev, { parent: op.parent });
      else tcModifyQdisc(this.dev, requestOf(op));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }
}

function requestOf(op: Extract<Op, { kind: number }>) {
  const [name, options] = KINDS[op.kind]!;
  const { parent } = op;
  if (op.do === 'change') return { kind: name, parent, mode: 'change', options } as const;
  return { kind: name, parent, handle: parent === 'root' ? '1:' : '2:', mode: 'replace', options } as const;
}

test('whatever is done to a tree of qdiscs, each frame is out, dropped once with a reason, or inside, and counted there', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 120 }), (ops) => {
      const machine = new Machine();
      for (const one of ops) {
        machine.step(one);
        machine.check();
      }
      devClose(machine.dev);
      expect([machine.dev.pool.inUse, machine.host.pendingTimers]).toEqual([0, 0]);
    }),
    { seed: 4, numRuns: 300 },
  );
});
