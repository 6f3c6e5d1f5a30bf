/** wslink - the virtual NIC whose wire is a WebSocket. */
import type { Transport } from '@etherloom/transport';

export interface WslinkOptions {
  readonly transport: Transport;
  /** Names this incarnation of the device: its cable counters start at 0 with it. */
  readonly epoch: string;
}

export interface WslinkCounters {
  readonly epoch: string;
  /** Frames ever handed to the cable, and ever received from it. */
  readonly tx: number;
  readonly rx: number;
}
