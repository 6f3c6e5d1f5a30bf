/** Our switch, as users run it, between two plain WebSocket clients that speak as devices do. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { command, freePort, Program } from '../../test/support/program.ts';
import { type Rest, restOf } from '../../test/support/rest.ts';
import { until } from '../../test/support/until.ts';
import { cpuSeconds } from '../process-time.ts';
import { macOf } from '../traffic/flow.ts';
import { addDrops, type Drops } from '../traffic/totals.ts';
import { end, type Rung, settle } from './rung.ts';

const NAMES = ['source', 'sink'];
const LAB = {
  name: 'ladder',
  nodes: {
    source: { stack: 'none', devices: { eth0: { mac: macOf(1) } } },
    sink: { stack: 'none', devices: { eth0: { mac: macOf(2) } } },
  },
  lans: { wire: {} },
  links: NAMES.map((name) => ({ name, endpoints: [`${name}:eth0`, 'lan:wire'] })),
};

async function dropsOf(rest: Rest): Promise<Drops> {
  const sums: Drops = {};
  for (const link of NAMES) {
    const { body } = await rest('GET', `/v1/links/${link}/stats`);
    for (const direction of [body.forward, body.reverse]) addDrops(sums, 'switch', direction.drops);
  }
  return sums;
}

export async function ours(size: number, folder: string): Promise<Rung> {
  const label = 'Etherloom, plain clients';
  const file = join(folder, 'ladder.json');
  writeFileSync(file, JSON.stringify(LAB));
  const [port, switchPort] = [String(await freePort()), String(await freePort())];
  const start = (...args: string[]) => new Program(process.execPath, [command, ...args]);
  const control = start('control', '--port', port, '--lab', file);
  const fabric = start('switch', '--port', switchPort, '--control', `ws://127.0.0.1:${port}`);
  const rest = restOf(`http://127.0.0.1:${port}`);
  const url = `ws://127.0.0.1:${switchPort}/v1/data`;
  await until(
    'the switch has the lab',
    async () => (await rest('GET', '/v1/links/sink/stats')).status === 200,
  );
  const sink = end('sink', 'etherloom', url, size);
  await sink.next();
  const source = end('source', 'etherloom', url, size);
  await source.next();
  const ids = fabric.processes();
  return {
    id: 'etherloom',
    label,
    source,
    sink,
    middle: () => ids.reduce((sum, id) => sum + cpuSeconds(id), 0),
    account: () => settle(label, { source, sink }, () => dropsOf(rest)),
    close: async () => {
      await Promise.all([source.close(), sink.close()]);
      for (const program of [fabric, control]) await program.stop('SIGTERM').catch(() => {});
    },
  };
}
