/**
 * GRO: gathers consecutive TCP segments, and UDP datagrams where that is asked for, so that who takes them takes many at
 * once. cf. net/core/gro.c
 *
 * It holds frames only as long as its owner does not flush it, and the owner does so at the end of each burst. A flow's
 * order never changes: a frame that cannot join flushes what its flow holds, one of unknown flow flushes all.
 */
import { GroFlow } from './gro-flow.ts';
import { GRO_ALONE, GRO_OTHER, GroFrame } from './gro-frame.ts';
import type { SkBuff } from './skbuff.ts';

/** Flows held at the same time; one more flushes the oldest. cf. MAX_GRO_SKBS */
const MAX_FLOWS = 8;

export class Gro {
  /** Flows that hold segments now. */
  held = 0;
  /** Datagrams too. cf. rx-udp-gro-forwarding: only for who can cut them again. */
  udp = false;
  readonly #deliver: (flow: GroFlow) => void;
  readonly #flows: GroFlow[] = Array.from({ length: MAX_FLOWS }, () => new GroFlow());
  readonly #frame = new GroFrame();
  #oldest = 0;

  /** `deliver` takes the segments of a flow over: one as it is, of more than one `finish` makes a super-frame. */
  constructor(deliver: (flow: GroFlow) => void) {
    this.#deliver = deliver;
  }

  /** True when the skb is held. False: it goes on by itself, now; what had to go before it has been delivered. */
  receive(skb: SkBuff): boolean {
    const frame = this.#frame;
    const verdict = frame.parse(skb, this.udp);
    if (verdict === GRO_OTHER) {
      this.flush();
      return false;
    }
    const flow = this.#find(frame.hash);
    if (flow !== null) {
      if (verdict !== GRO_ALONE && flow.merge(skb, frame)) {
        if (flow.complete) this.#end(flow);
        return true;
      }
      this.#end(flow);
    }
    if (verdict === GRO_ALONE || frame.psh) return false;
    this.#begin(skb, frame);
    return true;
  }

  flush(): void {
    for (let i = 0; i < MAX_FLOWS && this.held > 0; i++) {
      const flow = this.#flows[(this.#oldest + i) % MAX_FLOWS]!;
      if (flow.count > 0) this.#end(flow);
    }
  }

  /** Ends the flows that have been held for `ms`, or longer, since this was first asked of them. cf. napi_gro_flush(flush_old) */
  flushOld(now: number, ms: number): void {
    for (let i = 0; i < MAX_FLOWS && this.held > 0; i++) {
      const flow = this.#flows[(this.#oldest + i) % MAX_FLOWS]!;
      if (flow.count === 0) continue;
      if (flow.heldSince < 0) flow.heldSince = now;
      else if (now - flow.heldSince >= ms) this.#end(flow);
    }
  }

  #begin(skb: SkBuff, frame: GroFrame): void {
    const flow = this.#free();
    flow.begin(skb, frame);
    this.held++;
  }

  #free(): GroFlow {
    if (this.held < MAX_FLOWS) for (const flow of this.#flows) if (flow.count === 0) return flow;
    const flow = this.#flows[this.#oldest]!;
    this.#oldest = (this.#oldest + 1) % MAX_FLOWS;
    this.#end(flow);
    return flow;
  }

  #find(hash: number): GroFlow | null {
    if (this.held === 0) return null;
    for (let i = 0; i < MAX_FLOWS; i++) {
      const flow = this.#flows[i]!;
      if (flow.count > 0 && flow.hash === hash) return flow;
    }
    return null;
  }

  #end(flow: GroFlow): void {
    try {
      this.#deliver(flow);
    } finally {
      flow.skbs.fill(null, 0, flow.count);
      flow.count = 0;
      this.held--;
    }
  }
}
