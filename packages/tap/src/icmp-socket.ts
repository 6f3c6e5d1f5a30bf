/**
 * A socket that sends ICMP echoes to one target. SOCK_DGRAM needs no privilege but a sysctl
 * (net.ipv4.ping_group_range), SOCK_RAW needs CAP_NET_RAW: whichever the machine gives.
 */
import type { NetError } from '@etherloom/netcore';
import { ipBytes } from './address-message.ts';
import { errnoName, sysError } from './errno.ts';
import { decodeEchoReply, encodeEchoRequest } from './icmp-message.ts';
import * as c from './libc.ts';

const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const RECV_SIZE = 65536 + 60;

export class IcmpSocket {
  readonly fd: number;
  readonly #family: number;
  readonly #raw: boolean;
  readonly #id: number;
  readonly #buf = Buffer.allocUnsafeSlow(RECV_SIZE);

  /** Opens in the calling thread's network namespace. */
  constructor(target: string, id: number) {
    const bytes = ipBytes(target);
    this.#id = id;
    this.#family = bytes.length === 4 ? c.AF_INET : c.AF_INET6;
    const [fd, raw] = openEither(this.#family);
    this.fd = fd;
    this.#raw = raw;
    const addr = sockaddr(this.#family, bytes);
    if (c.libc().connect(fd, addr, addr.length) < 0) {
      const errno = c.libc().errno();
      c.libc().close(fd);
      throw sysError(errno, `cannot ping ${target}`);
    }
  }

  /** Sends echo `seq`; the errno name when the kernel refuses it (EHOSTUNREACH, ENETDOWN ...), else null. */
  send(seq: number, size: number): string | null {
    const packet = encodeEchoRequest(this.#family, this.#id, seq, size);
    return c.libc().send(this.fd, packet, packet.length, 0) < 0 ? errnoName(c.libc().errno()) : null;
  }

  /** Hands out what has arrived: the sequence numbers of replies, the errno name of an ICMP error. */
  drain(reply: (seq: number) => void, failed: (errno: string) => void): void {
    for (;;) {
      const n = c.libc().recv(this.fd, this.#buf, RECV_SIZE, 0);
      if (n < 0) {
        const errno = c.libc().errno();
        if (errno !== c.EAGAIN) failed(errnoName(errno));
        return;
      }
      const seq = decodeEchoReply(this.#family, this.#raw, this.#id, this.#buf.subarray(0, n));
      if (seq >= 0) reply(seq);
    }
  }

  close(): void {
    c.libc().close(this.fd);
  }
}

function openEither(family: number): [fd: number, raw: boolean] {
  const protocol = family === c.AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const flags = c.SOCK_NONBLOCK | c.SOCK_CLOEXEC;
  const dgram = c.libc().socket(family, c.SOCK_DGRAM | flags, protocol);
  if (dgram >= 0) return [dgram, false];
  const raw = c.libc().socket(family, c.SOCK_RAW | flags, protocol);
  if (raw < 0) throw refused(c.libc().errno());
  return [raw, true];
}

function refused(errno: number): NetError {
  return sysError(
    errno,
    'cannot open an ICMP socket',
    errno === c.EPERM
      ? 'add "cap_add: [NET_RAW]", or set the sysctl net.ipv4.ping_group_range="0 2147483647"'
      : '',
  );
}

function sockaddr(family: number, bytes: Buffer): Buffer {
  const out = Buffer.alloc(family === c.AF_INET ? 16 : 28);
  out.writeUInt16LE(family, 0);
  out.set(bytes, family === c.AF_INET ? 4 : 8);
  return out;
}
