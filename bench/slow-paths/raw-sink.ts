/**
 * A raw client of a LAN in a process of its own: one message, one frame. Says once who it is, then counts.
 *
 *   node --import tsx bench/slow-paths/raw-sink.ts ws://127.0.0.1:8081/raw/wire 02:00:00:00:02:00
 */
import process from 'node:process';
import { WebSocket } from 'ws';
import { BROADCAST, ETH_P_BENCH } from '../traffic/flow.ts';

const [url, mac] = process.argv.slice(2) as [string, string];
const hex = `${BROADCAST}${mac}${ETH_P_BENCH.toString(16)}`.replaceAll(':', '').padEnd(120, '0');
const frame = Buffer.from(hex, 'hex');
let received = 0;
const socket = new WebSocket(url, { perMessageDeflate: false });
socket.on('message', () => {
  received++;
});
socket.on('open', () => socket.send(frame, () => process.send?.({ ready: true })));
process.on('message', () => process.send?.({ received }));
process.on('disconnect', () => process.exit(0));
