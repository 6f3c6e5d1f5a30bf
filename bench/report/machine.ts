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
  readonly idle: number;
  /** Of this process and of the children that it has waited for. */
  readonly own: number;
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
  const read = (path: string) => readFileSync(path, 'latin1');
  return parseJiffies(read('/proc/stat'), read('/proc/self/stat'));
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal; guests are in user already. */
export function parseJiffies(stat: string, self: string): Jiffies {
  const fields = stat.split('\n', 1)[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
  // utime stime cutime cstime of proc(5): fields 14 to 17, of which the first two may hold spaces
  const own = self
    .slice(self.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  return { total: sum(fields), steal: fields[7] ?? 0, idle: fields[3]! + fields[4]!, own: sum(own) };
}

/** Part of the time that the hypervisor gave to others, in percent. */
export function stealPercent(before: Jiffies, after: Jiffies): number {
  const total = after.total - before.total;
  return total === 0 ? 0 : ((after.steal - before.steal) / total) * 100;
}

/** Part of the machine that the work of others took, in percent: busy, and neither stolen nor ours. */
export function foreignPercent(before: Jiffies, after: Jiffies): number {
  const of = (what: keyof Jiffies) => after[what] - before[what];
  const foreign = of('total') - of('idle') - of('steal') - of('own');
  return of('total') === 0 ? 0 : Math.max(0, (foreign / of('total')) * 100);
}

function git(...args: string[]): string {
  const done = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return done.status === 0 ? done.stdout.trim() : '';
}
