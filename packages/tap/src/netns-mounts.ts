/**
 * What a program in a named network namespace sees of the file system: a /sys that shows that namespace's interfaces,
 * and its files of /etc/netns/NAME in /etc. cf. iproute2 lib/namespace.c: netns_switch, bind_etc
 */
import { existsSync, readdirSync } from 'node:fs';
import { NEEDS_SYS_ADMIN, sysError } from './errno.ts';
import * as c from './libc.ts';

/**
 * Gives the calling thread, for good, mounts of its own; call it inside `inNetns`, in a process that exists for the
 * program alone. Throws a NetError when that cannot be; what failed then is as it was before.
 */
export function mountForNetns(name: string): void {
  const lib = c.libc();
  if (lib.unshare(c.CLONE_NEWNS) < 0) throw sysError(lib.errno(), 'cannot have own mounts', NEEDS_SYS_ADMIN);
  if (lib.mount('', '/', 'none', c.MS_SLAVE | c.MS_REC, null) < 0)
    throw sysError(lib.errno(), 'cannot keep mounts private');
  mountSys(name);
  for (const file of etcFiles(name)) bind(`/etc/netns/${name}/${file}`, `/etc/${file}`);
}

/** Why twice: over a read-only /sys, as in a container, only a read-only one may lie. */
function mountSys(name: string): void {
  const lib = c.libc();
  if (lib.mount(name, '/sys', 'sysfs', 0, null) === 0) return;
  if (lib.mount(name, '/sys', 'sysfs', c.MS_RDONLY, null) < 0)
    throw sysError(lib.errno(), 'cannot mount /sys');
}

function etcFiles(name: string): string[] {
  const folder = `/etc/netns/${name}`;
  return existsSync(folder) ? readdirSync(folder) : [];
}

function bind(from: string, to: string): void {
  const lib = c.libc();
  if (lib.mount(from, to, 'none', c.MS_BIND, null) < 0)
    throw sysError(lib.errno(), `cannot put ${from} in the place of ${to}`);
}
