/**
 * Where a running `etherloom up` notes its process, so that `etherloom down` can end it: one file for each control
 * port, in $XDG_RUNTIME_DIR or else the temporary directory, readable by its owner alone.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

export interface RunningLab {
  readonly pid: number;
  /** When the process started, as the kernel counts: pids are used again. Empty where there is no /proc. */
  readonly started: string;
  readonly url: string;
  readonly file: string;
}

function folder(): string {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  return runtime ? join(runtime, 'etherloom') : join(tmpdir(), `etherloom-${process.getuid?.() ?? 'user'}`);
}

function fileFor(port: number): string {
  return join(folder(), `up-${port}.json`);
}

export function noteRunning(port: number, lab: Pick<RunningLab, 'url' | 'file'>): void {
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  const note: RunningLab = { pid: process.pid, started: startOf(process.pid), ...lab };
  // Why wx: the temporary directory is everybody's, and a link that waits there would have us write where it points.
  forgetRunning(port);
  writeFileSync(fileFor(port), `${JSON.stringify(note)}\n`, { mode: 0o600, flag: 'wx' });
}

export function forgetRunning(port: number): void {
  rmSync(fileFor(port), { force: true });
}

/** The `up` of this user that serves control on `port`; null when there is none alive. */
export function findRunning(port: number): RunningLab | null {
  let lab: RunningLab;
  try {
    if (statSync(fileFor(port)).uid !== (process.getuid?.() ?? statSync(fileFor(port)).uid)) return null;
    lab = JSON.parse(readFileSync(fileFor(port), 'utf8')) as RunningLab;
  } catch {
    return null;
  }
  return isAlive(lab) ? lab : null;
}

export function isAlive(lab: RunningLab): boolean {
  try {
    process.kill(lab.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return lab.started === startOf(lab.pid);
}

/** Field 22 of /proc/PID/stat, counted after the command name, which may hold spaces. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
