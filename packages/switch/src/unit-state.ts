/**
 * A unit and what is known of it, in a form that crosses processes. A unit is what lives in one process as a whole: a
 * LAN with every link that ends in it, or a link between two devices. (A link between two LANs would make one unit of
 * both; it is refused, see fabric.ts.) Times are ages: processes do not share a clock.
 */
import type { FdbEntry } from '@etherloom/bridge';
import { type LanSlice, type LinkSlice, parseEndpoint, type SwitchApply } from '@etherloom/schema';
import type { SessionState } from './data-session.ts';
import type { TallyState } from './impair-tally.ts';
import type { ImpairmentState } from './impairment.ts';
import type { LedgerState } from './ledger.ts';
import type { PortBase } from './link-end.ts';

export interface Unit {
  /** `lan:office`, or `link:cable-3` */
  readonly key: string;
  readonly lan: LanSlice | null;
  readonly links: readonly LinkSlice[];
}

export const lanUnit = (lan: string): string => `lan:${lan}`;

/** The LAN that a link ends in, or null: it is a wire, a unit of its own. */
export function lanOf({ a, b }: Pick<LinkSlice, 'a' | 'b'>): string | null {
  for (const text of [a, b]) {
    const end = parseEndpoint(text);
    if (end.kind === 'lan') return end.lan;
  }
  return null;
}

export function unitOfLink(link: LinkSlice): string {
  const lan = lanOf(link);
  return lan === null ? `link:${link.name}` : lanUnit(lan);
}

/** The devices at the ends of a link. */
export function devicesOf({ a, b }: Pick<LinkSlice, 'a' | 'b'>): string[] {
  return [a, b].filter((text) => !text.startsWith('lan:'));
}

/** By key, in the order of the slices. */
export function unitsOf({ lans, links }: SwitchApply): Map<string, Unit> {
  const units = new Map<string, { key: string; lan: LanSlice | null; links: LinkSlice[] }>();
  for (const lan of lans) units.set(lanUnit(lan.name), { key: lanUnit(lan.name), lan, links: [] });
  for (const link of links) {
    const key = unitOfLink(link);
    const unit = units.get(key) ?? { key, lan: null, links: [] };
    units.set(key, unit);
    unit.links.push(link);
  }
  return units;
}

/** What control would have said if these were all. */
export function slicesOf(units: Iterable<Unit>): SwitchApply {
  const lans: LanSlice[] = [];
  const links: LinkSlice[] = [];
  for (const unit of units) {
    if (unit.lan !== null) lans.push(unit.lan);
    links.push(...unit.links);
  }
  return { lans, links };
}

/** What a process has done so far. */
export interface ShardLoad {
  /** CPU seconds, user and system. */
  readonly cpu: number;
  readonly units: readonly UnitLoad[];
}

export interface UnitLoad {
  readonly key: string;
  /** Frames that its links were given. */
  readonly frames: number;
  /** Not to be moved unasked: it impairs frames, which a move would disturb, or has so many devices that they would notice. */
  readonly stays: boolean;
}

/** One direction of a link. */
export interface DirectionState {
  readonly tx: number;
  readonly txBytes: number;
  readonly passed: number;
  readonly passedBytes: number;
  readonly drops: Float64Array;
  readonly tally: TallyState | null;
  readonly impairment: ImpairmentState | null;
}

/** A device's port; `socket` is the place of its socket among those that go with the state, null when it is away. */
export interface PortState {
  readonly endpoint: string;
  readonly received: number;
  readonly receivedBytes: number;
  readonly unplugged: number;
  readonly sent: number;
  readonly sentBytes: number;
  readonly ledger: LedgerState;
  readonly session: SessionState | null;
  readonly socket: number | null;
}

export interface MovedLink {
  readonly slice: LinkSlice;
  /** The number of its port, where it ends in a LAN. */
  readonly lanPort: number | null;
  readonly ports: readonly PortState[];
  /** Of the ends a and b. */
  readonly bases: readonly [PortBase, PortBase];
  readonly forward: DirectionState;
  readonly reverse: DirectionState;
}

export interface MovedRaw {
  readonly name: string;
  readonly lanPort: number;
  readonly socket: number;
}

export interface MovedLanPort {
  readonly no: number;
  readonly learning: boolean;
  readonly flood: boolean;
  readonly isolated: boolean;
  readonly rx: number;
  readonly tx: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly drops: Float64Array;
}

export interface MovedLan {
  readonly slice: LanSlice;
  readonly ports: readonly MovedLanPort[];
  readonly raws: readonly MovedRaw[];
  readonly fdb: readonly FdbEntry[];
  readonly fdbFull: number;
  readonly fdbMoves: number;
  readonly forwarded: number;
  readonly verdicts: Float64Array;
}

export interface UnitState {
  readonly key: string;
  readonly lan: MovedLan | null;
  readonly links: readonly MovedLink[];
}
