/**
 * The sums of a link, exact while frames flow. A direction is cut once, at one place in the stream: first at the device
 * that sends (its answer to a mark arrives in order with its frames), in that very moment at the switch, and, by a mark
 * that leaves then, at the device that receives. So tx, what is in between, and rx count the same frames.
 */
import type { ImpairCounts, Lateness, LinkDirectionStats, LinkStats } from '@etherloom/schema';
import type { Direction } from './direction.ts';
import type { Link } from './link.ts';
import type { LinkEnd } from './link-end.ts';
import type { MarkCounts } from './switch-port.ts';

interface Cut {
  readonly stats: LinkDirectionStats;
  readonly balanced: boolean;
}

export async function linkStats(link: Link): Promise<LinkStats> {
  const [forward, reverse] = await Promise.all([
    cutDirection(link.forward, link.a, link.b),
    cutDirection(link.reverse, link.b, link.a),
  ]);
  return {
    name: link.name,
    forward: forward.stats,
    reverse: reverse.stats,
    balanced: forward.balanced && reverse.balanced,
  };
}

/** Callbacks, not promises, between the two marks: a microtask later more frames would have come. */
function cutDirection(direction: Direction, from: LinkEnd, to: LinkEnd): Promise<Cut> {
  return new Promise((resolve) => {
    ask(from, ignore, (sent) => {
      const tx = sentBy(direction, from, sent);
      const lostUp = from.port === null ? 0 : from.port.ledger.lostUp - from.base.lostUp;
      const middle = snapshot(direction, to);
      let lostDown = 0;
      ask(
        to,
        () => {
          lostDown = to.port === null ? 0 : to.port.ledger.lostDown - to.base.lostDown;
        },
        (got) => {
          const rx = to.port === null || got === null ? middle.out - lostDown : got.rx - to.base.deviceRx;
          const stats = assemble(middle, tx, rx, lostUp + lostDown);
          const heard = answered(from, sent) && answered(to, got);
          resolve({ stats, balanced: heard && addsUp(stats) });
        },
      );
    });
  });
}

function ignore(): void {}

/** Marks the device at this end; where there is none, or it is away, `then` gets null at once. */
function ask(end: LinkEnd, cut: () => void, then: (counts: MarkCounts | null) => void): void {
  const session = end.port?.session ?? null;
  if (session !== null) {
    session.mark(cut, then);
    return;
  }
  cut();
  then(null);
}

/** A device that was here and is away, or did not answer, leaves the sums open. */
function answered(end: LinkEnd, counts: MarkCounts | null): boolean {
  return counts !== null || end.port === null || end.port.ledger.epoch === '';
}

function sentBy(direction: Direction, from: LinkEnd, counts: MarkCounts | null): number {
  if (from.port === null) return direction.tx;
  if (counts !== null) return counts.tx - from.base.deviceTx;
  return direction.tx + from.port.ledger.lostUp - from.base.lostUp;
}

interface Middle {
  readonly txBytes: number;
  readonly rxBytes: number;
  readonly drops: Record<string, number>;
  readonly queue: number;
  readonly impair: { readonly impair?: ImpairCounts; readonly lateness?: Lateness };
  /** Frames that have left the switch. */
  readonly out: number;
}

function snapshot(direction: Direction, to: LinkEnd): Middle {
  const { txBytes, drops, held } = direction;
  const queue = to.port?.queue;
  return {
    txBytes,
    rxBytes: queue === undefined ? direction.passedBytes : queue.sentBytes - to.base.sentBytes,
    drops: drops.toJSON(),
    queue: held + (queue?.frames ?? 0),
    impair: direction.tally?.view() ?? {},
    out: queue === undefined ? direction.passed : queue.sent - to.base.sent,
  };
}

function assemble(middle: Middle, tx: number, rx: number, lost: number): LinkDirectionStats {
  const { txBytes, rxBytes, queue, impair } = middle;
  const drops = lost === 0 ? middle.drops : { ...middle.drops, WIRE_LOST: lost };
  return { tx, rx, txBytes, rxBytes, drops, queue, ...impair };
}

/** A copy is a frame that came in here. */
function addsUp({ tx, rx, drops, queue, impair }: LinkDirectionStats): boolean {
  return tx + (impair?.duplicated ?? 0) === rx + Object.values(drops).reduce((sum, n) => sum + n, 0) + queue;
}
