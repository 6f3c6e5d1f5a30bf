/** Ours, as users run it: `etherloom up` with two nodes of `stack: kernel` on one LAN. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { command, freePort, type Program } from '../../test/support/program.ts';
import { type Rest, restOf } from '../../test/support/rest.ts';
import type { Account } from '../report/trial.ts';
import type { Running } from './bed.ts';
import { lacking, type Rival } from './rival.ts';

interface Direction {
  tx: number;
  rx: number;
  queue: number;
  drops: Record<string, number>;
}
interface LinkStats {
  balanced: boolean;
  forward: Direction;
  reverse: Direction;
}

/** The two nodes are children of `up`, each with its name as an argument. */
function nameOf(pid: number): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  const node = words.indexOf('--name');
  return node < 0 ? 'etherloom up' : `node ${words[node + 1]?.at(-1)}`;
}

function running(up: Program): readonly Running[] {
  return up.processes().map((pid) => ({ pid, name: nameOf(pid) }));
}

async function get<T>(rest: Rest, path: string): Promise<T> {
  const { status, body } = await rest('GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Each direction of each link, from the lab's start on. */
async function accounts(rest: Rest): Promise<readonly Account[]> {
  const found: Account[] = [];
  for (const { name } of await get<{ name: string }[]>(rest, '/v1/links')) {
    const stats = await get<LinkStats>(rest, `/v1/links/${name}/stats`);
    for (const way of ['forward', 'reverse'] as const) {
      const { tx, rx, queue, drops } = stats[way];
      found.push({ what: `link ${name}, ${way}`, expected: tx, received: rx, held: queue, drops });
    }
  }
  return found;
}

/** False also while nobody listens yet. */
async function ready(rest: Rest): Promise<boolean> {
  return (await rest('GET', '/readyz').catch(() => ({ status: 0 }))).status === 200;
}

export const etherloom: Rival = {
  id: 'etherloom',
  title: 'Etherloom, one LAN, two TAPs',
  missing: () => lacking('Etherloom with kernel stacks', 'iproute2', 'ip'),
  async lay(bed) {
    const [a, b] = [bed.nameOf('a'), bed.nameOf('b')];
    const file = join(bed.folder, 'lab.yaml');
    const node = (name: string): string => `  ${name}: { stack: kernel, devices: { eth0: {} } }\n`;
    const link = (name: string, of: string): string =>
      `  - { name: ${name}, endpoints: ["${of}:eth0", "lan:office"] }\n`;
    const links = link('cable-a', a) + link('cable-b', b);
    writeFileSync(file, `name: bench\nnodes:\n${node(a)}${node(b)}lans: { office: {} }\nlinks:\n${links}`);
    const [control, data] = [`${await freePort()}`, `${await freePort()}`];
    const ports = ['--control-port', control, '--switch-port', data];
    const up = bed.start('etherloom up', null, [process.execPath, command, 'up', file, ...ports]);
    const rest = restOf(`http://127.0.0.1:${control}`);
    await bed.wait('the lab converges', () => ready(rest), 30);
    return {
      a: { netns: a, dev: 'eth0' },
      b: { netns: b, dev: 'eth0' },
      running: () => running(up),
      accounts: () => accounts(rest),
    };
  },
};
