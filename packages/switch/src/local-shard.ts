/**
 * The part of a switch that one process forwards for: LANs and wires, the devices plugged in there, and the answers
 * about them. A switch of one worker is one of these; of several, one in each process.
 */
import process from 'node:process';
import type { Host } from '@etherloom/netcore';
import type { LinkState } from '@etherloom/schema';
import type { Log } from '@etherloom/transport-ws';
import { DataDoor, type Elsewhere } from './data-door.ts';
import { Fabric } from './fabric.ts';
import {
  type Lifted,
  landPort,
  landUnit,
  lanOfUnit,
  liftPort,
  liftUnit,
  linksOf,
  portsOf,
} from './move-unit.ts';
import { SwitchService } from './switch-service.ts';
import { type PortState, type ShardLoad, type UnitLoad, type UnitState, unitOfLink } from './unit-state.ts';

/** How long a device may take to read what was sent to it before its unit moves; after that it has to reconnect. */
const SETTLE_MS = 250;
/** A socket takes a millisecond or so to change hands, and a unit stands still until all have. */
const MAX_UNASKED = 256;
/** Ports of different workers have different numbers. */
const PORTS_PER_WORKER = 2 ** 20;

export interface ShardOptions {
  /** 0 is the process that listens. */
  readonly worker: number;
  readonly host: Host;
  readonly log: Log;
  readonly onLinkChanged: (state: LinkState) => void;
  readonly elsewhere?: Elsewhere;
}

export class LocalShard {
  readonly worker: number;
  readonly fabric: Fabric;
  readonly door: DataDoor;
  readonly service: SwitchService;

  constructor({ worker, host, log, onLinkChanged, elsewhere }: ShardOptions) {
    this.worker = worker;
    this.fabric = new Fabric(host, { onLinkChanged, firstPort: worker * PORTS_PER_WORKER + 1 });
    this.door = new DataDoor(this.fabric, log, elsewhere);
    this.service = new SwitchService(this.fabric, worker);
  }

  /** Takes a unit out once nothing is on its way to its devices; null when there is none. */
  lift(key: string): Promise<Lifted<UnitState> | null> {
    return new Promise((resolve) => {
      // In the same turn: a moment later something may be on its way again.
      this.#settle(key, () => resolve(liftUnit(this.fabric, this.door, key)));
    });
  }

  land(lifted: Lifted<UnitState>): void {
    landUnit(this.fabric, this.door, lifted);
  }

  liftPort(endpoint: string): Lifted<PortState> | null {
    return liftPort(this.fabric, this.door, endpoint);
  }

  landPort(lifted: Lifted<PortState>): void {
    landPort(this.fabric, this.door, lifted);
  }

  load(): ShardLoad {
    const { user, system } = process.cpuUsage();
    return { cpu: (user + system) / 1e6, units: unitLoads(this.fabric) };
  }

  /** Tells every device to come back later. */
  close(reason: string): void {
    this.door.close(reason);
    this.fabric.stop();
  }

  /** Nothing more is read; what was read goes out. Why by a timer: it is seldom, and of many sockets each is waited for. */
  #settle(key: string, then: () => void): void {
    const { host } = this.fabric;
    const lan = lanOfUnit(this.fabric, key);
    const clients = [
      ...this.door.sessionsOf(portsOf(linksOf(this.fabric, key))),
      ...(lan === null ? [] : this.door.rawsOf(lan)),
    ];
    for (const client of clients) client.pause();
    const deadline = host.now() + SETTLE_MS;
    const look = () => {
      const busy = clients.filter((client) => client.busy);
      if (busy.length > 0 && host.now() < deadline) {
        host.setTimer(look, 1);
        return;
      }
      for (const client of busy) client.sendAway('its LAN moves to another process of the switch');
      then();
    };
    host.endOfTurn(look);
  }
}

function unitLoads(fabric: Fabric): UnitLoad[] {
  const loads = new Map<string, UnitLoad & { links: number }>();
  for (const { slice, forward, reverse } of fabric.links()) {
    if (slice === null) continue;
    const key = unitOfLink(slice);
    const { frames = 0, links = 0, stays = false } = loads.get(key) ?? {};
    loads.set(key, {
      key,
      frames: frames + forward.tx + reverse.tx,
      links: links + 1,
      stays: stays || links >= MAX_UNASKED || forward.impairment !== null || reverse.impairment !== null,
    });
  }
  return [...loads.values()];
}
