/**
 * One end of a data channel: batches and control messages both ways, in order, over a WebSocket of our own
 * (ws-connection.ts). Records are handed on as they arrive, where they arrive: they are lent for the call.
 *
 * Sending copies nothing: bytes are lent until `onsent`. Nothing here queues without bound by itself: who sends looks
 * at `pending`. Bad input closes the channel with a code and a reason; it never throws.
 */
import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { DataFromNode, DataFromSwitch } from '@etherloom/schema';
import { BATCH_TOO_LONG, batchErrorText } from '@etherloom/transport';
import type { DataMessage, ReadMessage } from './data-messages.ts';
import { OP_TEXT } from './frame-header.ts';
import type { Masking } from './frame-writer.ts';
import { Heartbeat, type Pulse, TICK } from './heartbeat.ts';
import { MAX_CONTROL_TEXT, MAX_DATA_PAYLOAD, STALL_TIMEOUT } from './limits.ts';
import { MessageCollector } from './message-collector.ts';
import { RecordReader } from './record-reader.ts';
import type { TickWheel } from './tick-wheel.ts';
import { type ConnectionUser, type DetachedSocket, WsConnection } from './ws-connection.ts';

const RAW_TEXT = 'a raw port takes binary messages only';
const STALL_TICKS = STALL_TIMEOUT / TICK;

export interface DataSocketOptions<In> {
  /** Which end of the WebSocket this is: a client masks what it sends, a server must be sent masked frames. */
  readonly role: 'server' | 'client';
  /** Parses and validates a text of the far end. */
  readonly read: ReadMessage<In>;
  /** One message is one frame, and no text is ever sent or taken. */
  readonly raw?: boolean;
  /** A client whose bytes can meet no proxy: a mask of zeros spares both ends the work. */
  readonly zeroMask?: boolean;
  /** Ticks together with others; else by itself. */
  readonly wheel?: TickWheel | undefined;
  /** The socket is this object's no more: it has closed, or was detached. */
  readonly onend?: () => void;
}

/** As a switch has it; a node's end hears a switch and speaks as a node. */
export class DataSocket<In extends DataMessage = DataFromNode, Out extends DataMessage = DataFromSwitch>
  implements ConnectionUser
{
  /** `frames` valid records (raw: one frame). The bytes are lent for the call: who keeps any copies them. */
  onmessage: ((buf: Uint8Array, offset: number, length: number, frames: number) => void) | null = null;
  oncontrol: ((message: In) => void) | null = null;
  /** Once, after every loan has been returned. */
  onclose: ((code: number, reason: string) => void) | null = null;
  /** Bytes lent with a token >= 0 have been written or given up; inside send() when they were written at once. */
  onsent: ((token: number) => void) | null = null;
  /** `pending` has fallen; at most once a turn and message. */
  ondrain: (() => void) | null = null;

  readonly raw: boolean;
  /** Bytes handed to send() that the operating system has not taken yet. */
  pending = 0;
  /** Messages received that were no batch, and other faults of the far end. */
  badMessages = 0;

  readonly #options: DataSocketOptions<In>;
  readonly #connection: WsConnection;
  readonly #heartbeat: Heartbeat;
  readonly #records: RecordReader;
  readonly #text = new MessageCollector(MAX_CONTROL_TEXT);
  readonly #frame = new MessageCollector(MAX_DATA_PAYLOAD);
  readonly #loans: number[] = []; // token, length, token, length ... in the order of sending
  readonly #written = () => this.#onWritten();
  #ended = false;
  #vnet = false;
  #stalled = 0;

  /** `head`: what was read of the socket behind the upgrade already. Nothing is handed on before the next tick. */
  constructor(socket: Duplex, head: Uint8Array, options: DataSocketOptions<In>) {
    this.#options = options;
    this.raw = options.raw ?? false;
    this.#records = new RecordReader((buf, at, length, frames) => this.#take(buf, at, length, frames));
    this.#connection = new WsConnection(socket, head, maskingOf(options), this);
    const connection = this.#connection;
    const pulse: Pulse = {
      role: options.role,
      get paused() {
        return connection.paused;
      },
      ping: () => connection.ping(),
      dead: () => connection.terminate(),
      tick: () => this.#watchStall(),
    };
    this.#heartbeat = new Heartbeat(pulse, options.wheel);
  }

  /** Both ends agreed on super-frames (FEATURE_VNET): a virtio_net_hdr before each frame. Said before the first batch. */
  get vnet(): boolean {
    return this.#vnet;
  }

  set vnet(on: boolean) {
    this.#vnet = on;
    this.#records.vnet = on;
  }

  get open(): boolean {
    return this.#connection.open;
  }

  /**
   * Lends whole records (raw: one frame) as one message; the `headroom` bytes before them too, and then all of it may
   * be written to. Dropped without a word when the channel is not open.
   */
  send(buf: Uint8Array, offset: number, length: number, token = -1, headroom = 0): boolean {
    if (!this.open) return false;
    if (this.#connection.sendBinary(buf, offset, length, headroom, this.#written)) {
      if (token >= 0) this.onsent?.(token);
      return true;
    }
    this.#loans.push(token, length);
    this.pending += length;
    return true;
  }

  control(message: Out): void {
    if (!this.raw) this.#connection.sendText(JSON.stringify(message));
  }

  /** Says goodbye after what was sent so far; the connection is gone within 3 s whatever the peer does. */
  close(code = 1000, reason = ''): void {
    this.#connection.close(code, reason);
  }

  /** Drops the connection at once. */
  terminate(): void {
    this.#connection.terminate();
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /** Everything that was ever sent here, control messages too, is the operating system's. */
  get idle(): boolean {
    return this.#connection.unsent === 0 && this.#loans.length === 0;
  }

  /**
   * Stops reading and gives the socket back, to go on in another DataSocket, here or in another process: with `head`
   * it takes up at the very byte. Throws unless it is open and idle. From inside oncontrol, or between messages; not
   * from inside onmessage. Nothing is called any more.
   */
  detach(): DetachedSocket {
    const partial = this.raw ? this.#frame.bytes : this.#records.partial;
    const detached = this.#connection.detach(this.#text.length > 0 ? this.#text.bytes : partial);
    this.#end();
    return detached;
  }

  // What the connection calls.

  heard(): void {
    this.#heartbeat.heard();
  }

  payload(opcode: number, buf: Uint8Array, at: number, n: number): void {
    if (opcode === OP_TEXT) this.#onText(buf, at, n);
    else if (this.raw) this.#frame.add(buf, at, n);
    else this.#judge(this.#records.read(buf, at, n));
  }

  messageEnd(opcode: number): void {
    if (opcode === OP_TEXT) this.#endText();
    else if (this.raw) this.#endFrame();
    else this.#judge(this.#records.end());
  }

  refused(): void {
    this.badMessages++;
  }

  closed(code: number, reason: string): void {
    if (this.#ended) return;
    this.#end();
    this.pending = 0;
    const loans = this.#loans.splice(0);
    for (let i = 0; i < loans.length; i += 2) if (loans[i]! >= 0) this.onsent?.(loans[i]!);
    this.onclose?.(code, reason);
  }

  #take(buf: Uint8Array, at: number, length: number, frames: number): void {
    if (this.open) this.onmessage?.(buf, at, length, frames);
  }

  #judge(verdict: number): void {
    if (verdict === 0) return;
    this.#refuse(verdict === BATCH_TOO_LONG ? 1009 : 1007, `bad batch: ${batchErrorText(verdict)}`);
  }

  #endFrame(): void {
    const { bytes } = this.#frame;
    this.#frame.clear();
    this.onmessage?.(bytes, 0, bytes.length, 1);
  }

  #onText(buf: Uint8Array, at: number, n: number): void {
    if (this.raw) this.#refuse(1003, RAW_TEXT);
    else if (!this.#text.add(buf, at, n)) this.#refuse(1009, 'control message too long');
  }

  #endText(): void {
    const { bytes } = this.#text;
    this.#text.clear();
    if (this.raw) this.#refuse(1003, RAW_TEXT);
    else if (!isUtf8(bytes)) this.#refuse(1007, 'Invalid WebSocket frame: invalid UTF-8 sequence');
    else {
      const message = this.#options.read(Buffer.from(bytes).toString());
      if (typeof message === 'string') this.#refuse(1007, `bad control message: ${message}`);
      else this.oncontrol?.(message);
    }
  }

  #refuse(code: number, reason: string): void {
    if (!this.open) return;
    this.badMessages++;
    this.#connection.refuse(code, reason);
  }

  #onWritten(): void {
    if (this.#ended) return;
    this.#stalled = 0;
    const token = this.#loans.shift()!;
    this.pending -= this.#loans.shift()!;
    if (token >= 0) this.onsent?.(token);
    this.ondrain?.();
  }

  /** A peer that takes nothing, although it may say that it lives, would hold what is lent to it for ever. */
  #watchStall(): void {
    if (this.#connection.unsent === 0) this.#stalled = 0;
    else if (++this.#stalled > STALL_TICKS) {
      this.#connection.refuse(1013, `nothing was taken for ${STALL_TIMEOUT / 1000} s`);
    }
  }

  #end(): void {
    this.#ended = true;
    this.#heartbeat.stop();
    this.#records.release();
    this.#options.onend?.();
  }
}

function maskingOf({ role, zeroMask = false }: Pick<DataSocketOptions<never>, 'role' | 'zeroMask'>): Masking {
  if (role === 'server') return 'none';
  return zeroMask ? 'zero' : 'random';
}
