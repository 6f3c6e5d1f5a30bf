/**
 * What frames travel between, inside the switch: a run is `frames` whole, valid records in buf[at, at + length).
 * The bytes are lent for the call: many may be lent them, one after the other, and who keeps any copies them.
 */
export interface RunSink {
  take(buf: Uint8Array, at: number, length: number, frames: number, now: number): void;
}
