/**
 * One end of a rung in a process of its own: a source that sends the same bytes again and again, or a sink that counts.
 * It dials the relay, or for raw TCP the other end, by net or by a plain `ws` client. Told by its parent over IPC.
 */
import { connect, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { macOf } from '../traffic/flow.ts';
import { type Batch, batchOf } from './batch.ts';
import type { EndReply } from './words.ts';

const { values } = parseArgs({
  options: {
    role: { type: 'string' },
    kind: { type: 'string' },
    url: { type: 'string' },
    size: { type: 'string', default: '64' },
    single: { type: 'boolean', default: false },
  },
});
const HIGH_WATER = 512 << 10;
const BURST = 64 << 10;
const batch: Batch = batchOf(Number(values.size), values.single);
const isSource = values.role === 'source';

let sent = 0;
let receivedBytes = 0;
let running = false;
/** Sends one batch; false: no more for now, `resume` will be called. */
let send: () => boolean = () => false;

function turn(): void {
  if (!running) return;
  for (let bytes = 0; bytes < BURST; bytes += batch.bytes.length) if (!push()) return;
  setImmediate(turn);
}

function push(): boolean {
  sent += batch.frames;
  return send();
}

const resume = () => setImmediate(turn);

function overTcp(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    receivedBytes += chunk.length;
  });
  socket.on('drain', resume);
  send = () => socket.write(batch.bytes) || socket.writableLength < HIGH_WATER;
}

function overWebSocket(url: string): void {
  const ours = values.kind === 'etherloom';
  const socket = new WebSocket(url, ours ? ['etherloom.v1'] : [], { perMessageDeflate: false });
  let waiting = false;
  const written = () => {
    if (!waiting || socket.bufferedAmount > HIGH_WATER / 2) return;
    waiting = false;
    resume();
  };
  send = () => {
    socket.send(batch.bytes, written);
    waiting = socket.bufferedAmount >= HIGH_WATER;
    return !waiting;
  };
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) receivedBytes += data.length;
    else answer(socket, JSON.parse(data.toString()));
  });
  socket.on('open', () => (ours ? socket.send(JSON.stringify(hello())) : ready()));
}

/** As a device would: the marks are how the switch knows that its account adds up. */
function answer(socket: WebSocket, message: { type: string; id: number }): void {
  if (message.type === 'welcome') ready();
  if (message.type === 'mark')
    socket.send(JSON.stringify({ type: 'mark', id: message.id, tx: sent, rx: receivedBytes / batch.record }));
}

function hello(): object {
  const mac = macOf(isSource ? 1 : 2);
  const counters = { tx: 0, rx: 0, up: true, features: [] };
  return { type: 'hello', node: values.role, device: 'eth0', mac, mtu: 1500, epoch: 'bench', ...counters };
}

function tell(reply: EndReply): void {
  process.send?.(reply);
}
const ready = () => tell({ ready: true });

if (values.kind !== 'tcp') overWebSocket(values.url!);
else if (values.url === 'listen') {
  const server = createServer(overTcp).listen(0, '127.0.0.1', () => {
    tell({ port: (server.address() as { port: number }).port });
  });
} else {
  const socket = connect(Number(values.url), '127.0.0.1', ready);
  overTcp(socket);
}

process.on('message', ({ do: what }: { do: string }) => {
  if (what === 'start') {
    running = true;
    resume();
  }
  // One batch, so that a switch learns who is where.
  if (what === 'one') push();
  if (what === 'stop') running = false;
  tell({ sent, received: Math.floor(receivedBytes / batch.record) });
});
process.on('disconnect', () => process.exit(0));
