/** prio: bands, each a class with a qdisc of its own; the first that has a frame sends. cf. net/sched/sch_prio.c */
import type { NetDevice } from '../net-device.ts';
import type { SkBuff } from '../skbuff.ts';
import { NET_XMIT_SUCCESS } from '../xmit.ts';
import { Pfifo } from './fifo.ts';
import { noopQdisc } from './noop.ts';
import { Qdisc, type QdiscOptions } from './qdisc.ts';
import { invalid, onlyOptions, wholeOption } from './qdisc-options.ts';
import { adopt, qdiscPut, qdiscReplace } from './qdisc-tree.ts';

const TC_PRIO_MAX = 15;
const TCQ_MIN_PRIO_BANDS = 2;
const TCQ_PRIO_BANDS = 16;
const DEFAULT_BANDS = 3;
const DEFAULT_PRIOMAP: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

export class Prio extends Qdisc {
  readonly kind = 'prio';
  override readonly classful = true;
  #bands: Qdisc[] = [];
  #priomap: readonly number[] = DEFAULT_PRIOMAP;

  override init(_dev: NetDevice, options: QdiscOptions = {}): void {
    this.change(options);
  }

  /** Bands that are there stay as they are; those above the new number go, and their frames are dropped. */
  override change(options: QdiscOptions): void {
    const { bands, priomap } = readPrio(options);
    this.#priomap = priomap;
    for (const gone of this.#bands.splice(bands)) qdiscPut(gone);
    while (this.#bands.length < bands) this.#bands.push(this.#defaultBand(this.#bands.length + 1));
  }

  enqueue(skb: SkBuff): number {
    const len = skb.tail - skb.data;
    const rc = this.#bands[this.#bandOf(skb.priority)]!.enqueue(skb);
    if (rc === NET_XMIT_SUCCESS) {
      this.qlen++;
      this.backlog += len;
    } else {
      this.drops++;
    }
    return rc;
  }

  dequeue(): SkBuff | null {
    for (let band = 0; band < this.#bands.length; band++) {
      const skb = this.#bands[band]!.dequeuePeeked();
      if (skb !== null) return this.left(skb);
    }
    return null;
  }

  override peek(): SkBuff | null {
    if (this.requeued.head !== null) return this.requeued.head;
    for (const band of this.#bands) {
      const skb = band.peek();
      if (skb !== null) return skb;
    }
    return null;
  }

  override reset(): void {
    for (const band of this.#bands) band.reset();
    super.reset();
  }

  override hasClass(minor: number): boolean {
    return minor >= 1 && minor <= this.#bands.length;
  }

  override leaf(minor: number): Qdisc {
    return this.#bands[minor - 1]!;
  }

  override graft(minor: number, fresh: Qdisc | null): void {
    const old = this.leaf(minor);
    const next = fresh ?? this.#defaultBand(minor);
    this.#bands[minor - 1] = next;
    qdiscReplace(this, minor, next, old);
  }

  override children(): readonly Qdisc[] {
    return this.#bands.filter((band) => band !== noopQdisc);
  }

  override dump(): Record<string, unknown> {
    return { bands: this.#bands.length, priomap: [...this.#priomap], multiqueue: false };
  }

  /** A priority may name a class of this very qdisc; else the map decides. cf. prio_classify */
  #bandOf(priority: number): number {
    const major = priority >>> 16;
    if (major === this.handle && major !== 0) {
      const band = (priority & 0xffff) - 1;
      return band >= 0 && band < this.#bands.length ? band : this.#priomap[0]!;
    }
    return this.#priomap[major === 0 ? priority & TC_PRIO_MAX : 0]!;
  }

  #defaultBand(minor: number): Qdisc {
    const band = new Pfifo();
    band.invisible = true;
    adopt(this, minor, band);
    band.init(this.txq!.dev);
    return band;
  }
}

/** cf. prio_tune */
function readPrio(options: QdiscOptions): { bands: number; priomap: readonly number[] } {
  onlyOptions('prio', options, ['bands', 'priomap', 'multiqueue']);
  const bands = wholeOption(options, 'bands') ?? DEFAULT_BANDS;
  if (bands < TCQ_MIN_PRIO_BANDS || bands > TCQ_PRIO_BANDS)
    throw invalid(
      `Invalid argument: prio has ${TCQ_MIN_PRIO_BANDS} to ${TCQ_PRIO_BANDS} bands, not ${bands}`,
    );
  return { bands, priomap: readPriomap(options['priomap'], bands) };
}

function readPriomap(given: unknown, bands: number): readonly number[] {
  const map = given ?? DEFAULT_PRIOMAP;
  if (!Array.isArray(map) || map.length > TC_PRIO_MAX + 1)
    throw invalid(`Invalid argument: priomap is a list of up to ${TC_PRIO_MAX + 1} bands`);
  const full = DEFAULT_PRIOMAP.map((band, i) => (map[i] as unknown) ?? band);
  const wrong = full.findIndex(
    (band) => !Number.isInteger(band) || Number(band) < 0 || Number(band) >= bands,
  );
  if (wrong >= 0)
    throw invalid(
      `Invalid argument: priomap sends priority ${wrong} to band ${String(full[wrong])} of ${bands}`,
    );
  return full as number[];
}
