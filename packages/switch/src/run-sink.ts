/**
 * What frames travel between, inside the switch: a run is `frames` whole, valid records in buf[at, at + length).
 * The bytes are lent for good: nobody ever writes to them again, so a run may be kept, sliced and sent to many.
 */
export interface RunSink {
  take(buf: Uint8Array, at: number, length: number, frames: number, now: number): void;
}
