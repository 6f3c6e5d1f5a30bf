/**
 * Who made a named namespace: a note in /run/etherloom/netns/NAME with the owner's pid, when that process
 * started (pids are reused) and the namespace's inode (names are reused). A note whose process is dead
 * marks a namespace that a killed run left; one whose inode differs speaks of something else by that name.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

const OWNER_DIR = '/run/etherloom/netns';

export interface NetnsOwner {
  pid: number;
  started: string;
  inode: number;
}

export function parseOwner(text: string): NetnsOwner | null {
  const match = /^(\d+) (\d+) (\d+)\n$/.exec(text);
  return match === null ? null : { pid: Number(match[1]), started: match[2]!, inode: Number(match[3]) };
}

/** Field 22 of /proc/PID/stat, counted after the command name, which may hold spaces and brackets. */
export function startOfStat(stat: string): string {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

export function readOwner(name: string): NetnsOwner | null {
  const text = readOr(`${OWNER_DIR}/${name}`);
  return text === null ? null : parseOwner(text);
}

export function writeOwner(name: string, path: string): void {
  mkdirSync(OWNER_DIR, { recursive: true, mode: 0o755 });
  const inode = statSync(path).ino;
  writeFileSync(`${OWNER_DIR}/${name}`, `${process.pid} ${processStart(process.pid)} ${inode}\n`);
}

export function removeOwner(name: string): void {
  rmSync(`${OWNER_DIR}/${name}`, { force: true });
}

export function isStale(owner: NetnsOwner, path: string): boolean {
  return processStart(owner.pid) !== owner.started && inodeOf(path) === owner.inode;
}

/** Names whose owner is dead and whose namespace is still the one it made; forgets notes of namespaces that are gone. */
export function staleOwners(pathOf: (name: string) => string): string[] {
  const stale: string[] = [];
  for (const name of listOwners()) {
    const owner = readOwner(name);
    if (owner === null || inodeOf(pathOf(name)) !== owner.inode) removeOwner(name);
    else if (isStale(owner, pathOf(name))) stale.push(name);
  }
  return stale;
}

function listOwners(): string[] {
  try {
    return readdirSync(OWNER_DIR);
  } catch {
    return []; // no run has made a namespace on this machine since boot
  }
}

function processStart(pid: number): string {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat === null ? '' : startOfStat(stat);
}

function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
