/** Counts what reaches the top of a node's stack: how much, from whom, whether it belongs here, and how late it is. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { consumeSkb, type Net, PACKET_OTHERHOST } from '@etherloom/netcore';
import { ETH_P_BENCH, STAMP } from './flow.ts';
import { monotonic, sinceStamp } from './monotonic.ts';

const SOURCES = 1 << 16;

/** Latencies in microseconds; an HDR histogram with three figures. */
export interface Latency {
  readonly count: number;
  readonly mean: number;
  /** Two thirds of all lie between them. */
  readonly p16: number;
  readonly p84: number;
  readonly max: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

type Five = [number, number, number, number, number];

/** How late stamped frames came to the nodes of this process. */
export class LatencyRecord {
  #histogram: RecordableHistogram = createHistogram({ figures: 3 });

  add(stamp: number): void {
    this.#histogram.record(sinceStamp(stamp, monotonic()));
  }

  read(): Latency {
    const h = this.#histogram;
    const { count, mean, max } = h;
    const [p16, p50, p84, p99, p999] = [16, 50, 84, 99, 99.9].map((p) => h.percentile(p)) as Five;
    return { count, mean, max, p16, p50, p84, p99, p999 };
  }

  reset(): void {
    this.#histogram = createHistogram({ figures: 3 });
  }
}

export class Counter {
  received = 0;
  /** For somebody else: floods of unknown addresses, and what a switch sent to a wrong port. */
  strange = 0;
  readonly #perSource = new Float64Array(SOURCES);
  /** Those that sent any: a report of a thousand nodes must not look at 64 million sums while copies are on their way. */
  readonly #heard: number[] = [];

  constructor(net: Net, latency: LatencyRecord) {
    net.devAddPack(ETH_P_BENCH, (skb) => {
      const { buf, macHeader } = skb;
      this.received++;
      if (skb.pktType === PACKET_OTHERHOST) this.strange++;
      const source = (buf[macHeader + 10]! << 8) | buf[macHeader + 11]!;
      if (this.#perSource[source]!++ === 0) this.#heard.push(source);
      const at = macHeader + STAMP;
      const stamp = ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
      if (stamp !== 0) latency.add(stamp);
      consumeSkb(skb);
    });
  }

  /** Frames by the last two bytes of the sender's address; those that sent none are left out. */
  sources(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const no of this.#heard) sums[no] = this.#perSource[no]!;
    return sums;
  }
}
