import type { Latency } from '../traffic/counter.ts';

/** What the ends of a paced flow are told. */
export type PacedOrder =
  /** Frames a second. */
  { readonly do: 'pace'; readonly rate: number } | { readonly do: 'stop' | 'reset' | 'report' };

/** What processes of the ladder tell their parent. */
export interface EndReply {
  readonly ready?: boolean;
  readonly port?: number;
  /** Frames. */
  readonly sent?: number;
  readonly received?: number;
  readonly latency?: Latency;
}
