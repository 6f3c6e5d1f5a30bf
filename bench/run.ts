/**
 * npm run bench: every bench in turn, and a page with what they printed, the machine and the commit. A bench that cannot
 * run here is named with its reason. Options: --write FILE (default: print only).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { requires } from '../test/requirements.ts';
import { root } from '../test/support/program.ts';

const { values: options } = parseArgs({ options: { write: { type: 'string' } } });

interface Bench {
  title: string;
  script: string;
  args: string[];
  needs: Parameters<typeof requires>;
}

const benches: Bench[] = [
  { title: 'Frames of 64 bytes', script: 'frames.ts', args: ['--size', '64'], needs: [] },
  { title: 'Frames of 1514 bytes', script: 'frames.ts', args: ['--size', '1514'], needs: [] },
  {
    title: 'iperf3 TCP between two TAPs',
    script: 'iperf3-tap.ts',
    args: ['--rounds', '5'],
    needs: ['root', 'tun', 'netns', 'iperf3', 'vde'],
  },
];

function git(...args: string[]): string {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();
}

function machine(): string {
  const [first] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  return `${cpus().length} x ${first?.model.trim()}, ${memory} GiB, Linux ${kernel}, Node ${process.versions.node}`;
}

function result({ script, args, needs }: Bench): string {
  const { skip, reason } = requires(...needs);
  if (skip) return `not run: ${reason}`;
  const file = join(root, 'bench', script);
  const done = spawnSync(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return done.status === 0 ? done.stdout.trim() : `failed:\n${done.stderr.trim()}`;
}

const page = [
  '# What it does a second',
  '',
  `Made by \`npm run bench\` at commit ${git('rev-parse', '--short', 'HEAD')}, ${new Date().toISOString().slice(0, 10)}.`,
  '',
  `Machine: ${machine()}; load average before: ${loadavg()[0]?.toFixed(2)}.`,
  '',
];
for (const bench of benches) {
  process.stdout.write(`${bench.title} ...\n`);
  const text = result(bench);
  process.stdout.write(`${text}\n\n`);
  page.push(
    `## ${bench.title}`,
    '',
    `\`bench/${bench.script} ${bench.args.join(' ')}\``,
    '',
    '```',
    text,
    '```',
    '',
  );
}
if (options.write !== undefined) writeFileSync(options.write, page.join('\n'));
