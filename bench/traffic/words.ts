/** What the bench says to a process that hosts traffic nodes, and what it answers. */
import type { Latency } from './counter.ts';
import type { Flow } from './flow.ts';

export type Order =
  | { readonly do: 'start'; readonly node: string; readonly flow: Flow }
  | { readonly do: 'stop' | 'report'; readonly node: string }
  /** Of all nodes of the process. */
  | { readonly do: 'latency' | 'reset latency'; readonly node: string };

export interface Question {
  readonly id: number;
  readonly order: Order;
}

/** What a node has counted since it started; every frame that it sent or got is in one of the sums. */
export interface TrafficReport {
  /** Frames given to devQueueXmit. */
  readonly sent: number;
  /** Frames that the flow that was started last was to send, and did. */
  readonly flowIntended: number;
  readonly flowSent: number;
  readonly flowRunning: boolean;
  /** How long it has run. */
  readonly flowSeconds: number;
  /** Turns of that flow that found the queue full. */
  readonly stalls: number;
  /** Frames that reached the counter at the top of the stack. */
  readonly received: number;
  /** Of these, those that were for another node. */
  readonly strange: number;
  /** Frames received, by the last two bytes of the sender's address. */
  readonly sources: Readonly<Record<string, number>>;
  /** Frames that died at the device, either way, by reason. */
  readonly drops: Readonly<Record<string, number>>;
  /** Skbs that are still under way inside the node. */
  readonly held: number;
  readonly messages: number;
}

export interface Reply {
  readonly id: number;
  readonly report?: TrafficReport;
  readonly latency?: Latency;
  readonly error?: string;
}
