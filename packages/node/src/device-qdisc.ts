/** A device's qdiscs: as `tc qdisc` changes them, and as the lab wants them. */
import { isDeepStrictEqual } from 'node:util';
import { type NetDevice, NetError, tcDeleteQdisc, tcModifyQdisc } from '@etherloom/netcore';
import {
  configuredQdiscs,
  type Qdisc,
  type QdiscConfig,
  type QdiscKey,
  type QdiscRequest,
} from '@etherloom/schema';
import { showQdisc } from './device-show.ts';

/** Throws the NetError of the refusal, with nothing changed. */
export function setQdisc(dev: NetDevice, { parent = 'root', ...request }: QdiscRequest): Qdisc[] {
  tcModifyQdisc(dev, { parent, ...request });
  return showQdisc(dev);
}

/** The root, unless a parent or a handle is named. */
export function deleteQdisc(dev: NetDevice, { parent, handle, ...kind }: QdiscKey): Qdisc[] {
  const where = handle === undefined ? { parent: parent ?? 'root' } : { parent, handle };
  tcDeleteQdisc(dev, { ...where, ...kind });
  return showQdisc(dev);
}

/**
 * The qdiscs that a lab asks for. Asked again for the same it does nothing, also where a qdisc shows more than was
 * written: what was left open has a default. What somebody else changed meanwhile is put back.
 */
export class KeptQdiscs {
  readonly #dev: NetDevice;
  #wanted: readonly QdiscConfig[] = [];
  /** What it came to. */
  #made: readonly QdiscConfig[] = [];

  constructor(dev: NetDevice) {
    this.#dev = dev;
  }

  /** Throws a NetError with the qdiscs as they were. */
  apply(wanted: readonly QdiscConfig[] = []): void {
    const before = this.#now();
    const same = isDeepStrictEqual(wanted, this.#wanted) && isDeepStrictEqual(before, this.#made);
    if (same) return;
    if (!isDeepStrictEqual(wanted, before)) this.#change(before, wanted);
    this.#wanted = wanted;
    this.#made = this.#now();
  }

  #now(): QdiscConfig[] {
    return configuredQdiscs(showQdisc(this.#dev));
  }

  #change(before: readonly QdiscConfig[], wanted: readonly QdiscConfig[]): void {
    if (this.#changedInPlace(before, wanted)) return;
    try {
      this.#rebuild(before, wanted);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#rebuild(this.#now(), before);
      throw error;
    }
  }

  /** One qdisc with other options keeps the frames it holds. */
  #changedInPlace(
    [old, ...moreOld]: readonly QdiscConfig[],
    [next, ...more]: readonly QdiscConfig[],
  ): boolean {
    if (old === undefined || next === undefined || moreOld.length + more.length > 0) return false;
    if (old.kind !== next.kind || (next.handle ?? old.handle) !== old.handle) return false;
    // What these options do not name would stay as somebody else set it.
    if (Object.keys(next.options).length === 0 || next.kind === 'fq_codel') return false;
    try {
      setQdisc(this.#dev, { ...next, mode: 'change' });
      return true;
    } catch (error) {
      // Some options are for new qdiscs only.
      if (error instanceof NetError) return false;
      throw error;
    }
  }

  /** Parents come before their children, in a lab as in a dump. */
  #rebuild(before: readonly QdiscConfig[], wanted: readonly QdiscConfig[]): void {
    if (before.length > 0) deleteQdisc(this.#dev, {});
    for (const qdisc of wanted) setQdisc(this.#dev, { ...qdisc, mode: 'add' });
  }
}
