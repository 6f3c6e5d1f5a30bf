/**
 * Where data sockets come in. A device has one socket: a newer one takes the port over, because it is most likely the
 * same device after a broken connection. Two that keep taking it from each other are two devices of one name, and the
 * newcomer is refused until they calm down.
 */
import type { Host } from '@etherloom/netcore';
import type { DataHello } from '@etherloom/schema';
import { FEATURE_VNET } from '@etherloom/transport';
import type { Log } from '@etherloom/transport-ws';
import { DataSession, type SessionSocket, type SessionState, sayBye } from './data-session.ts';
import type { EgressSink } from './egress-queue.ts';
import type { Fabric } from './fabric.ts';
import type { Lan } from './lan.ts';
import { RawDevice } from './raw-device.ts';
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
  pause?(): void;
  resume?(): void;
  readonly idle?: boolean;
}

/** How a raw client says that it is the end of a link, and not just somebody on a LAN. */
const RAW_END = 'raw:';

/** Where what does not live in this process lives. Each takes the socket, or says false: it is here. */
export interface Elsewhere {
  takeDevice(socket: SessionSocket, endpoint: string, hello: DataHello): boolean;
  takeRaw(socket: RawSocket, lan: string, name: string): boolean;
}

const NOWHERE: Elsewhere = { takeDevice: () => false, takeRaw: () => false };

/** A session that is to go on in another process. */
export interface LiftedSession {
  readonly port: SwitchPort;
  readonly state: SessionState;
  readonly socket: SessionSocket;
}

/** What a device or a raw client is to a process that prepares to hand it over. */
export interface Client {
  /** Something is on its way to it. */
  readonly busy: boolean;
  /** Reads nothing more from it. */
  pause(): void;
  /** Hangs up: it is to connect again. */
  sendAway(reason: string): void;
}

/** A client of raw mode that has connected. */
class RawClient implements Client {
  readonly name: string;
  readonly lan: Lan;
  readonly socket: RawSocket;
  readonly port: RawPort;
  readonly removed = () => this.socket.close(4404, `LAN ${this.lan.name} is gone`);

  constructor(name: string, lan: Lan, socket: RawSocket, port: RawPort) {
    this.name = name;
    this.lan = lan;
    this.socket = socket;
    this.port = port;
  }

  get busy(): boolean {
    const { pending, idle = true } = this.socket;
    return this.port.queue.frames + pending > 0 || !idle;
  }

  pause(): void {
    this.socket.pause?.();
  }

  sendAway(reason: string): void {
    this.socket.close(1012, reason);
  }
}

export class DataDoor {
  readonly #fabric: Fabric;
  readonly #host: Host;
  readonly #log: Log;
  readonly #sessions = new Map<SwitchPort, DataSession>();
  /** When each endpoint was taken over by another incarnation, of late. */
  readonly #replacements = new Map<string, number[]>();
  readonly #raws = new Set<RawClient>();
  readonly #elsewhere: Elsewhere;
  #lastRaw = 0;

  constructor(fabric: Fabric, log: Log, elsewhere: Elsewhere = NOWHERE) {
    this.#fabric = fabric;
    this.#elsewhere = elsewhere;
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
      if (message.type === 'hello') this.#onHello(socket, message);
      else sayBye(socket, 'refused', 'say hello first');
    };
  }

  acceptRaw(socket: RawSocket, lanName: string): void {
    const name = `raw-${++this.#lastRaw}`;
    if (!this.#elsewhere.takeRaw(socket, lanName, name)) this.admitRaw(socket, lanName, name);
  }

  /** A raw client whose LAN, or whose link, is here. */
  admitRaw(socket: RawSocket, lanName: string, name: string): void {
    if (lanName.startsWith(RAW_END)) {
      const device = new RawDevice(socket);
      this.admit(device, device.hello(lanName.slice(RAW_END.length)));
      return;
    }
    if (!this.#fabric.hasLan(lanName)) {
      socket.close(4404, `this switch has no LAN ${lanName}`);
      return;
    }
    this.landRaw(socket, this.#fabric.lan(lanName), name);
    this.#log.info({ lan: lanName, port: name }, 'raw client connected');
  }

  /** Plugs a raw client into a LAN. */
  landRaw(socket: RawSocket, lan: Lan, name: string): void {
    const { doorbell, blocks } = this.#fabric;
    const deps = { doorbell, blocks, now: () => this.#host.now() };
    const port = new RawPort(name, lan, socket, deps);
    const client = new RawClient(name, lan, socket, port);
    this.#raws.add(client);
    lan.onremoved.add(client.removed);
    socket.onmessage = (buf, offset, length) => port.receive(buf, offset, length);
    socket.ondrain = () => port.drain();
    socket.onsent = (block) => blocks.give(block);
    socket.onclose = () => this.#unplugRaw(client);
  }

  /** Takes the raw clients of a LAN out: their sockets go on in another process. */
  liftRaws(lan: Lan): { readonly name: string; readonly no: number; readonly socket: RawSocket }[] {
    const clients = [...this.#raws].filter((client) => client.lan === lan);
    return clients.map((client) => {
      const { name, socket } = client;
      const { no } = lan.portOf(name).bridgePort;
      this.#unplugRaw(client);
      socket.onmessage = null;
      socket.ondrain = null;
      socket.onclose = null;
      return { name, no, socket };
    });
  }

  rawsOf(lan: Lan): Client[] {
    return [...this.#raws].filter((client) => client.lan === lan);
  }

  sessionsOf(ports: readonly SwitchPort[]): Client[] {
    return ports.map((port) => this.#sessions.get(port)).filter((session) => session !== undefined);
  }

  /** Takes the sessions of these ports out. Their devices notice nothing: all fall silent before the first one goes. */
  lift(ports: readonly SwitchPort[]): LiftedSession[] {
    const sessions = ports.flatMap((port) => {
      const session = this.#sessions.get(port);
      return session === undefined ? [] : [{ port, session, state: session.quieten() }];
    });
    return sessions.map(({ port, session, state }) => {
      this.#sessions.delete(port);
      return { port, state, socket: session.release() };
    });
  }

  /** Goes on with a session of another process. It is silent until it is told to speak. */
  land(port: SwitchPort, socket: SessionSocket, state: SessionState): DataSession {
    const session = new DataSession(socket, port, state, this.#host);
    this.#keep(session, socket, port);
    session.resume(state);
    return session;
  }

  /** Tells every device to come back later. */
  close(reason: string): void {
    for (const session of [...this.#sessions.values()]) session.bye('moving', reason);
    this.#sessions.clear();
  }

  #onHello(socket: SessionSocket, hello: DataHello): void {
    const endpoint = `${hello.node}:${hello.device}`;
    if (!this.#elsewhere.takeDevice(socket, endpoint, hello)) this.admit(socket, hello);
  }

  /** A device that has said hello and lives here. */
  admit(socket: SessionSocket, hello: DataHello): void {
    const endpoint = `${hello.node}:${hello.device}`;
    const port = this.#fabric.port(endpoint);
    const before = this.#sessions.get(port);
    if (before !== undefined && before.epoch !== hello.epoch && this.#fighting(endpoint)) {
      this.#log.warn({ endpoint }, 'refused: two devices of one name keep replacing each other');
      sayBye(socket, 'refused', `another ${endpoint} is connected, and they replaced each other too often`);
      return;
    }
    before?.bye('replaced', `${endpoint} has connected again`);
    const vnet = hello.features.includes(FEATURE_VNET);
    const session = new DataSession(socket, port, { epoch: hello.epoch, vnet }, this.#host);
    this.#keep(session, socket, port);
    session.welcome(hello);
    this.#log.info({ endpoint, port: port.no, again: before !== undefined }, 'device connected');
  }

  #keep(session: DataSession, socket: SessionSocket, port: SwitchPort): void {
    this.#sessions.set(port, session);
    socket.onclose = (code, reason) => this.#gone(session, port, code, reason);
  }

  #unplugRaw(client: RawClient): void {
    this.#raws.delete(client);
    client.lan.onremoved.delete(client.removed);
    client.port.close();
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
