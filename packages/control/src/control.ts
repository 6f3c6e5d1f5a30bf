/** Control without its sockets: store, hub, reconciler and services, wired. */
import type { Services } from '@etherloom/api';
import type { RpcPeer } from '@etherloom/transport-ws';
import { AgentHub } from './agent-hub.ts';
import { type Clock, systemClock } from './clock.ts';
import { DesiredLab } from './desired-lab.ts';
import { deviceService } from './device-service.ts';
import { healthService } from './health-service.ts';
import { labService } from './lab-service.ts';
import type { LabStore } from './lab-store.ts';
import { lanService } from './lan-service.ts';
import type { NodeLauncher } from './launcher.ts';
import { linkService } from './link-service.ts';
import type { Log } from './log.ts';
import { NodeFleet } from './node-fleet.ts';
import { nodeService } from './node-service.ts';
import { Reconciler } from './reconciler.ts';
import { traceService } from './trace.ts';

export interface ControlParts {
  readonly store: LabStore;
  readonly log: Log;
  readonly version: string;
  readonly launcher?: NodeLauncher | undefined;
  readonly clock?: Clock;
}

export class Control {
  readonly services: Services;
  readonly #desired: DesiredLab;
  readonly #reconciler: Reconciler;
  readonly #fleet: NodeFleet;
  readonly #hub: AgentHub;

  constructor({ store, log, version, launcher, clock = systemClock }: ControlParts) {
    this.#fleet = new NodeFleet(launcher ?? null, log);
    this.#reconciler = new Reconciler(clock, (name) => this.#fleet.problem(name));
    this.#fleet.onchange = () => this.#reconciler.review();
    this.#desired = new DesiredLab(store, this.#reconciler, this.#fleet, log);
    this.#hub = new AgentHub(this.#reconciler, log, clock);
    this.#fleet.onended = (name) => this.#hub.expel(name);
    this.services = {
      lab: labService(this.#desired),
      nodes: nodeService(this.#desired, this.#reconciler),
      devices: deviceService(this.#desired, this.#reconciler),
      lans: lanService(this.#desired, this.#reconciler),
      links: linkService(this.#desired, this.#reconciler),
      traces: traceService(this.#reconciler, clock),
      health: healthService(this.#reconciler, version, clock),
    };
  }

  /** Where the nodes started here are to dial. */
  launchAgainst(url: string): void {
    this.#fleet.controlUrl = url;
  }

  /** Takes up the lab of the store. */
  open(): Promise<void> {
    return this.#desired.open();
  }

  /** An agent's connection; `from` is where it dialled from. */
  accept(peer: RpcPeer, from: string): void {
    this.#hub.accept(peer, from);
  }

  /** Calls `fn` with what the lab waits for, now and at each change; returns what ends it. */
  watch(fn: (waiting: readonly string[]) => void): () => void {
    return this.#reconciler.watch(fn);
  }

  /** Resolves once nothing is missing any more; rejects when the signal aborts, saying what was. */
  converged(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let waiting: readonly string[] = [];
      let leave = () => {};
      const abort = () => {
        leave();
        reject(new Error(`the lab has not converged: ${waiting.join('; ')}`, { cause: signal?.reason }));
      };
      const look = (now: readonly string[]) => {
        waiting = now;
        if (now.length > 0) return;
        // The first look happens inside watch(), before there is anything to leave.
        queueMicrotask(() => leave());
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      leave = this.watch(look);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets the agents go, which carry on with what they have, and ends the nodes that were started here. */
  async close(): Promise<void> {
    this.#reconciler.close();
    await this.#fleet.sync(null);
    this.#hub.close();
  }
}
