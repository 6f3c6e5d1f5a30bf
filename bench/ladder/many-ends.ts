/**
 * Many plain `ws` clients in one process: in a mesh each sends 64-byte frames to every other in turn, as fast as its
 * socket takes them; of a fan-out one is sent to all others at a kept pace. What comes is counted by its bytes; a frame
 * that says when it was due is asked how late it is, at the first client, as at the first receiver of a lab of ours.
 * Told by its parent over IPC.
 */
import { once } from 'node:events';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { LatencyRecord } from '../traffic/counter.ts';
import { STAMP } from '../traffic/flow.ts';
import { monotonic, stampOf } from '../traffic/monotonic.ts';
import { RECORD_HEADER } from './batch.ts';
import { meshBatch } from './mesh-batch.ts';
import type { EndReply, PacedOrder } from './words.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    /** Number of the first client, from 1; how many live here; how many there are. */
    first: { type: 'string', default: '1' },
    here: { type: 'string' },
    clients: { type: 'string' },
  },
});
const HIGH_WATER = 512 << 10;
const PACE_MS = 0.25;
const first = Number(values.first);
/** The first of all has somebody to write to, though nobody is there yet. */
const clients = Math.max(2, Number(values.clients));
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const latency = new LatencyRecord();
let sent = 0;
let receivedBytes = 0;
let running = false;
let record = 0;

/** One at a time, in order: a relay that sorts numbers its clients as they come. */
async function open(no: number): Promise<Client> {
  const socket = new WebSocket(values.url!, { perMessageDeflate: false });
  await once(socket, 'open');
  return new Client(socket, no);
}

class Client {
  readonly #socket: WebSocket;
  readonly #batch: ReturnType<typeof meshBatch>;
  #waiting = false;
  #rate = 0;
  #start = 0;
  #paced = 0;

  constructor(socket: WebSocket, no: number) {
    this.#socket = socket;
    this.#batch = meshBatch(no, clients);
    record = this.#batch.record;
    socket.on('message', (data: Buffer) => {
      receivedBytes += data.length;
      if (no === first) readStamp(data);
    });
  }

  readonly mesh = (): void => {
    if (!running || this.#waiting) return;
    sent += this.#batch.frames;
    this.#socket.send(this.#batch.bytes, this.#written);
    this.#waiting = this.#socket.bufferedAmount >= HIGH_WATER;
    setImmediate(this.mesh);
  };

  readonly #written = (): void => {
    if (!this.#waiting || this.#socket.bufferedAmount > HIGH_WATER / 2) return;
    this.#waiting = false;
    setImmediate(this.mesh);
  };

  pace(rate: number): void {
    this.#rate = rate;
    this.#start = monotonic();
    this.#paced = 0;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    if (!running) return;
    const due = Math.floor(((monotonic() - this.#start) / 1000) * this.#rate) + 1;
    for (; this.#paced < due && this.#socket.bufferedAmount < HIGH_WATER; this.#paced++, sent++) {
      const frame = Buffer.from(this.#batch.bytes.subarray(0, record));
      frame.writeUInt32BE(stampOf(this.#start + (this.#paced / this.#rate) * 1000), RECORD_HEADER + STAMP);
      this.#socket.send(frame);
    }
    setImmediate(this.#rest);
  };

  /** After the turn's I/O: sleeps until more is due. */
  readonly #rest = (): void => {
    Atomics.wait(sleeper, 0, 0, PACE_MS);
    setImmediate(this.#turn);
  };
}

function readStamp(data: Buffer): void {
  const stamp = data.readUInt32BE(RECORD_HEADER + STAMP);
  if (stamp !== 0) latency.add(stamp);
}

function tell(reply: EndReply): void {
  process.send?.(reply);
}

const all: Client[] = [];
for (let i = 0; i < Number(values.here); i++) all.push(await open(first + i));

process.on('message', (order: PacedOrder | { do: 'start' }) => {
  if (order.do === 'start' || order.do === 'pace') running = true;
  if (order.do === 'start') for (const client of all) client.mesh();
  if (order.do === 'pace') all[0]!.pace(order.rate);
  if (order.do === 'stop') running = false;
  if (order.do === 'reset') latency.reset();
  tell({ sent, received: Math.floor(receivedBytes / record), latency: latency.read() });
});
process.on('disconnect', () => process.exit(0));
tell({ ready: true });
