/**
 * Network namespaces. `inNetns` moves the calling thread into a namespace for the length of a synchronous
 * function: what is opened inside (TAP, netlink, ICMP sockets) belongs to that namespace for good, while
 * libuv's threads and every other socket of the process stay where they are.
 *
 * Named ones lie in /run/netns exactly as `ip netns add` makes them, so `ip netns exec NAME` works.
 * cf. iproute2 ip/ipnetns.c
 */
import { mkdirSync, unlinkSync } from 'node:fs';
import { NetError } from '@etherloom/netcore';
import { NEEDS_SYS_ADMIN, sysError } from './errno.ts';
import * as c from './libc.ts';
import { isStale, readOwner, removeOwner, staleOwners, writeOwner } from './netns-owner.ts';

const NETNS_DIR = '/run/netns';
const SELF = '/proc/thread-self/ns/net';

export function netnsPath(name: string): string {
  return `${NETNS_DIR}/${name}`;
}

/** Runs `fn` with the thread in the namespace at `path` (null: where it is). `fn` must be synchronous. */
export function inNetns<T>(path: string | null, fn: () => T): T {
  if (path === null) return fn();
  const home = openNs(SELF, path);
  try {
    const there = openNs(path, path);
    try {
      enter(there, path);
    } finally {
      c.libc().close(there);
    }
    try {
      return fn();
    } finally {
      comeHome(home);
    }
  } finally {
    c.libc().close(home);
  }
}

function openNs(file: string, wanted: string): number {
  const fd = c.libc().open(file, c.O_RDONLY | c.O_CLOEXEC, 0);
  if (fd < 0) throw sysError(c.libc().errno(), `cannot open network namespace ${wanted}`);
  return fd;
}

function enter(fd: number, path: string): void {
  if (c.libc().setns(fd, c.CLONE_NEWNET) < 0) {
    throw sysError(c.libc().errno(), `cannot enter network namespace ${path}`, NEEDS_SYS_ADMIN);
  }
}

/** A thread lost in the wrong namespace would dial and listen there from now on: nothing can go on. */
function comeHome(home: number): void {
  if (c.libc().setns(home, c.CLONE_NEWNET) === 0) return;
  process.stderr.write(`etherloom: cannot return from a network namespace: errno ${c.libc().errno()}\n`);
  process.abort();
}

/** `ip netns add NAME`; takes over the name from a killed run of ours. Returns its path. */
export function createNetns(name: string): string {
  checkName(name);
  const path = netnsPath(name);
  shareNetnsDir();
  reclaim(name);
  const file = c.libc().open(path, c.O_RDONLY | c.O_CREAT | c.O_EXCL | c.O_CLOEXEC, 0);
  if (file < 0) throw createError(c.libc().errno(), name);
  c.libc().close(file);
  try {
    bindNew(path);
    writeOwner(name, path);
  } catch (error) {
    c.libc().umount2(path, c.MNT_DETACH);
    unlinkSync(path);
    throw error;
  }
  return path;
}

function checkName(name: string): void {
  if (name === '' || name === '.' || name === '..' || name.includes('/')) {
    throw new NetError('EINVAL', `"${name}" is no name for a network namespace`);
  }
}

function createError(errno: number, name: string): NetError {
  if (errno !== c.EEXIST) return sysError(errno, `cannot make network namespace ${name}`, NEEDS_SYS_ADMIN);
  const owner = readOwner(name);
  const whose = owner === null ? '' : `, in use by the Etherloom process ${owner.pid}`;
  return new NetError(
    'EEXIST',
    `network namespace ${name} exists already (${netnsPath(name)}${whose}): rename the node, or remove it with "ip netns del ${name}"`,
  );
}

/** A fresh namespace, held by a bind mount: unshare gives this thread a new one, then it goes home. */
function bindNew(path: string): void {
  const lib = c.libc();
  const home = openNs(SELF, SELF);
  try {
    if (lib.unshare(c.CLONE_NEWNET) < 0) throw sysError(lib.errno(), `cannot make ${path}`, NEEDS_SYS_ADMIN);
    const failed = lib.mount(SELF, path, 'none', c.MS_BIND, null) < 0 ? lib.errno() : 0;
    comeHome(home);
    if (failed !== 0) throw sysError(failed, `cannot mount ${path}`, NEEDS_SYS_ADMIN);
  } finally {
    lib.close(home);
  }
}

/** Mounts must propagate to other mount namespaces, or an `ip netns del` there would not free the namespace. */
function shareNetnsDir(): void {
  const lib = c.libc();
  mkdirSync(NETNS_DIR, { recursive: true, mode: 0o755 });
  if (lib.mount('', NETNS_DIR, 'none', c.MS_SHARED | c.MS_REC, null) === 0) return;
  if (lib.errno() === c.EINVAL) lib.mount(NETNS_DIR, NETNS_DIR, 'none', c.MS_BIND | c.MS_REC, null);
  lib.mount('', NETNS_DIR, 'none', c.MS_SHARED | c.MS_REC, null);
}

function reclaim(name: string): void {
  const owner = readOwner(name);
  if (owner !== null && isStale(owner, netnsPath(name))) deleteNetns(name);
}

/** `ip netns del NAME`. No error when it is gone already. */
export function deleteNetns(name: string): void {
  checkName(name);
  const path = netnsPath(name);
  const lib = c.libc();
  if (lib.umount2(path, c.MNT_DETACH) < 0) {
    const errno = lib.errno();
    if (errno !== c.ENOENT && errno !== c.EINVAL)
      throw sysError(errno, `cannot remove network namespace ${name}`, NEEDS_SYS_ADMIN);
  }
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  removeOwner(name);
}

/** Removes the namespaces that killed runs of ours left behind; returns their names. */
export function cleanStaleNetns(): string[] {
  const names = staleOwners(netnsPath);
  for (const name of names) deleteNetns(name);
  return names;
}
