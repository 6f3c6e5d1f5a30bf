/** What the command and its two processes say to each other. Times are milliseconds, sizes bytes without the FCS. */

/** How often frames become an interrupt. off: one each; on: as they gather, the driver's default. */
export type Coalescing = 'off' | 'on';

export type Order =
  /** Be the receiver; answers with its URL. */
  | { readonly do: 'listen'; readonly token: string }
  /** Be the sender, plugged into the receiver; answers once the carrier is on. */
  | { readonly do: 'dial'; readonly url: string; readonly token: string }
  | { readonly do: 'coalesce'; readonly mode: Coalescing }
  /** Offers frames, paced, until it is told to stop. */
  | { readonly do: 'start'; readonly rate: number; readonly size: number }
  | { readonly do: 'stop' }
  | { readonly do: 'look' };

/** Counters of one end, since it began. */
export interface Look {
  readonly at: number;
  /** CPU time of the process, user and system. */
  readonly cpu: number;
  /** Frames that were to be sent. */
  readonly offered: number;
  /** Frames that reached the top of the receiver's stack. */
  readonly delivered: number;
  readonly interrupts: number;
  readonly messages: number;
  /** Frames that were lost, by SKB_DROP_REASON_*; LATE: the machine was too busy even to offer them to its device. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface Question {
  readonly id: number;
  readonly order: Order;
}

export interface Reply {
  readonly id: number;
  readonly url?: string;
  readonly look?: Look;
  readonly error?: string;
}
