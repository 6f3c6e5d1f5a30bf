/** Frames and addresses for tests. */
import { ETH_ALEN, ETH_HLEN, ETH_P_IP, ETH_ZLEN, putU16 } from '@etherloom/frame';

export interface EthernetFrame {
  readonly dst: Uint8Array;
  readonly src: Uint8Array;
  readonly type?: number;
  /** The payload, or the whole frame's length, filled with a counting pattern. */
  readonly payload?: Uint8Array;
  readonly length?: number;
}

/** The n-th station: 02:00:00:00:00:01 for 1. */
export function mac(n: number): Uint8Array {
  return Uint8Array.of(2, 0, (n >>> 24) & 0xff, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff);
}

export const BROADCAST: Uint8Array = new Uint8Array(ETH_ALEN).fill(0xff);

/** A whole frame without FCS; 60 bytes when neither payload nor length says otherwise. */
export function ethernetFrame({ dst, src, type = ETH_P_IP, payload, length }: EthernetFrame): Uint8Array {
  const frame = new Uint8Array(length ?? (payload === undefined ? ETH_ZLEN : ETH_HLEN + payload.length));
  for (let i = ETH_HLEN; i < frame.length; i++) frame[i] = (i - ETH_HLEN) & 0xff;
  frame.set(dst, 0);
  frame.set(src, ETH_ALEN);
  putU16(frame, 2 * ETH_ALEN, type);
  if (payload !== undefined) frame.set(payload.subarray(0, frame.length - ETH_HLEN), ETH_HLEN);
  return frame;
}
