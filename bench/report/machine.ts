/** On what and of what a report was made. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import process from 'node:process';
import { root } from '../../test/support/program.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  readonly commit: string;
  /** The tree had changes that no commit has. */
  readonly dirty: boolean;
  readonly date: string;
  /** One minute, before the run: foreign load shows here. */
  readonly loadBefore: number;
}

/** Jiffies since boot, all cores. */
export interface Jiffies {
  readonly total: number;
  readonly steal: number;
}

export function describeMachine(): Machine {
  const list = cpus();
  return {
    cpu: list[0]?.model.trim() ?? 'unknown',
    cores: list.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    node: process.versions.node,
    commit: git('rev-parse', '--short', 'HEAD') || 'unknown',
    dirty: git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!docs/bench') !== '',
    date: new Date().toISOString().slice(0, 10),
    loadBefore: loadavg()[0] ?? 0,
  };
}

export function readJiffies(): Jiffies {
  return parseJiffies(readFileSync('/proc/stat', 'latin1'));
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal; guests are in user already. */
export function parseJiffies(stat: string): Jiffies {
  const fields = stat.split('\n', 1)[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
  return { total: fields.reduce((a, b) => a + b, 0), steal: fields[7] ?? 0 };
}

/** Part of the time that the hypervisor gave to others, in percent. */
export function stealPercent(before: Jiffies, after: Jiffies): number {
  const total = after.total - before.total;
  return total === 0 ? 0 : ((after.steal - before.steal) / total) * 100;
}

function git(...args: string[]): string {
  const done = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return done.status === 0 ? done.stdout.trim() : '';
}
