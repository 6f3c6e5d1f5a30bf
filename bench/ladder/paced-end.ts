/**
 * One end of a paced flow over a bare relay: a source that writes what is due every quarter of a millisecond, or a sink
 * that reads every stamp and tells how late it came. The bytes are those of the ladder, the pace and the stamps those of
 * the nodes' generator; there is no device, no skb and no WebSocket. Told by its parent over IPC.
 */
import { connect } from 'node:net';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { LatencyRecord } from '../traffic/counter.ts';
import { STAMP } from '../traffic/flow.ts';
import { monotonic, stampOf } from '../traffic/monotonic.ts';
import { batchOf, RECORD_HEADER } from './batch.ts';
import type { EndReply, PacedOrder } from './words.ts';

const { values } = parseArgs({
  options: { role: { type: 'string' }, port: { type: 'string' }, size: { type: 'string', default: '64' } },
});
const PACE_MS = 0.25;
const STAMP_EVERY = 7;
const HIGH_WATER = 512 << 10;
const { bytes: template, record, frames: most } = batchOf(Number(values.size), false);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const latency = new LatencyRecord();
/** Batches that the socket has taken whole. */
const spare: Buffer[] = [];
let running = false;
let rate = 0;
let start = 0;
/** Of this flow, and of those before it. */
let sent = 0;
let sentBefore = 0;
let receivedBytes = 0;

const socket = connect(Number(values.port), '127.0.0.1', () => tell({ ready: true }));
socket.setNoDelay(true);
socket.on('data', read);

/** A stamp that is cut by the end of a chunk is not looked at. */
function read(chunk: Buffer): void {
  const first = (record - (receivedBytes % record)) % record;
  for (let at = first + RECORD_HEADER + STAMP; at + 4 <= chunk.length; at += record) {
    const stamp = chunk.readUInt32BE(at);
    if (stamp !== 0) latency.add(stamp);
  }
  receivedBytes += chunk.length;
}

function turn(): void {
  if (!running) return;
  const due = Math.floor(((monotonic() - start) / 1000) * rate) + 1;
  const wanted = Math.min(most, due - sent);
  const full = socket.writableLength > HIGH_WATER;
  if (!full && wanted > 0) write(wanted);
  setImmediate(full || sent === due ? rest : turn);
}

/** After the turn's I/O: sleeps until more is due. */
function rest(): void {
  Atomics.wait(sleeper, 0, 0, PACE_MS);
  setImmediate(turn);
}

function write(frames: number): void {
  const batch = spare.pop() ?? Buffer.from(template);
  for (let i = 0; i < frames; i++, sent++) {
    const stamp = sent % STAMP_EVERY === 0 ? stampOf(start + (sent / rate) * 1000) : 0;
    batch.writeUInt32BE(stamp, i * record + RECORD_HEADER + STAMP);
  }
  socket.write(batch.subarray(0, frames * record), () => spare.push(batch));
}

function obey(order: PacedOrder): void {
  if (order.do === 'pace') {
    rate = order.rate;
    start = monotonic();
    sentBefore += sent;
    sent = 0;
    running = true;
    setImmediate(turn);
  }
  if (order.do === 'stop') running = false;
  if (order.do === 'reset') latency.reset();
}

function tell(reply: EndReply): void {
  process.send?.(reply);
}

process.on('message', (order: PacedOrder) => {
  obey(order);
  tell({ sent: sentBefore + sent, received: Math.floor(receivedBytes / record), latency: latency.read() });
});
process.on('disconnect', () => process.exit(0));
