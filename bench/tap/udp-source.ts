/**
 * A process that sends UDP datagrams from where it is (`ip netns exec`), many a system call, at a steady rate or as fast
 * as it can. What it was kept from sending by being off the processor it does not send later at once, but 64 at most.
 *
 *   node --import tsx bench/tap/udp-source.ts --to ADDRESS --payload BYTES --rate PER_SECOND --seconds S
 *
 * Prints what it did as JSON: {"sent":..., "seconds":...}. Rate 0: as fast as it can.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import koffi from 'koffi';

const AF_INET = 2;
const SOCK_DGRAM = 2;
/** Datagrams in a system call at most. */
const BURST = 64;
/** Above this many a second it waits by looking at the clock: a sleep takes 0.1 ms and more. */
const SPIN_FROM = 200_000;
const DISCARD = 9;

const libc = koffi.load(null);
const socket = libc.func('int socket(int, int, int)');
const connect = libc.func('int connect(int, void *, uint)');
const sendmmsg = libc.func('int sendmmsg(int, void *, uint, int)');

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: '127.0.0.1' },
    payload: { type: 'string', default: '18' },
    rate: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '1' },
  },
});

function connected(address: string): number {
  const fd: number = socket(AF_INET, SOCK_DGRAM, 0);
  const to = new DataView(new ArrayBuffer(16));
  to.setUint16(0, AF_INET, true);
  to.setUint16(2, DISCARD);
  for (const [i, byte] of address.split('.').entries()) to.setUint8(4 + i, Number(byte));
  if (fd < 0 || connect(fd, new Uint8Array(to.buffer), 16) !== 0)
    throw new Error(`cannot send to ${address}`);
  return fd;
}

/** struct mmsghdr[BURST], the struct iovec they share, and the bytes it shows, in one buffer. On a 64-bit machine. */
function messages(payload: number): Uint8Array {
  const iovec = 64 * BURST;
  const buf = new Uint8Array(iovec + 16 + payload);
  const view = new DataView(buf.buffer);
  const base = BigInt(koffi.address(buf));
  for (let at = 0; at < iovec; at += 64) {
    view.setBigUint64(at + 16, base + BigInt(iovec), true);
    view.setBigUint64(at + 24, 1n, true);
  }
  view.setBigUint64(iovec, base + BigInt(iovec + 16), true);
  view.setBigUint64(iovec + 8, BigInt(payload), true);
  return buf;
}

const still = new Int32Array(new SharedArrayBuffer(4));
const rate = Number(values.rate);
const fd = connected(values.to);
const batch = messages(Number(values.payload));

/** Datagrams that are due `now` seconds after the start. */
function due(now: number, sent: number): number {
  return rate === 0 ? BURST : Math.min(BURST, Math.floor(now * rate) - sent);
}

const start = performance.now();
const length = Number(values.seconds);
let sent = 0;
let forgiven = 0;
for (let now = 0; now < length; now = (performance.now() - start) / 1000) {
  const count = due(now, sent + forgiven);
  if (count > 0) sent += Math.max(0, sendmmsg(fd, batch, count, 0));
  else if (rate < SPIN_FROM) Atomics.wait(still, 0, 0, 0.1);
  if (rate > 0) forgiven += Math.max(0, Math.floor(now * rate) - sent - forgiven - BURST);
}
process.stdout.write(`${JSON.stringify({ sent, seconds: length })}\n`);
