/**
 * A node of a bench, in a process of its own: sends frames, or counts those that arrive. Told by its parent over IPC:
 * {start} and {stop} a generator, {report} what was counted.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { consumeSkb, type NetDevice, netifCarrierOk } from '@etherloom/netcore';
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

let frames = 0;
let bytes = 0;
node.net.devAddPack(ETH_P_BENCH, (skb) => {
  frames++;
  bytes += skb.len;
  consumeSkb(skb);
});

let generator: Pktgen | null = null;

function device(): NetDevice {
  const dev = node.net.devGetByName('eth0');
  if (dev === undefined) throw new Error('eth0 is not there yet');
  return dev;
}

const dst = Uint8Array.from(
  values.dst === '' ? [] : values.dst.split(':').map((part) => Number.parseInt(part, 16)),
);

process.on('message', (message: { do: 'start' | 'stop' | 'report' }) => {
  if (message.do === 'start') {
    generator = new Pktgen(device(), { size: Number(values.size), dst, protocol: ETH_P_BENCH });
    generator.start();
  }
  if (message.do === 'stop') generator?.stop();
  const dev = node.net.devGetByName('eth0');
  const drops = dev === undefined ? 0 : dev.stats.rxDropped + dev.stats.txDropped + dev.stats.rxMissedErrors;
  process.send?.({
    sent: generator?.sent ?? 0,
    frames,
    bytes,
    drops,
    carrier: dev !== undefined && netifCarrierOk(dev),
  });
});
process.on('disconnect', () => {
  node.close();
  process.exit(0);
});
