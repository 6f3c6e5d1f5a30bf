/**
 * The cable: what a driver may know of the thing that carries its frames. Two implementations keep the same contract
 * (contract.ts): the in-memory pair here, and the WebSocket client of transport-ws.
 *
 * A cable carries batches (batch.ts) and, in order with them, control messages. It never drops: what it cannot take
 * stays with the driver, which stops its queue at `highWater`. Only a cable that breaks loses what was under way.
 */

/** What the far end says when it takes a device in. */
export interface Welcome {
  readonly port: number;
  readonly mtu: number;
  /** The carrier the device must show: false while no link is plugged in or the link is switched off. */
  readonly carrier: boolean;
  /** Why there is none: the cable is whole, and what is at its other end is down. */
  readonly lower?: boolean | undefined;
  readonly features: readonly string[];
}

/** From the far end: the link's carrier. From the device: whether it is up. */
export interface CarrierMessage {
  readonly type: 'carrier';
  readonly on: boolean;
  readonly lower?: boolean | undefined;
}

export interface MtuMessage {
  readonly type: 'mtu';
  readonly mtu: number;
}

/** Cuts both ends' frame counters at one place in the stream; `tx` is what the asking end has sent so far. */
export interface MarkMessage {
  readonly type: 'mark';
  readonly id: number;
  readonly tx: number;
}

/** The answer, at once and in order with the batches: what this end had sent and received when the mark came. */
export interface MarkReply extends MarkMessage {
  readonly rx: number;
}

export type CableMessage = CarrierMessage | MtuMessage | MarkMessage | MarkReply;

export interface TransportHandler {
  linkUp(welcome: Welcome): void;
  /** The cable broke or was closed; every buffer on loan has been returned by `sent` before this. */
  linkDown(reason: string): void;
  /**
   * `frames` whole, valid records. The bytes are lent for the call, and the buffer is used again after it: who keeps
   * any copies them. What the far end sent as one batch may arrive in several parts.
   */
  message(buf: Uint8Array, offset: number, length: number, frames: number): void;
  /** The buffer lent with this token is free again: inside `send` already when a cable takes it at once. */
  sent(token: number): void;
  /** A message that has been parsed and validated. */
  control(message: CableMessage): void;
}

export interface Transport {
  /** The far end has welcomed us and frames may be sent. */
  readonly up: boolean;
  /** Set before open(). */
  handler: TransportHandler | null;
  open(): void;
  close(): void;
  /**
   * Lends buf[offset, offset + length), whole records, until handler.sent(token); with `headroom` so many bytes of
   * memory before them too, and then the cable may write to all of it. SEND_HEADROOM is enough for any cable to need no copy.
   * False when refused because the cable is down: the caller still owns the buffer.
   */
  send(buf: Uint8Array, offset: number, length: number, token: number, headroom?: number): boolean;
  /** Bytes lent and not yet returned. */
  readonly pending: number;
  /** A driver stops its queue while `pending` exceeds this. */
  readonly highWater: number;
  /** Sends a control message, in order with the batches; nothing happens while the cable is down. */
  control(message: CableMessage): void;
}
