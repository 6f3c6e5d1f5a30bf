/**
 * Where data sockets come in. A device has one socket: a newer one takes the port over, because it is most likely the
 * same device after a broken connection. Two that keep taking it from each other are two devices of one name, and the
 * newcomer is refused until they calm down.
 */
import type { Host } from '@etherloom/netcore';
import type { DataHello } from '@etherloom/schema';
import type { Log } from '@etherloom/transport-ws';
import { DataSession, type SessionSocket, sayBye } from './data-session.ts';
import type { EgressSink } from './egress-queue.ts';
import type { Fabric } from './fabric.ts';
import { RawPort } from './raw-port.ts';
import type { SwitchPort } from './switch-port.ts';

const HELLO_TIMEOUT_MS = 5000;
const MAX_REPLACEMENTS = 5;
const REPLACEMENT_WINDOW_MS = 60_000;

/** What raw mode needs of a DataSocket. */
export interface RawSocket extends EgressSink {
  onmessage: ((buf: Uint8Array, offset: number, length: number, frames: number) => void) | null;
  onclose: ((code: number, reason: string) => void) | null;
  ondrain: (() => void) | null;
  onsent: ((block: number) => void) | null;
  close(code?: number, reason?: string): void;
}

export class DataDoor {
  readonly #fabric: Fabric;
  readonly #host: Host;
  readonly #log: Log;
  readonly #sessions = new Map<SwitchPort, DataSession>();
  /** When each endpoint was taken over by another incarnation, of late. */
  readonly #replacements = new Map<string, number[]>();
  #lastRaw = 0;

  constructor(fabric: Fabric, log: Log) {
    this.#fabric = fabric;
    this.#host = fabric.host;
    this.#log = log;
  }

  accept(socket: SessionSocket): void {
    const late = () => sayBye(socket, 'refused', 'no hello within 5 s');
    const timer = this.#host.setTimer(late, HELLO_TIMEOUT_MS);
    socket.onclose = () => this.#host.clearTimer(timer);
    socket.onmessage = () => sayBye(socket, 'refused', 'frames before hello');
    socket.oncontrol = (message) => {
      this.#host.clearTimer(timer);
      if (message.type === 'hello') this.#hello(socket, message);
      else sayBye(socket, 'refused', 'say hello first');
    };
  }

  acceptRaw(socket: RawSocket, lanName: string): void {
    if (!this.#fabric.hasLan(lanName)) {
      socket.close(4404, `this switch has no LAN ${lanName}`);
      return;
    }
    const name = `raw-${++this.#lastRaw}`;
    const { doorbell, blocks } = this.#fabric;
    const deps = { doorbell, blocks, now: () => this.#host.now() };
    const lan = this.#fabric.lan(lanName);
    const port = new RawPort(name, lan, socket, deps);
    const removed = () => socket.close(4404, `LAN ${lanName} is gone`);
    lan.onremoved.add(removed);
    socket.onmessage = (buf, offset, length) => port.receive(buf, offset, length);
    socket.ondrain = () => port.drain();
    socket.onsent = (block) => blocks.give(block);
    socket.onclose = () => {
      lan.onremoved.delete(removed);
      port.close();
    };
    this.#log.info({ lan: lanName, port: name }, 'raw client connected');
  }

  /** Tells every device to come back later. */
  close(reason: string): void {
    for (const session of [...this.#sessions.values()]) session.bye('moving', reason);
    this.#sessions.clear();
  }

  #hello(socket: SessionSocket, hello: DataHello): void {
    const endpoint = `${hello.node}:${hello.device}`;
    const port = this.#fabric.port(endpoint);
    const before = this.#sessions.get(port);
    if (before !== undefined && before.epoch !== hello.epoch && this.#fighting(endpoint)) {
      this.#log.warn({ endpoint }, 'refused: two devices of one name keep replacing each other');
      sayBye(socket, 'refused', `another ${endpoint} is connected, and they replaced each other too often`);
      return;
    }
    before?.bye('replaced', `${endpoint} has connected again`);
    const session = new DataSession(socket, port, hello, this.#host);
    this.#sessions.set(port, session);
    socket.onclose = (code, reason) => this.#gone(session, port, code, reason);
    this.#log.info({ endpoint, port: port.no, again: before !== undefined }, 'device connected');
  }

  #gone(session: DataSession, port: SwitchPort, code: number, reason: string): void {
    session.ended();
    if (this.#sessions.get(port) !== session) return;
    this.#sessions.delete(port);
    this.#fabric.release(port);
    this.#log.info({ endpoint: port.endpoint, code, reason }, 'device disconnected');
  }

  /** Counts a replacement; true when there were too many. */
  #fighting(endpoint: string): boolean {
    const now = this.#host.now();
    this.#forgetReplacements(now - REPLACEMENT_WINDOW_MS);
    const recent = this.#replacements.get(endpoint) ?? [];
    if (recent.length >= MAX_REPLACEMENTS) return true;
    this.#replacements.set(endpoint, [...recent, now]);
    return false;
  }

  /** Of every endpoint, so that names that never come back are not kept. */
  #forgetReplacements(until: number): void {
    for (const [endpoint, times] of this.#replacements) {
      const recent = times.filter((at) => at > until);
      if (recent.length > 0) this.#replacements.set(endpoint, recent);
      else this.#replacements.delete(endpoint);
    }
  }
}
