/** The rungs: what stands between a source and a sink that send and count the same bytes. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { command, freePort, Program } from '../../test/support/program.ts';
import { restOf } from '../../test/support/rest.ts';
import { until } from '../../test/support/until.ts';
import { cpuSeconds } from '../process-time.ts';
import type { Account } from '../report/trial.ts';
import { macOf } from '../traffic/flow.ts';
import { LadderChild } from './ladder-child.ts';

export interface Rung {
  readonly id: string;
  readonly label: string;
  readonly source: LadderChild;
  readonly sink: LadderChild;
  /** CPU seconds of what stands between; null where nothing does. */
  middle(): number | null;
  /** Where every frame went, at rest. */
  account(): Promise<Account>;
  close(): Promise<void>;
}

export interface RungSpec {
  readonly id: string;
  readonly label: string;
  readonly open: (size: number, folder: string) => Promise<Rung>;
}

const end = (role: string, kind: string, url: string, size: number, ...more: string[]) =>
  new LadderChild('end-process.ts', [
    '--role',
    role,
    '--kind',
    kind,
    '--url',
    url,
    '--size',
    String(size),
    ...more,
  ]);

/** Sent and received once nothing comes any more; `drops` by the middle. */
async function settle(
  what: string,
  { source, sink }: Pick<Rung, 'source' | 'sink'>,
  drops: () => Promise<Record<string, number>> = async () => ({}),
): Promise<Account> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const expected = (await source.ask('report')).sent!;
    const received = (await sink.ask('report')).received!;
    const sums = await drops();
    const missing = expected - received - Object.values(sums).reduce((a, b) => a + b, 0);
    if (missing === 0 || performance.now() > deadline) return { what, expected, received, drops: sums };
    await delay(50);
  }
}

async function rawTcp(size: number): Promise<Rung> {
  const sink = end('sink', 'tcp', 'listen', size);
  const { port } = await sink.next();
  const source = end('source', 'tcp', String(port), size);
  await source.next();
  const label = 'raw TCP, no relay';
  return {
    id: 'tcp',
    label,
    source,
    sink,
    middle: () => null,
    account: () => settle(label, { source, sink }),
    close: async () => {
      await Promise.all([source.close(), sink.close()]);
    },
  };
}

/** A relay of our own making, with `net` or `ws`. */
function relayed(id: string, label: string, kind: 'net' | 'ws', single = false): RungSpec {
  return {
    id,
    label,
    open: async (size) => {
      const relay = new LadderChild('relay-process.ts', ['--kind', kind]);
      const { port } = await relay.next();
      const url = kind === 'net' ? String(port) : `ws://127.0.0.1:${port}`;
      const of = kind === 'net' ? 'tcp' : 'ws';
      const more = single ? ['--single'] : [];
      const sink = end('sink', of, url, size, ...more);
      await sink.next();
      const source = end('source', of, url, size, ...more);
      await source.next();
      return {
        id,
        label,
        source,
        sink,
        middle: () => relay.cpuSeconds,
        account: () => settle(label, { source, sink }),
        close: async () => {
          await Promise.all([source.close(), sink.close(), relay.close()]);
        },
      };
    },
  };
}

const LAB = {
  name: 'ladder',
  nodes: {
    source: { stack: 'none', devices: { eth0: { mac: macOf(1) } } },
    sink: { stack: 'none', devices: { eth0: { mac: macOf(2) } } },
  },
  lans: { wire: {} },
  links: ['source', 'sink'].map((name) => ({ name, endpoints: [`${name}:eth0`, 'lan:wire'] })),
};

/** Our switch, as users run it, between two plain WebSocket clients that speak as devices do. */
async function ours(size: number, folder: string): Promise<Rung> {
  const label = 'Etherloom, plain clients';
  mkdirSync(folder, { recursive: true });
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
  const drops = async () => {
    const sums: Record<string, number> = {};
    for (const link of ['source', 'sink']) {
      const { body } = await rest('GET', `/v1/links/${link}/stats`);
      const lists = [body.forward.drops, body.reverse.drops] as Record<string, number>[];
      for (const list of lists)
        for (const [reason, n] of Object.entries(list))
          sums[`switch ${reason}`] = (sums[`switch ${reason}`] ?? 0) + n;
    }
    return sums;
  };
  return {
    id: 'etherloom',
    label,
    source,
    sink,
    middle: () => ids.reduce((sum, id) => sum + cpuSeconds(id), 0),
    account: () => settle(label, { source, sink }, drops),
    close: async () => {
      await Promise.all([source.close(), sink.close()]);
      for (const program of [fabric, control]) await program.stop('SIGTERM').catch(() => {});
    },
  };
}

export const RUNGS: readonly RungSpec[] = [
  { id: 'tcp', label: 'raw TCP, no relay', open: rawTcp },
  relayed('net-relay', '`net` relay, length prefix', 'net'),
  relayed('ws-single-relay', '`ws` relay, a message a frame', 'ws', true),
  relayed('ws-batched-relay', '`ws` relay, a message a batch', 'ws'),
  { id: 'etherloom', label: 'Etherloom, plain clients', open: ours },
];
