import { SinkNic, superFrame, testSkb, VirtualHost } from '@etherloom/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { devClose, devOpen } from '../dev-flags.ts';
import { devQueueXmit } from '../dev-queue-xmit.ts';
import { Net } from '../net.ts';
import { NetError } from '../net-error.ts';
import { type SkBuff, skbSegs } from '../skbuff.ts';
import type { Qdisc, QdiscOptions } from './qdisc.ts';
import { qdiscsOf } from './qdisc-tree.ts';
import { tcDeleteQdisc, tcModifyQdisc } from './sch-api.ts';

// biome-ignore format: one kind a line
const KINDS: readonly (readonly [string, QdiscOptions])[] = [
  ['pfifo', { limit: 5 }],
  ['bfifo', { limit: 3000 }],
  ['pfifo_fast', {}],
  ['prio', {}],
  ['tbf', { rate: 20_000, burst: 2000, limit: 8000 }],
  ['fq_codel', { limit: 8, drop_batch: 3, quantum: 300 }],
  ['netem', { delay: { delay: 0.01, jitter: 0.009 }, 'loss-random': { loss: 0.1 }, limit: 12, seed: 3 }],
  ['netem', { rate: { rate: 50_000 }, corrupt: { corrupt: 0.5 }, seed: 4 }],
];

const kind = fc.nat(KINDS.length - 1);
const parent = fc.constantFrom('root', '1:1', '1:2', '1:3', '2:1', '2:2');
const op = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      len: fc.integer({ min: 60, max: 1500 }),
      priority: fc.nat(15),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('super' as const),
      segments: fc.integer({ min: 2, max: 6 }),
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

/** Three below each other, of which the upper two have classes. */
const tree = fc.tuple(
  fc.record({ do: fc.constant('put' as const), kind: fc.constantFrom(3, 4, 6), parent: fc.constant('root') }),
  fc.record({
    do: fc.constant('put' as const),
    kind: fc.constantFrom(3, 4, 6, 7),
    parent: fc.constantFrom('1:1', '1:2', '1:2'),
  }),
  fc.record({
    do: fc.constant('put' as const),
    kind: fc.constantFrom(0, 1, 4, 5, 5, 6, 7),
    parent: fc.constantFrom('2:1', '2:2'),
  }),
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
    if (op.do === 'send') this.#send(testSkb(this.dev, op.len), op.priority);
    else if (op.do === 'super') this.#send(superFrame(this.dev, op.segments * 700, 700), op.priority);
    else if (op.do === 'advance') this.host.advance(op.ms);
    else if (op.do === 'toggle') this.#toggle();
    else this.#tc(op);
  }

  check(): void {
    const { dev } = this;
    expect([dev.qdisc.qlen, dev.qdisc.backlog === 0]).toEqual([dev.pool.inUse, dev.qdisc.qlen === 0]);
    for (const q of qdiscsOf(dev)) checkChildren(q);
  }

  /** Nothing is inside: each frame is out or dropped, a super-frame as its segments. */
  checkEmpty(): void {
    const dropped = this.dev.drops.reduce((sum, n) => sum + n, 0);
    expect([this.dev.pool.inUse, this.host.pendingTimers]).toEqual([0, 0]);
    expect(this.nic.at.length + dropped).toBe(this.#sent);
  }

  #send(skb: SkBuff, priority: number): void {
    skb.priority = priority;
    this.#sent += skbSegs(skb);
    devQueueXmit(skb);
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

/** One with classes holds what they do, and what its parent has only looked at; a netem more, while frames are not due. */
function checkChildren(q: Qdisc): void {
  let qlen = q.qlen - q.requeued.qlen;
  let { backlog } = q;
  for (let skb = q.requeued.head; skb !== null; skb = skb.next) backlog -= skb.len;
  for (const child of q.children()) {
    qlen -= child.qlen;
    backlog -= child.backlog;
  }
  if (q.kind === 'prio' || q.kind === 'tbf') expect([q.kind, qlen, backlog]).toEqual([q.kind, 0, 0]);
  else expect(Math.min(qlen, backlog)).toBeGreaterThanOrEqual(0);
}

const HANDLES: Readonly<Record<string, string>> = { r: '1:', 1: '2:', 2: '3:' };

function requestOf(op: Extract<Op, { kind: number }>) {
  const [name, options] = KINDS[op.kind]!;
  const { parent } = op;
  if (op.do === 'change') return { kind: name, parent, mode: 'change', options } as const;
  return { kind: name, parent, handle: HANDLES[parent[0]!]!, mode: 'replace', options } as const;
}

test('whatever is done to a tree of qdiscs, each frame is out, dropped once with a reason, or inside, and counted there', () => {
  fc.assert(
    fc.property(tree, fc.array(op, { minLength: 40, maxLength: 120 }), (first, ops) => {
      const machine = new Machine();
      for (const one of [...first, ...ops]) {
        machine.step(one);
        machine.check();
      }
      devClose(machine.dev);
      machine.checkEmpty();
    }),
    { seed: 4, numRuns: 300 },
  );
});
