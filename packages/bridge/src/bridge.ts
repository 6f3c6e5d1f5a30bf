/**
 * The learning bridge: decides where a frame goes and sends nothing. cf. net/bridge/br_input.c, br_forward.c.
 * It knows ports by number and flags; who hears a flood is asked with `delivers`.
 */
import { ETH_HLEN } from '@etherloom/frame';
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

const FORWARDS = 1 << 0;
const ISOLATED = 1 << 1;
const HAIRPIN = 1 << 2;

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
  /** What decide asks about a port to send to, a byte each: a thousand ports in the nearest cache. Zero: there is none. */
  readonly #flags = new Uint8Array(BR_MAX_PORTS + 1);

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
    this.#flags[no] = flagsOf(port);
    this.fdb.generation++;
    return port;
  }

  removePort(port: BridgePort): void {
    if (this.ports[port.no] !== port) return;
    this.ports[port.no] = null;
    this.#flags[port.no] = 0;
    this.fdb.flushPort(port.no, true);
    this.fdb.generation++;
  }

  setPort(port: BridgePort, patch: Partial<BridgePortConfig>): void {
    Object.assign(port, patch);
    if (this.ports[port.no] === port) this.#flags[port.no] = flagsOf(port);
    this.fdb.generation++;
  }

  /**
   * Where the frame buf[at, at + len) goes: a port number, FLOOD*, or DROP_*. Learns its source.
   * Allocates nothing. While two stations go on talking within one `now`, a frame costs its addresses and six comparisons.
   */
  decide(from: BridgePort, buf: Uint8Array, at: number, len: number, now: number): number {
    const dstHi = (buf[at]! << 8) | buf[at + 1]!;
    const dstLo = (buf[at + 2]! << 24) | (buf[at + 3]! << 16) | (buf[at + 4]! << 8) | buf[at + 5]!;
    const srcHi = (buf[at + 6]! << 8) | buf[at + 7]!;
    const srcLo = (buf[at + 8]! << 24) | (buf[at + 9]! << 16) | (buf[at + 10]! << 8) | buf[at + 11]!;
    if (
      srcLo === from.memoSrcLo &&
      dstLo === from.memoDstLo &&
      srcHi === from.memoSrcHi &&
      dstHi === from.memoDstHi &&
      from.memoAt === now &&
      from.memoGeneration === this.fdb.generation &&
      len >= ETH_HLEN
    ) {
      this.forwarded++;
      return from.memoVerdict;
    }
    const verdict = len < ETH_HLEN ? DROP_RUNT : this.#judge(from, srcHi, srcLo, dstHi, dstLo, now);
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

  #judge(from: BridgePort, srcHi: number, srcLo: number, dstHi: number, dstLo: number, now: number): number {
    if ((dstHi & 0x100) === 0 && this.#justLearnt(from, srcHi, srcLo, now))
      return this.#unicast(from, dstHi, dstLo, now);
    if ((srcHi & 0x100) !== 0 || (srcHi | srcLo) === 0) return DROP_MAC_INVALID_SOURCE;
    if (from.state !== BR_STATE_FORWARDING && from.state !== BR_STATE_LEARNING) return DROP_INGRESS_PORT_NFWD;
    if (isLinkLocal(dstHi, dstLo) && (dstLo & 0xf) === 1) return DROP_MAC_CONTROL;
    const learned = !from.learning || this.fdb.learnMac(srcHi, srcLo, from.no, now);
    if (from.state === BR_STATE_LEARNING) return DROP_INGRESS_PORT_NFWD;
    if ((dstHi & 0x100) !== 0) return this.#group(dstHi, dstLo);
    const verdict = this.#unicast(from, dstHi, dstLo, now);
    if (verdict >= 0 && learned) from.remember(srcHi, srcLo, dstHi, dstLo, verdict, now, this.fdb.generation);
    return verdict;
  }

  /** The port forwards, and has learnt this source at this very time: a station that talks to many. */
  #justLearnt(from: BridgePort, srcHi: number, srcLo: number, now: number): boolean {
    return (
      srcLo === from.memoSrcLo &&
      srcHi === from.memoSrcHi &&
      from.memoAt === now &&
      from.memoGeneration === this.fdb.generation
    );
  }

  #group(hi: number, lo: number): number {
    if (isLinkLocal(hi, lo) && !this.#passesGroup(lo & 0xf)) return DROP_LINK_LOCAL;
    return hi === 0xffff && lo === -1 ? FLOOD_BROADCAST : FLOOD_MULTICAST;
  }

  /** :00 is forwarded because this bridge runs no STP: those that do must see their loops. */
  #passesGroup(last: number): boolean {
    return this.transparent || last === 0 || ((this.#groupFwdMask >> last) & 1) === 1;
  }

  #unicast(from: BridgePort, hi: number, lo: number, now: number): number {
    const no = this.fdb.lookupMac(hi, lo, now);
    if (no < 0) return FLOOD;
    const flags = this.#flags[no]!;
    if (no === from.no && (flags & HAIRPIN) === 0) return DROP_SAME_PORT;
    if ((flags & FORWARDS) === 0) return DROP_EGRESS_PORT_NFWD;
    return from.isolated && (flags & ISOLATED) !== 0 ? DROP_ISOLATED : no;
  }

  /** 0, or why nothing goes from one port to another. */
  #barrier(from: BridgePort, to: BridgePort): number {
    if (from === to && !to.hairpin) return DROP_SAME_PORT;
    if (to.state !== BR_STATE_FORWARDING) return DROP_EGRESS_PORT_NFWD;
    return from.isolated && to.isolated ? DROP_ISOLATED : 0;
  }
}

function flagsOf(port: BridgePort): number {
  return (
    (port.state === BR_STATE_FORWARDING ? FORWARDS : 0) |
    (port.isolated ? ISOLATED : 0) |
    (port.hairpin ? HAIRPIN : 0)
  );
}

/** 01:80:c2:00:00:00 to :0f */
function isLinkLocal(hi: number, lo: number): boolean {
  return hi === 0x0180 && (lo & ~0xf) === (0xc2000000 | 0);
}

function brError(code: string, text: string): Error {
  return Object.assign(new RangeError(text), { code });
}
