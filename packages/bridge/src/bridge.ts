/**
 * The learning bridge: decides where a frame goes and sends nothing. cf. net/bridge/br_input.c, br_forward.c.
 * It knows ports by number and flags; who hears a flood is asked with `delivers`.
 */
import { ETH_HLEN, macHi, macLo } from '@etherloom/frame';
import { BR_STATE_FORWARDING, BR_STATE_LEARNING, BridgePort, type BridgePortConfig } from './bridge-port.ts';
import { Fdb } from './fdb.ts';
import {
  DROP_EGRESS_PORT_NFWD,
  DROP_INGRESS_PORT_NFWD,
  DROP_ISOLATED,
  DROP_LINK_LOCAL,
  DROP_MAC_CONTROL,
  DROP_MAC_INVALID_SOURCE,
  DROP_RUNT,
  DROP_SAME_PORT,
  FLOOD,
  FLOOD_BROADCAST,
  FLOOD_MULTICAST,
  VERDICT_NAMES,
} from './verdict.ts';

/** BR_MAX_PORTS. */
export const BR_MAX_PORTS = 1024;
/** STP, pause and LACP may not be asked for by mask. */
export const BR_GROUPFWD_RESTRICTED = 0b111;
const SRC = 6;

export interface BridgeOptions {
  readonly fdbCapacity?: number;
  /** Milliseconds. */
  readonly ageing?: number;
}

export class Bridge {
  readonly fdb: Fdb;
  /** Forwards every link-local group address but pause: LACP, LLDP and STP of the guests pass. Not a Linux mode. */
  transparent = false;
  /** Frames that were given a port. */
  forwarded = 0;
  /** Frames by negative verdict: verdicts[~verdict]. */
  readonly verdicts = new Float64Array(VERDICT_NAMES.length);
  /** By number; a hole is null. Numbers begin at 1. */
  readonly ports: (BridgePort | null)[] = [null];
  #groupFwdMask = 0;
  #portGeneration = 0;

  constructor(options: BridgeOptions = {}) {
    this.fdb = new Fdb(options.fdbCapacity);
    if (options.ageing !== undefined) this.fdb.ageing = options.ageing;
  }

  get groupFwdMask(): number {
    return this.#groupFwdMask;
  }

  set groupFwdMask(mask: number) {
    if (mask & BR_GROUPFWD_RESTRICTED)
      throw brError('EINVAL', 'group_fwd_mask: bits 0 to 2 (STP, pause, LACP) are reserved');
    this.#groupFwdMask = mask & 0xffff;
  }

  /** Adds a port under the lowest free number. */
  addPort(): BridgePort {
    let no = this.ports.indexOf(null, 1);
    if (no < 0) no = this.ports.length;
    if (no > BR_MAX_PORTS) throw brError('ENOBUFS', `a bridge has at most ${BR_MAX_PORTS} ports`);
    const port = new BridgePort(no);
    this.ports[no] = port;
    this.#portGeneration++;
    return port;
  }

  removePort(port: BridgePort): void {
    if (this.ports[port.no] !== port) return;
    this.ports[port.no] = null;
    this.fdb.flushPort(port.no, true);
    this.#portGeneration++;
  }

  setPort(port: BridgePort, patch: Partial<BridgePortConfig>): void {
    Object.assign(port, patch);
    this.#portGeneration++;
  }

  /**
   * Where the frame buf[at, at + len) goes: a port number, FLOOD*, or DROP_*. Learns its source.
   * Cost: no allocation; a station that goes on talking to the same one costs two comparisons and a store.
   */
  decide(from: BridgePort, buf: Uint8Array, at: number, len: number, now: number): number {
    const verdict = this.#judge(from, buf, at, len, now);
    if (verdict >= 0) this.forwarded++;
    else this.verdicts[~verdict]!++;
    return verdict;
  }

  /** Whether `to` hears a flood of this kind from `from`. cf. should_deliver, br_flood */
  delivers(from: BridgePort, to: BridgePort, flood: number): boolean {
    if (this.#barrier(from, to) !== 0) return false;
    if (flood === FLOOD) return to.flood;
    return flood === FLOOD_BROADCAST ? to.bcastFlood : to.mcastFlood;
  }

  #judge(from: BridgePort, buf: Uint8Array, at: number, len: number, now: number): number {
    if (len < ETH_HLEN) return DROP_RUNT;
    const srcHi = macHi(buf, at + SRC);
    const srcLo = macLo(buf, at + SRC) | 0;
    if ((srcHi & 0x100) !== 0 || (srcHi | srcLo) === 0) return DROP_MAC_INVALID_SOURCE;
    if (from.state !== BR_STATE_FORWARDING && from.state !== BR_STATE_LEARNING) return DROP_INGRESS_PORT_NFWD;
    const dstHi = macHi(buf, at);
    const dstLo = macLo(buf, at) | 0;
    const linkLocal = isLinkLocal(dstHi, dstLo);
    if (linkLocal && (dstLo & 0xf) === 1) return DROP_MAC_CONTROL;
    if (from.learning) this.#learn(from, srcHi, srcLo, buf, at, now);
    if (from.state === BR_STATE_LEARNING) return DROP_INGRESS_PORT_NFWD;
    if ((dstHi & 0x100) === 0) return this.#unicast(from, dstHi, dstLo, buf, at, now);
    if (linkLocal && !this.#passesGroup(dstLo & 0xf)) return DROP_LINK_LOCAL;
    return dstHi === 0xffff && dstLo === -1 ? FLOOD_BROADCAST : FLOOD_MULTICAST;
  }

  /** :00 is forwarded because this bridge runs no STP: those that do must see their loops. */
  #passesGroup(last: number): boolean {
    return this.transparent || last === 0 || ((this.#groupFwdMask >> last) & 1) === 1;
  }

  #learn(from: BridgePort, hi: number, lo: number, buf: Uint8Array, at: number, now: number): void {
    const fdb = this.fdb;
    if (from.srcLo === lo && from.srcHi === hi && from.srcSlot >= 0 && this.#current(from)) {
      fdb.touch(from.srcSlot, now);
      return;
    }
    const slot = fdb.learn(buf, at + SRC, from.no, now);
    this.#validate(from);
    from.srcHi = hi;
    from.srcLo = lo;
    // A slot that belongs to another port (permanent) is not refreshed from here.
    from.srcSlot = slot >= 0 && fdb.portAt(slot) === from.no ? slot : -1;
  }

  #unicast(from: BridgePort, hi: number, lo: number, buf: Uint8Array, at: number, now: number): number {
    const fdb = this.fdb;
    if (from.dstLo === lo && from.dstHi === hi && from.dstSlot >= 0 && this.#current(from)) {
      if (fdb.fresh(from.dstSlot, now)) return from.dstVerdict;
    }
    const slot = fdb.find(buf, at, now);
    if (slot < 0) return FLOOD;
    this.#validate(from);
    from.dstHi = hi;
    from.dstLo = lo;
    from.dstSlot = slot;
    from.dstVerdict = this.#towards(from, fdb.portAt(slot));
    return from.dstVerdict;
  }

  #towards(from: BridgePort, no: number): number {
    const to = this.ports[no] ?? null;
    if (to === null) return DROP_EGRESS_PORT_NFWD;
    const barrier = this.#barrier(from, to);
    return barrier === 0 ? no : barrier;
  }

  /** 0, or why nothing goes from one port to another. */
  #barrier(from: BridgePort, to: BridgePort): number {
    if (from === to && !to.hairpin) return DROP_SAME_PORT;
    if (to.state !== BR_STATE_FORWARDING) return DROP_EGRESS_PORT_NFWD;
    return from.isolated && to.isolated ? DROP_ISOLATED : 0;
  }

  #current(port: BridgePort): boolean {
    return port.cached === this.fdb.generation + this.#portGeneration;
  }

  /** Forgets what the port remembers of an earlier generation. Both counters only grow, so their sum names one state. */
  #validate(port: BridgePort): void {
    if (this.#current(port)) return;
    port.cached = this.fdb.generation + this.#portGeneration;
    port.srcSlot = -1;
    port.dstSlot = -1;
  }
}

/** 01:80:c2:00:00:00 to :0f */
function isLinkLocal(hi: number, lo: number): boolean {
  return hi === 0x0180 && (lo & ~0xf) === (0xc2000000 | 0);
}

function brError(code: string, text: string): Error {
  return Object.assign(new RangeError(text), { code });
}
