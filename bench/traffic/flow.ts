/** What a generator sends: addresses and sizes in turn, how fast, and how many. */

/** Local experimental EtherType 1 (IEEE 802). */
export const ETH_P_BENCH = 0x88b5;
/** Frame check sequence: RFC 2544 counts it in a frame's size; no device here carries it. */
export const FCS = 4;
/** Where a frame says when it was to be sent: u32, microseconds of the monotonic clock; 0: it does not say. */
export const STAMP = 14;
/** The common mix: 7 frames of 64, 4 of 570 and 1 of 1518 bytes, spread. FCS counted. */
export const IMIX: readonly number[] = [64, 570, 64, 64, 570, 64, 1518, 64, 570, 64, 64, 570];
export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

export interface Flow {
  /** Frame k goes to dsts[k % n]. */
  readonly dsts: readonly string[];
  /** Frame k says that it is from srcs[k % n]; default: the device's own address. */
  readonly srcs?: readonly string[];
  /** Frame k has sizes[k % n] bytes, FCS counted. */
  readonly sizes: readonly number[];
  /** Frames a second, kept whatever happens; null: as fast as the device's queue takes them. */
  readonly rate: number | null;
  /** Stops by itself after so many frames. */
  readonly count?: number;
  /** One frame in so many says when it was to be sent; 0: none does. */
  readonly stampEvery?: number;
}

/** The MAC address of the bench's node number n, from 1 on. */
export function macOf(n: number): string {
  const hex = (byte: number) => byte.toString(16).padStart(2, '0');
  return `02:00:00:${hex((n >> 16) & 255)}:${hex((n >> 8) & 255)}:${hex(n & 255)}`;
}

/** The frames of a flow before they repeat. */
export function templates(flow: Flow, own: Uint8Array): Uint8Array[] {
  const { dsts, srcs = [], sizes } = flow;
  const length = Math.max(dsts.length, srcs.length, sizes.length);
  return Array.from({ length }, (_, k) => {
    const frame = new Uint8Array(sizes[k % sizes.length]! - FCS);
    frame.set(bytesOf(dsts[k % dsts.length]!), 0);
    frame.set(srcs.length === 0 ? own : bytesOf(srcs[k % srcs.length]!), 6);
    frame[12] = ETH_P_BENCH >> 8;
    frame[13] = ETH_P_BENCH & 255;
    return frame;
  });
}

function bytesOf(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16));
}
