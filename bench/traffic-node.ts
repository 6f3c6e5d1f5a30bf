/**
 * A node of a bench, in a process of its own: sends frames, or counts those that arrive. Told by its parent over IPC:
 * {start} and {stop} a generator, {report} what was counted so far.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { consumeSkb, dropsByReason, type NetDevice } from '@etherloom/netcore';
import { startNode } from '@etherloom/node';
import { pino } from 'pino';
import { Pktgen } from './pktgen.ts';

/** Local experimental EtherType 1 (IEEE 802). */
const ETH_P_BENCH = 0x88b5;

const { values } = parseArgs({
  options: {
    name: { type: 'string' },
    control: { type: 'string' },
    size: { type: 'string', default: '60' },
    dst: { type: 'string', default: '' },
  },
});
const node = startNode({
  name: values.name!,
  stack: 'none',
  controlUrl: values.control!,
  log: pino({ level: 'warn' }, pino.destination(2)),
});

/** What a node has counted since it started; every frame that it sent or got is in one of the sums. */
export interface TrafficReport {
  /** Frames given to devQueueXmit. */
  readonly sent: number;
  /** Frames that reached the counter at the top of the stack. */
  readonly received: number;
  /** Frames that died at the device, either way, by reason. */
  readonly drops: Readonly<Record<string, number>>;
  /** Skbs that are still under way inside the node. */
  readonly held: number;
  readonly messages: number;
}

let received = 0;
let sent = 0;
node.net.devAddPack(ETH_P_BENCH, (skb) => {
  received++;
  consumeSkb(skb);
});

let generator: Pktgen | null = null;

function device(): NetDevice {
  const dev = node.net.devGetByName('eth0');
  if (dev === undefined) throw new Error('eth0 is not there yet');
  return dev;
}

function start(): void {
  stop();
  generator = new Pktgen(device(), { size: Number(values.size), dst, protocol: ETH_P_BENCH });
  generator.start();
}

function stop(): void {
  generator?.stop();
  sent += generator?.sent ?? 0;
  generator = null;
}

function counter(dev: NetDevice, name: string): number {
  const at = dev.ethtoolOps.getStrings!(dev).indexOf(name);
  return dev.ethtoolOps.getEthtoolStats!(dev)[at]!;
}

function report(): TrafficReport {
  const dev = device();
  return {
    sent: sent + (generator?.sent ?? 0),
    received,
    drops: dropsByReason(dev.drops),
    held: node.net.pool.inUse + counter(dev, 'rx_ring_pending'),
    messages: counter(dev, 'tx_messages') + counter(dev, 'rx_messages'),
  };
}

const dst = Uint8Array.from(values.dst.split(':').map((part) => Number.parseInt(part, 16)));

process.on('message', (message: { do: 'start' | 'stop' | 'report' }) => {
  if (message.do === 'start') start();
  if (message.do === 'stop') stop();
  process.send?.(report());
});
process.on('disconnect', () => {
  node.close();
  process.exit(0);
});
