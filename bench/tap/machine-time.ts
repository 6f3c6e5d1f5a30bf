/** What the processors of the machine did, from /proc/stat (proc(5)), in seconds of one core. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK']));

export interface MachineTime {
  readonly total: number;
  /** Neither idle nor waiting for a disk. */
  readonly busy: number;
  /** What the hypervisor gave to others. */
  readonly steal: number;
}

/** From the line of all cores: `cpu user nice system idle iowait irq softirq steal guest guest_nice`; guests are in user. */
export function parseMachineTime(text: string, ticks: number): MachineTime {
  const [, line] = /^cpu +(\d+(?: \d+){7,})/m.exec(text) ?? [];
  if (line === undefined) throw new Error('no line of all cores in /proc/stat');
  const fields = line.split(' ').slice(0, 8).map(Number);
  const [, , , idle = 0, iowait = 0, , , steal = 0] = fields;
  const total = fields.reduce((sum, n) => sum + n, 0);
  return { total: total / ticks, busy: (total - idle - iowait - steal) / ticks, steal: steal / ticks };
}

export function machineTime(): MachineTime {
  return parseMachineTime(readFileSync('/proc/stat', 'latin1'), TICKS);
}
