/**
 * What frames travel between, inside the switch: a run is `frames` whole, valid records in buf[at, at + length).
 * The bytes are lent for the call: many may be lent them, one after the other, and who keeps any copies them.
 * `skip` bytes of each record lie before its frame: 0, or VNET_SKIP when it is behind a checked virtio_net_hdr. Such a
 * record may be a super-frame, which counts as its segments wherever frames and bytes are counted.
 */
export interface RunSink {
  take(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void;
}
