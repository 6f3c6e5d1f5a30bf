import { readFileSync } from 'node:fs';

/** Resident memory of a process in KiB, shared pages included (proc(5), smaps_rollup). */
export function residentKib(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Rss:\s+(\d+) kB/m.exec(text)?.[1]);
}
