/**
 * iperf3 TCP (cubic) between two TAPs in two namespaces: through Etherloom, and through vde_switch with two vde_plug2tap,
 * in turn; the first two seconds of a run are not counted. Needs root, iperf3 and vde2. The last line is the ratio of the
 * medians, ours to vde_switch.
 *
 *   node --import tsx bench/iperf3-tap.ts [--rounds 3] [--seconds 4]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Program, run } from '../test/support/program.ts';
import { until } from '../test/support/until.ts';
import { up } from '../test/support/up.ts';
import { median, spread } from './statistics.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '4' } },
});

async function must(file: string, ...args: string[]): Promise<string> {
  const done = await run(file, args);
  if (done.code !== 0) throw new Error(`${file} ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

/** Gbit/s that the receiver counted. */
async function iperf3(from: string, to: string, address: string): Promise<number> {
  const server = spawn('ip', ['netns', 'exec', to, 'iperf3', '-s', '-1'], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  try {
    const words = ['iperf3', '-J', '-C', 'cubic', '-c', address, '-O', '2', '-t', options.seconds];
    return await until(
      'iperf3 connects',
      async () => {
        const done = await run('ip', ['netns', 'exec', from, ...words], { seconds: 60 });
        return done.code === 0 ? JSON.parse(done.stdout).end.sum_received.bits_per_second / 1e9 : 0;
      },
      60,
    );
  } finally {
    server.kill();
    await ended;
  }
}

async function etherloom(): Promise<number> {
  const lab = await up('examples/three-hosts-kernel.yaml');
  try {
    return await iperf3('h1', 'h2', '10.0.0.2');
  } finally {
    await lab.stop();
  }
}

async function vde(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-vde-'));
  const control = join(folder, 'switch');
  // It ends when its standard input does.
  const programs = [new Program('vde_switch', ['-s', control], {}, 'pipe')];
  const hosts = ['elv1', 'elv2'];
  try {
    await until(
      'vde_switch listens',
      async () => (await run('test', ['-S', join(control, 'ctl')])).code === 0,
    );
    for (const [i, host] of hosts.entries()) {
      await must('ip', 'netns', 'add', host);
      programs.push(new Program('ip', ['netns', 'exec', host, 'vde_plug2tap', '-s', control, 'tap0']));
      await until(
        'the TAP is there',
        async () => (await run('ip', ['-n', host, 'link', 'show', 'tap0'])).code === 0,
      );
      await must('ip', '-n', host, 'addr', 'add', `10.0.0.${i + 1}/24`, 'dev', 'tap0');
      await must('ip', '-n', host, 'link', 'set', 'tap0', 'up');
    }
    return await iperf3(hosts[0]!, hosts[1]!, '10.0.0.2');
  } finally {
    for (const program of programs.reverse()) await program.stop('SIGKILL');
    for (const host of hosts) await run('ip', ['netns', 'del', host]);
    rmSync(folder, { recursive: true, force: true });
  }
}

const ours: number[] = [];
const theirs: number[] = [];
// Cubic is not among the algorithms that a namespace may choose until the first one allows it.
await run('sysctl', ['-w', 'net.ipv4.tcp_allowed_congestion_control=reno cubic bbr']);
for (let round = 0; round < Number(options.rounds); round++) {
  ours.push(await etherloom());
  theirs.push(await vde());
  process.stdout.write(
    `round ${round + 1}: etherloom ${ours.at(-1)!.toFixed(2)}, vde_switch ${theirs.at(-1)!.toFixed(2)} Gbit/s\n`,
  );
}
process.stdout.write(`etherloom   ${spread(ours)} Gbit/s\nvde_switch  ${spread(theirs)} Gbit/s\n`);
process.stdout.write(`${(median(ours) / median(theirs)).toFixed(2)} times vde_switch\n`);
