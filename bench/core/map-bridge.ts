/**
 * The learning bridge that anybody would write first, as a rival of ours: a Map from the address to where it was last
 * heard, an entry an object. It does what ours is asked for in the trial, and has no VLANs, no states and no flags.
 */
import type { Buffer } from 'node:buffer';

const AGEING_MS = 300_000;
export const FLOODS = -1;
export const DROPS = -2;

interface Heard {
  port: number;
  at: number;
}

/** How an address is made a key: as text, as most do, or as one number of 48 bits. */
export const KEYS = {
  text: (buf: Buffer, at: number): string => buf.toString('hex', at, at + 6),
  number: (buf: Buffer, at: number): number => buf.readUIntBE(at, 6),
} as const;

export class MapBridge<K> {
  readonly #heard = new Map<K, Heard>();
  readonly #keyOf: (buf: Buffer, at: number) => K;

  constructor(keyOf: (buf: Buffer, at: number) => K) {
    this.#keyOf = keyOf;
  }

  /** The port where the frame at `at` goes, FLOODS or DROPS. Learns its source. */
  decide(from: number, buf: Buffer, at: number, now: number): number {
    if ((buf[at + 6]! & 1) !== 0) return DROPS;
    this.#learn(this.#keyOf(buf, at + 6), from, now);
    if ((buf[at]! & 1) !== 0) return FLOODS;
    const to = this.#heard.get(this.#keyOf(buf, at));
    if (to === undefined || now - to.at >= AGEING_MS) return FLOODS;
    return to.port === from ? DROPS : to.port;
  }

  #learn(key: K, port: number, now: number): void {
    const known = this.#heard.get(key);
    if (known === undefined) this.#heard.set(key, { port, at: now });
    else {
      known.port = port;
      known.at = now;
    }
  }
}
