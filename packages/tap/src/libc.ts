/**
 * The libc calls the TAP driver needs, bound by koffi (prebuilt, no compiler on the user's machine).
 *
 * koffi is loaded by the first call, not by the import, so that a machine without Linux can import this
 * package and only fails when it asks for a TAP.
 *
 * A buffer is passed as the number from `address()`: koffi would need a view (an allocation) to pass an
 * offset. A backing store never moves, so the number is good as long as the caller holds the buffer.
 */
import { createRequire } from 'node:module';
import { NetError } from '@etherloom/netcore';

export interface PollHandle {
  /** No calls until `start`, whatever is ready. */
  stop(): void;
  start(): void;
  close(): void;
}

export interface Libc {
  open(path: string, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, address: number, length: number): number;
  write(fd: number, address: number, length: number): number;
  /** From `count` iovecs at an address. */
  writev(fd: number, address: number, count: number): number;
  ioctl(fd: number, request: number, arg: Uint8Array): number;
  /** For requests whose argument is a number itself. */
  ioctlValue(fd: number, request: number, arg: number): number;
  setns(fd: number, type: number): number;
  unshare(flags: number): number;
  mount(source: string, target: string, type: string, flags: number, data: null): number;
  umount2(target: string, flags: number): number;
  socket(domain: number, type: number, protocol: number): number;
  /** Two fds into the first 8 bytes. */
  socketpair(domain: number, type: number, protocol: number, fds: Uint8Array): number;
  bind(fd: number, addr: Uint8Array, length: number): number;
  connect(fd: number, addr: Uint8Array, length: number): number;
  send(fd: number, buf: Uint8Array, length: number, flags: number): number;
  recv(fd: number, buf: Uint8Array, length: number, flags: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  /** The errno of the last call that failed. */
  errno(): number;
  /** Where a buffer lies in memory. About 0.15 us: cache it for a pooled buffer. */
  address(buf: Uint8Array): number;
  /** Calls back in every turn of the event loop in which `fd` can be read; status < 0 is a dead fd. */
  poll(fd: number, callback: (status: number) => void): PollHandle;
}

export const O_RDONLY = 0;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const CLONE_NEWNET = 0x40000000;
export const CLONE_NEWNS = 0x20000;
export const MS_RDONLY = 1;
export const MS_BIND = 4096;
export const MS_REC = 16384;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;
export const MNT_DETACH = 2;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = O_NONBLOCK;
export const SOCK_CLOEXEC = O_CLOEXEC;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const EIO = 5;
export const EBADFD = 77;
export const ENOBUFS = 105;

type Koffi = typeof import('koffi');

let bound: Libc | null = null;

/** The bindings; ENOSYS on any machine but Linux. */
export function libc(): Libc {
  bound ??= bind();
  return bound;
}

function bind(): Libc {
  if (process.platform !== 'linux') {
    throw new NetError(
      'ENOSYS',
      `a kernel stack needs Linux, this is ${process.platform}: use "stack: user", or run the node in a Linux container`,
    );
  }
  const koffi = loadKoffi();
  const self = koffi.load(null);
  return {
    open: self.func('int open(const char *, int, int)'),
    close: self.func('int close(int)'),
    read: self.func('int read(int, uintptr_t, int)'),
    write: self.func('int write(int, uintptr_t, int)'),
    writev: self.func('long writev(int, uintptr_t, int)'),
    ioctl: self.func('int ioctl(int, ulong, void *)'),
    ioctlValue: self.func('int ioctl(int, ulong, ulong)'),
    setns: self.func('int setns(int, int)'),
    unshare: self.func('int unshare(int)'),
    mount: self.func('int mount(const char *, const char *, const char *, ulong, void *)'),
    umount2: self.func('int umount2(const char *, int)'),
    socket: self.func('int socket(int, int, int)'),
    socketpair: self.func('int socketpair(int, int, int, void *)'),
    bind: self.func('int bind(int, void *, uint)'),
    connect: self.func('int connect(int, void *, uint)'),
    send: self.func('long send(int, void *, size_t, int)'),
    recv: self.func('long recv(int, void *, size_t, int)'),
    setsockopt: self.func('int setsockopt(int, int, int, void *, uint)'),
    errno: () => koffi.errno(),
    address: (buf) => Number(koffi.address(buf)),
    // The declared callback takes one argument; the native code passes (status, events).
    poll: (fd, callback) => {
      const events = { readable: true };
      const handle = koffi.node.poll(fd, events, callback as never);
      const start = () => handle.start(events, callback as never);
      return { start, stop: () => handle.stop(), close: () => handle.close() };
    },
  };
}

function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    throw noKoffi(cause);
  }
}

function noKoffi(cause: unknown): NetError {
  const text = `cannot load koffi for linux-${process.arch}: run "npm ci" again, optional dependencies included, or use "stack: user"`;
  return new NetError('ENOSYS', text, { cause });
}
