/**
 * The socket of one device, from hello to goodbye: who it is, what it is told, and the marks that cut its counters.
 */
import type { Host } from '@etherloom/netcore';
import type { DataBye, DataFromNode, DataFromSwitch, DataHello } from '@etherloom/schema';
import { FEATURE_VNET } from '@etherloom/transport';
import type { MarkCounts, PortSession, SwitchPort } from './switch-port.ts';

/** What a session needs of a DataSocket. */
export interface SessionSocket {
  readonly pending: number;
  /** Super-frames cross (FEATURE_VNET). */
  vnet: boolean;
  onmessage: ((buf: Uint8Array, offset: number, length: number, frames: number) => void) | null;
  oncontrol: ((message: DataFromNode) => void) | null;
  onclose: ((code: number, reason: string) => void) | null;
  ondrain: (() => void) | null;
  /** What was lent with this token is free again; before onclose for all that is lent then. */
  onsent: ((token: number) => void) | null;
  send(buf: Uint8Array, offset: number, length: number, token: number, headroom: number): boolean;
  control(message: DataFromSwitch): void;
  close(code?: number, reason?: string): void;
  /** Stops and goes on reading, while the device moves to another process. */
  pause?(): void;
  resume?(): void;
  /** Nothing, not even a control message, waits to be sent. */
  readonly idle?: boolean;
}

/** What a hello decides for as long as the socket lives. */
export interface SessionKind {
  readonly epoch: string;
  /** Super-frames cross the cable. */
  readonly vnet: boolean;
}

/** What of a session goes with its socket to another process. */
export interface SessionState extends SessionKind {
  readonly up: boolean;
  /** As the device was told last. */
  readonly carrier: boolean;
  readonly mtu: number;
}

const BYE_CODE = { moving: 1012, replaced: 4409, refused: 4403 } as const;
/** A mark that is not answered by then leaves the link's sums open. */
const MARK_TIMEOUT_MS = 2000;

interface PendingMark {
  readonly answered: (counts: MarkCounts | null) => void;
  readonly timer: unknown;
}

export class DataSession implements PortSession {
  readonly epoch: string;
  readonly vnet: boolean;
  readonly #socket: SessionSocket;
  readonly #port: SwitchPort;
  readonly #host: Host;
  readonly #marks = new Map<number, PendingMark>();
  #lastMark = 0;
  #speaking = false;

  /** Silent until it is welcomed or resumed. */
  constructor(socket: SessionSocket, port: SwitchPort, { epoch, vnet }: SessionKind, host: Host) {
    this.#socket = socket;
    this.#port = port;
    this.#host = host;
    this.epoch = epoch;
    this.vnet = vnet;
    socket.vnet = vnet;
    socket.onmessage = (buf, offset, length, frames) => port.receive(buf, offset, length, frames);
    socket.oncontrol = (message) => this.#onControl(message);
    socket.ondrain = () => port.drain();
    socket.onsent = (block) => port.returned(block);
  }

  /** Takes the port over and answers the hello. */
  welcome(hello: DataHello): void {
    const port = this.#port;
    port.ledger.hello(hello.epoch, hello.tx, hello.rx, port.received, port.queue.sent);
    port.attach(this, hello.up);
    this.#speaking = true;
    const { no, mtu, carrier, lower } = port;
    this.#socket.control({
      type: 'welcome',
      port: no,
      mtu,
      carrier,
      ...(lower ? { lower } : {}),
      features: this.vnet ? [FEATURE_VNET] : [],
    });
  }

  /** Takes the port over where another process left it; the device hears of it by what has changed alone. */
  resume({ up }: SessionState): void {
    this.#port.attach(this, up);
  }

  /** After `resume`, once the port's link is there. */
  speak({ carrier, mtu }: SessionState): void {
    this.#speaking = true;
    const port = this.#port;
    if (port.carrier !== carrier || port.mtu !== mtu) this.tell(port.carrier, port.mtu, port.lower);
    this.#socket.resume?.();
  }

  get busy(): boolean {
    const { pending, idle = true } = this.#socket;
    return this.#port.queue.frames + pending > 0 || !idle;
  }

  sendAway(reason: string): void {
    this.bye('moving', reason);
  }

  /** Reads no more, so that what is on its way to the device can go and the socket can move. */
  pause(): void {
    this.#socket.pause?.();
  }

  /** Says nothing from now on; what the device has been told so far goes with it. */
  quieten(): SessionState {
    const { up, carrier, mtu } = this.#port;
    this.#speaking = false;
    return { epoch: this.epoch, vnet: this.vnet, up, carrier, mtu };
  }

  /** Lets go of the socket, which goes on in another process. */
  release(): SessionSocket {
    this.ended();
    this.#socket.onclose = null;
    return this.#socket;
  }

  get pending(): number {
    return this.#socket.pending;
  }

  send(buf: Uint8Array, offset: number, length: number, block: number, headroom: number): boolean {
    return this.#socket.send(buf, offset, length, block, headroom);
  }

  tell(carrier: boolean, mtu: number, lower: boolean): void {
    if (!this.#speaking) return; // the welcome will say it
    this.#socket.control({ type: 'mtu', mtu });
    this.#socket.control({ type: 'carrier', on: carrier, ...(lower ? { lower } : {}) });
  }

  mark(cut: () => void, answered: (counts: MarkCounts | null) => void): void {
    const id = ++this.#lastMark;
    const timer = this.#host.setTimer(() => this.#settle(id, null), MARK_TIMEOUT_MS);
    this.#marks.set(id, { answered, timer });
    cut();
    this.#socket.control({ type: 'mark', id, tx: this.#port.queue.sent });
  }

  /** Says why and hangs up. What still comes in is nobody's. */
  bye(code: DataBye['code'], reason: string): void {
    this.ended();
    sayBye(this.#socket, code, reason);
  }

  /** The socket serves this port no longer; blocks that are lent to it still come home. */
  ended(): void {
    this.#socket.onmessage = null;
    this.#socket.oncontrol = null;
    this.#socket.ondrain = null;
    for (const id of [...this.#marks.keys()]) this.#settle(id, null);
    if (this.#port.session === this) this.#port.detach();
  }

  #onControl(message: DataFromNode): void {
    if (message.type === 'carrier') this.#port.setUp(message.on);
    else if (message.type === 'mark') {
      this.#settle(message.id, this.#credible(message.tx, message.rx));
    } else if (message.type === 'hello') this.bye('refused', 'one hello a connection');
  }

  /** Null for counts that cannot be: less sent than has come from it, or more received than was sent to it. */
  #credible(deviceTx: number, deviceRx: number): MarkCounts | null {
    const { ledger, received, queue } = this.#port;
    const tx = ledger.deviceTx(deviceTx);
    const rx = ledger.deviceRx(deviceRx);
    return tx < received || rx > queue.sent ? null : { tx, rx };
  }

  #settle(id: number, counts: MarkCounts | null): void {
    const mark = this.#marks.get(id);
    if (mark === undefined) return;
    this.#marks.delete(id);
    this.#host.clearTimer(mark.timer);
    mark.answered(counts);
  }
}

export function sayBye(socket: SessionSocket, code: DataBye['code'], reason: string): void {
  socket.control({ type: 'bye', code, reason });
  socket.close(BYE_CODE[code], reason);
}
