/**
 * The cable of a device over a WebSocket: dials the switch, says hello, and is up once welcomed. When the connection
 * breaks it is down until the redialer has brought the next one up; counters and identity live with the device.
 */

import {
  DATA_PROTOCOL,
  type DataBye,
  type DataFromNode,
  type DataFromSwitch,
  type DataHello,
  type DataWelcome,
} from '@etherloom/schema';
import { type CableMessage, FEATURE_VNET, type Transport, type TransportHandler } from '@etherloom/transport';
import { readFromSwitch } from './data-messages.ts';
import { DataSocket } from './data-socket.ts';
import { dialAddress, dialSocket } from './dial.ts';
import { HANDSHAKE_TIMEOUT } from './limits.ts';
import { type Log, silentLog } from './log.ts';
import { type Attempt, type AttemptEvents, Redialer, type RedialOptions } from './redialer.ts';

type NodeSocket = DataSocket<DataFromSwitch, DataFromNode>;

export interface WsTransportOptions extends RedialOptions {
  /** Asked at each connection: identity and counters as they are then. */
  readonly hello: () => DataHello;
  readonly highWater?: number;
}

export class WsTransport implements Transport {
  handler: TransportHandler | null = null;
  up = false;
  readonly highWater: number;
  readonly #redialer: Redialer;
  readonly #hello: () => DataHello;
  readonly #log: Log;
  #socket: NodeSocket | null = null;
  #welcomed = false;
  /** The features of the last hello: the switch may choose among them. */
  #offered: readonly string[] = [];
  #welcomeTimer: NodeJS.Timeout | null = null;

  constructor(options: WsTransportOptions) {
    this.highWater = options.highWater ?? 256 * 1024;
    this.#hello = options.hello;
    this.#log = options.log ?? silentLog;
    const dialled = { protocol: DATA_PROTOCOL, ...options };
    this.#redialer = new Redialer(dialled, (events) => this.#connect(dialled, events));
  }

  get pending(): number {
    return this.#socket?.pending ?? 0;
  }

  open(): void {
    this.#redialer.start();
  }

  close(): void {
    this.up = false; // linkDown follows, once every loan is home
    this.#redialer.stop(1000, 'device gone');
  }

  send(buf: Uint8Array, offset: number, length: number, token: number, headroom = 0): boolean {
    return this.up && this.#socket!.send(buf, offset, length, token, headroom);
  }

  control(message: CableMessage): void {
    // A driver says what a node may say; the switch validates it.
    if (this.up) this.#socket!.control(message as DataFromNode);
  }

  #connect(options: RedialOptions, events: AttemptEvents): Attempt {
    const { zeroMask } = dialAddress(options.url);
    const { wheel } = options;
    const handshake = dialSocket(options);
    handshake.on('error', (err) => events.failed(err));
    handshake.on('close', (code, reason) => events.over(code, reason.toString()));
    let socket: NodeSocket | null = null;
    handshake.onsocket = (stream, head) => {
      events.opened();
      socket = new DataSocket(stream, head, { role: 'client', read: readFromSwitch, zeroMask, wheel });
      this.#onOpen(socket, events);
    };
    return {
      close: (code, reason) => (socket === null ? handshake.terminate() : socket.close(code, reason)),
    };
  }

  #onOpen(socket: NodeSocket, events: AttemptEvents): void {
    this.#socket = socket;
    // Whenever it comes: the switch has counted these frames as sent, so the device must count them as received.
    socket.onmessage = (buf, offset, length, frames) => this.handler?.message(buf, offset, length, frames);
    socket.onsent = (token) => this.handler?.sent(token);
    socket.oncontrol = (message) => this.#onControl(message);
    socket.onclose = (code, reason) => {
      this.#onClose(`${code} ${reason}`.trim());
      events.over(code, reason);
    };
    this.#welcomeTimer = setTimeout(() => socket.close(1002, 'no welcome'), HANDSHAKE_TIMEOUT);
    const hello = this.#hello();
    this.#offered = hello.features;
    socket.control(hello);
  }

  #onControl(message: DataFromSwitch): void {
    switch (message.type) {
      case 'welcome':
        this.#onWelcome(message);
        break;
      case 'bye':
        this.#onBye(message);
        break;
      default:
        if (this.up) this.handler?.control(message);
    }
  }

  #onWelcome(welcome: DataWelcome): void {
    if (this.#welcomed) return;
    this.#stopWaiting();
    this.#welcomed = true;
    const features = welcome.features.filter((feature) => this.#offered.includes(feature));
    this.#socket!.vnet = features.includes(FEATURE_VNET);
    this.up = true;
    this.handler?.linkUp({ ...welcome, features });
  }

  #onBye(bye: DataBye): void {
    this.#log.warn({ code: bye.code, reason: bye.reason }, 'the switch said goodbye');
    if (bye.code !== 'moving') this.#redialer.slowDown();
  }

  #stopWaiting(): void {
    if (this.#welcomeTimer !== null) clearTimeout(this.#welcomeTimer);
    this.#welcomeTimer = null;
  }

  #onClose(reason: string): void {
    this.#stopWaiting();
    this.#socket = null;
    this.up = false;
    if (!this.#welcomed) return;
    this.#welcomed = false;
    this.handler?.linkDown(reason);
  }
}
