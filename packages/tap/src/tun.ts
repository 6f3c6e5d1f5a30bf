/** /dev/net/tun: making a TAP interface, and the ioctls on its file descriptor. cf. drivers/net/tun.c */
import { endianness } from 'node:os';
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
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETLE = 0x400454dc;
const TUN_F_CSUM = 0x01;
const TUN_F_TSO4 = 0x02;
const TUN_F_TSO6 = 0x04;
const TUN_F_TSO_ECN = 0x08;
/** From Linux 6.2 on, and only both. */
const TUN_F_USO = 0x20 | 0x40;
/** What to ask for: the first that the kernel grants. */
const OFFLOADS = [TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN]
  .flatMap((tso) => [tso | TUN_F_USO, tso])
  .concat(TUN_F_CSUM);
const TUN_PATH = '/dev/net/tun';

export interface OpenedTap {
  readonly fd: number;
  /** Frames come and go behind a virtio_net_hdr. */
  readonly vnet: boolean;
  /** It takes and gives UDP super-frames. */
  readonly uso: boolean;
}

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

/**
 * Makes interface `name` as openTap does, each frame behind a virtio_net_hdr, and has Linux leave checksums and the
 * cutting of super-frames to us. Where the kernel has no such thing it is an ordinary one: `vnet` says which.
 */
export function openOffloadingTap(name: string): OpenedTap {
  const fd = tryVnetTap(name);
  if (fd < 0) return openPlainTap(name);
  const lib = c.libc();
  if (!setVnetLittleEndian(fd)) {
    lib.close(fd);
    return openPlainTap(name);
  }
  // None granted: whole frames, and that is well.
  const granted = OFFLOADS.find((offload) => lib.ioctlValue(fd, TUNSETOFFLOAD, offload) === 0) ?? 0;
  return { fd, vnet: true, uso: (granted & TUN_F_USO) !== 0 };
}

export function openPlainTap(name: string): OpenedTap {
  return { fd: openTap(name), vnet: false, uso: false };
}

/** -1 when the kernel knows no IFF_VNET_HDR. */
function tryVnetTap(name: string): number {
  try {
    return openTap(name, IFF_VNET_HDR);
  } catch (error) {
    if (error instanceof NetError && error.code === 'EINVAL') return -1;
    throw error;
  }
}

function setVnetLittleEndian(fd: number): boolean {
  const on = Buffer.from(Int32Array.of(1).buffer);
  return c.libc().ioctl(fd, TUNSETVNETLE, on) === 0 || endianness() === 'LE';
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
