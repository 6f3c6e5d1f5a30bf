/**
 * Takes a unit out of this process and puts it into another: what it has learned and counted, and its sockets, so that
 * devices notice nothing. Both are done in one turn: no frame finds half of a LAN.
 */
import { parseMac } from '@etherloom/frame';
import type { DataDoor, LiftedSession, RawSocket } from './data-door.ts';
import type { DataSession, SessionSocket, SessionState } from './data-session.ts';
import type { Direction } from './direction.ts';
import { LAN_MOVED } from './drops.ts';
import type { Fabric } from './fabric.ts';
import { ImpairTally } from './impair-tally.ts';
import type { Lan } from './lan.ts';
import type { LanPort } from './lan-port.ts';
import type { Link } from './link.ts';
import { DeviceEnd, type LinkEnd } from './link-end.ts';
import type { SwitchPort } from './switch-port.ts';
import {
  type DirectionState,
  lanUnit,
  type MovedLan,
  type MovedLanPort,
  type MovedLink,
  type MovedRaw,
  type PortState,
  type UnitState,
  unitOfLink,
} from './unit-state.ts';

/** What a unit's state refers to by number. One that was lost on the way is null. */
export type MovedSocket = SessionSocket | RawSocket;

export interface Lifted<State> {
  readonly state: State;
  readonly sockets: readonly (MovedSocket | null)[];
}

export function linksOf(fabric: Fabric, key: string): Link[] {
  return fabric.links().filter(({ slice }) => slice !== null && unitOfLink(slice) === key);
}

export function lanOfUnit(fabric: Fabric, key: string): Lan | null {
  return fabric.lans().find(({ name }) => lanUnit(name) === key) ?? null;
}

export function portsOf(links: readonly Link[]): SwitchPort[] {
  return links.flatMap(({ a, b }) => [a.port, b.port]).filter((port) => port !== null);
}

/** Null when there is no such unit here. What is under way on impaired links is dropped and counted. */
export function liftUnit(fabric: Fabric, door: DataDoor, key: string): Lifted<UnitState> | null {
  const links = linksOf(fabric, key);
  const lan = lanOfUnit(fabric, key);
  if (lan === null && links.length === 0) return null;
  for (const link of links) dropHeld(link);
  const ports = portsOf(links);
  const lifted = door.lift(ports);
  const sockets: MovedSocket[] = lifted.map(({ socket }) => socket);
  const state = {
    key,
    links: links.map((link) => saveLink(link, lan, lifted, fabric.host.now())),
    lan: lan === null ? null : saveLan(lan, door, sockets, fabric.host.now()),
  };
  for (const link of links) fabric.disownLink(link);
  for (const port of ports) fabric.release(port);
  if (lan !== null) fabric.disownLan(lan);
  return { state, sockets };
}

/** The unit must not be here yet. */
export function landUnit(fabric: Fabric, door: DataDoor, { state, sockets }: Lifted<UnitState>): void {
  const lan = state.lan === null ? null : fabric.adoptLan(state.lan.slice);
  const landed: Landed[] = [];
  const plugs = state.links.map((link) => ({
    no: link.lanPort ?? 0,
    plug: () => landLink(fabric, door, link, sockets, landed),
  }));
  if (lan !== null) {
    for (const raw of state.lan!.raws) {
      plugs.push({ no: raw.lanPort, plug: () => landRaw(door, lan, raw, sockets) });
    }
  }
  plugInOrder(plugs, lan);
  if (lan !== null) restoreLan(lan, state.lan!, fabric.host.now());
  for (const { session, state: told } of landed) session.speak(told);
}

/** Takes out a port that no link is plugged into, and its device with it; null when there is none. */
export function liftPort(fabric: Fabric, door: DataDoor, endpoint: string): Lifted<PortState> | null {
  const port = fabric.knownPort(endpoint);
  if (port === null || port.plugged) return null;
  const lifted = door.lift([port]);
  const state = savePort(port, lifted);
  fabric.release(port);
  return { state, sockets: lifted.map(({ socket }) => socket) };
}

export function landPort(fabric: Fabric, door: DataDoor, { state, sockets }: Lifted<PortState>): void {
  const landed: Landed[] = [];
  restorePort(fabric.port(state.endpoint), state, door, sockets, landed);
  for (const { session, state: told } of landed) session.speak(told);
}

interface Landed {
  readonly session: DataSession;
  readonly state: SessionState;
}

function dropHeld(link: Link): void {
  for (const direction of [link.forward, link.reverse]) {
    if (direction.impairment !== null) direction.drops.add(LAN_MOVED, direction.impairment.clear());
  }
}

function saveLink(link: Link, lan: Lan | null, lifted: readonly LiftedSession[], now: number): MovedLink {
  const lanPort = lan?.ports().find((port) => port.link === link.name)?.bridgePort.no ?? null;
  return {
    slice: link.slice!,
    lanPort,
    ports: portsOf([link]).map((port) => savePort(port, lifted)),
    bases: [link.a.base, link.b.base],
    forward: saveDirection(link.forward, now),
    reverse: saveDirection(link.reverse, now),
  };
}

function saveDirection(direction: Direction, now: number): DirectionState {
  const { tx, txBytes, passed, passedBytes, drops, tally, impairment } = direction;
  return {
    ...{ tx, txBytes, passed, passedBytes },
    drops: drops.counts.slice(),
    tally: tally?.save() ?? null,
    impairment: impairment?.save(now) ?? null,
  };
}

function savePort(port: SwitchPort, lifted: readonly LiftedSession[]): PortState {
  const { endpoint, received, receivedBytes, unplugged, ledger, queue } = port;
  const { sent, sentBytes } = queue;
  const found = lifted.findIndex((session) => session.port === port);
  return {
    ...{ endpoint, received, receivedBytes, unplugged, sent, sentBytes },
    ledger: ledger.save(),
    session: lifted[found]?.state ?? null,
    socket: found < 0 ? null : found,
  };
}

/** Adds the sockets of raw clients to `sockets`. */
function saveLan(lan: Lan, door: DataDoor, sockets: MovedSocket[], now: number): MovedLan {
  const { fdb, forwarded, verdicts } = lan.bridge;
  const saved = {
    slice: { name: lan.name, ageing: lan.ageing / 1000 },
    ports: lan.ports().map(saveLanPort),
    fdb: fdb.entries(now),
    fdbFull: fdb.full,
    fdbMoves: fdb.moves,
    forwarded,
    verdicts: verdicts.slice(),
  };
  const raws = door.liftRaws(lan).map(({ name, no, socket }) => {
    return { name, lanPort: no, socket: sockets.push(socket) - 1 };
  });
  return { ...saved, raws };
}

function saveLanPort({ bridgePort, rx, tx, rxBytes, txBytes, drops }: LanPort): MovedLanPort {
  const { no, learning, flood, isolated } = bridgePort;
  return { no, learning, flood, isolated, rx, tx, rxBytes, txBytes, drops: drops.slice() };
}

/** A bridge gives out the lowest free number: the gaps of before are filled for as long as it takes. */
function plugInOrder(plugs: { readonly no: number; readonly plug: () => void }[], lan: Lan | null): void {
  const fillers = [];
  let next = 1;
  for (const { no, plug } of plugs.sort((x, y) => x.no - y.no)) {
    for (; lan !== null && next < no; next++) fillers.push(lan.bridge.addPort());
    plug();
    next++;
  }
  for (const filler of fillers) lan?.bridge.removePort(filler);
}

function landLink(
  fabric: Fabric,
  door: DataDoor,
  moved: MovedLink,
  sockets: Lifted<unknown>['sockets'],
  landed: Landed[],
): void {
  for (const state of moved.ports) restorePort(fabric.port(state.endpoint), state, door, sockets, landed);
  const link = fabric.adoptLink(moved.slice);
  restoreBase(link.a, moved.bases[0]);
  restoreBase(link.b, moved.bases[1]);
  const now = fabric.host.now();
  restoreDirection(link.forward, moved.forward, now);
  restoreDirection(link.reverse, moved.reverse, now);
}

function restoreBase(end: LinkEnd, base: MovedLink['bases'][0]): void {
  if (end instanceof DeviceEnd) end.base = base;
}

function restoreDirection(direction: Direction, state: DirectionState, now: number): void {
  const { drops, tally, impairment, ...counts } = state;
  Object.assign(direction, counts);
  direction.drops.counts.set(drops);
  if (tally !== null) {
    direction.tally ??= new ImpairTally();
    direction.tally.restore(tally);
  }
  if (impairment !== null) direction.impairment?.restore(impairment, now);
}

function restorePort(
  port: SwitchPort,
  state: PortState,
  door: DataDoor,
  sockets: Lifted<unknown>['sockets'],
  landed: Landed[],
): void {
  const { received, receivedBytes, unplugged, sent, sentBytes, ledger, session, socket } = state;
  const cable = socket === null ? null : (sockets[socket] ?? null);
  if (port.attached) {
    cable?.close(1012, 'connected again meanwhile');
    return;
  }
  Object.assign(port, { received, receivedBytes, unplugged });
  Object.assign(port.queue, { sent, sentBytes });
  port.ledger.restore(ledger);
  // A socket that did not make it: the device will connect again.
  if (cable !== null && session !== null) {
    landed.push({ session: door.land(port, cable as SessionSocket, session), state: session });
  }
}

function landRaw(door: DataDoor, lan: Lan, raw: MovedRaw, sockets: Lifted<unknown>['sockets']): void {
  const socket = sockets[raw.socket] ?? null;
  if (socket === null) return;
  door.landRaw(socket as RawSocket, lan, raw.name);
  socket.resume?.();
}

function restoreLan(lan: Lan, moved: MovedLan, now: number): void {
  for (const port of lan.ports()) {
    const state = moved.ports.find(({ no }) => no === port.bridgePort.no);
    if (state !== undefined) restoreLanPort(port, state);
  }
  const { bridge } = lan;
  for (const { mac, port, state, age } of moved.fdb)
    bridge.fdb.add(parseMac(mac)!, 0, port, state, now - age);
  bridge.fdb.full = moved.fdbFull;
  bridge.fdb.moves = moved.fdbMoves;
  bridge.forwarded = moved.forwarded;
  bridge.verdicts.set(moved.verdicts);
}

function restoreLanPort(port: LanPort, state: MovedLanPort): void {
  const { learning, flood, isolated, rx, tx, rxBytes, txBytes, drops } = state;
  port.set({ learning, flood, isolated });
  Object.assign(port, { rx, tx, rxBytes, txBytes });
  port.drops.set(drops);
}
