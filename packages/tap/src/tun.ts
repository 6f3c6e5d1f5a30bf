/** /dev/net/tun: making a TAP interface, and the ioctls on its file descriptor. cf. drivers/net/tun.c */
import { NetError } from '@etherloom/netcore';
import { NEEDS_NET_ADMIN, NEEDS_TUN, sysError } from './errno.ts';
import { decodeIfreq, encodeIfreq } from './ifreq.ts';
import * as c from './libc.ts';

export const IFF_TAP = 0x0002;
export const IFF_NO_PI = 0x1000;
export const IFF_VNET_HDR = 0x4000;
const IFF_TUN_EXCL = 0x8000;
const TUNSETIFF = 0x400454ca;
const TUNGETIFF = 0x800454d2;
const TUNSETCARRIER = 0x400454e2;
const TUN_PATH = '/dev/net/tun';

/** Makes interface `name` in the calling thread's namespace. The fd is non-blocking; closing it removes the interface. */
export function openTap(name: string, extraFlags = 0): number {
  const lib = c.libc();
  // EXCL: without it the kernel would attach to a TAP that somebody else made persistent.
  const ifr = encodeIfreq(name, IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL | extraFlags);
  const fd = lib.open(TUN_PATH, c.O_RDWR | c.O_NONBLOCK | c.O_CLOEXEC, 0);
  if (fd < 0) throw openError(lib.errno());
  if (lib.ioctl(fd, TUNSETIFF, ifr) < 0) {
    const errno = lib.errno();
    lib.close(fd);
    throw attachError(errno, name);
  }
  return fd;
}

function openError(errno: number): NetError {
  return sysError(errno, `cannot open ${TUN_PATH}`, NEEDS_TUN);
}

function attachError(errno: number, name: string): NetError {
  if (errno === c.EBUSY) {
    return new NetError(
      'EEXIST',
      `interface ${name} exists already in this network namespace: give the device another name (Docker's own is eth0, so use lan0 there)`,
    );
  }
  return sysError(errno, `cannot make TAP ${name}`, errno === c.EPERM ? NEEDS_NET_ADMIN : '');
}

/** False when the kernel has no such ioctl (before 5.0) or the interface is gone. */
export function setTapCarrier(fd: number, on: boolean): boolean {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(on ? 1 : 0);
  return c.libc().ioctl(fd, TUNSETCARRIER, value) === 0;
}

/** The interface behind the fd, whatever its name or namespace is by now; null when it was deleted. */
export function tapName(fd: number): string | null {
  const ifr = encodeIfreq('x', 0);
  return c.libc().ioctl(fd, TUNGETIFF, ifr) < 0 ? null : decodeIfreq(ifr).name;
}
