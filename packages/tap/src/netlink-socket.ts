/**
 * NETLINK_ROUTE sockets. The kernel answers a request inside send(), so a request is synchronous and its
 * socket needs no event loop; the listener is non-blocking and only tells that something has changed.
 */
import type { NetError } from '@etherloom/netcore';
import { sysError } from './errno.ts';
import * as c from './libc.ts';
import {
  decodeError,
  decodeMessages,
  encodeMessage,
  malformed,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './netlink-message.ts';

const NETLINK_ROUTE = 0;
const RTMGRP_LINK = 1;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const RECV_SIZE = 65536;
const DUMP_TRIES = 5;

export interface Request {
  type: number;
  flags?: number;
  header: Buffer;
  attributes: Buffer[];
  /** What is being done, for the error text. */
  what: string;
  advice?: (errno: number) => string;
}

const noAdvice = (): string => '';

/** Opened in the calling thread's network namespace, and of that namespace for good. */
function openSocket(groups: number, extraType: number): number {
  const lib = c.libc();
  const fd = lib.socket(c.AF_NETLINK, c.SOCK_RAW | c.SOCK_CLOEXEC | extraType, NETLINK_ROUTE);
  if (fd < 0) throw sysError(lib.errno(), 'cannot open a netlink socket');
  const addr = Buffer.alloc(12);
  addr.writeUInt16LE(c.AF_NETLINK, 0);
  addr.writeUInt32LE(groups, 8);
  if (lib.bind(fd, addr, addr.length) < 0) {
    const errno = lib.errno();
    lib.close(fd);
    throw sysError(errno, 'cannot bind a netlink socket');
  }
  return fd;
}

export class NetlinkSocket {
  readonly #fd: number;
  readonly #buf = Buffer.allocUnsafeSlow(RECV_SIZE);
  #seq = 0;

  constructor() {
    this.#fd = openSocket(0, 0);
    const on = Buffer.from([1, 0, 0, 0]);
    // Older kernels lack these; then an error has no words of the kernel's own.
    c.libc().setsockopt(this.#fd, SOL_NETLINK, NETLINK_EXT_ACK, on, 4);
    c.libc().setsockopt(this.#fd, SOL_NETLINK, NETLINK_CAP_ACK, on, 4);
  }

  /** Sends one request and returns what came before its acknowledgement; throws the kernel's refusal. */
  request(req: Request): NetlinkMessage[] {
    const seq = ++this.#seq;
    const flags = NLM_F_REQUEST | NLM_F_ACK | (req.flags ?? 0);
    const bytes = encodeMessage(req.type, flags, seq, req.header, req.attributes);
    if (c.libc().send(this.#fd, bytes, bytes.length, 0) < 0) throw sysError(c.libc().errno(), req.what);
    const answers: NetlinkMessage[] = [];
    for (;;) {
      for (const message of this.#receive(req.what)) {
        if (message.seq !== seq) continue; // the rest of a request that failed half-way
        if (message.type !== NLMSG_ERROR) answers.push(message);
        else return this.#finish(decodeError(message, req.what, req.advice ?? noAdvice), answers);
      }
    }
  }

  /** Sends a request for all of a kind, and returns the payload of each answer; again when they changed meanwhile. */
  dump(req: Request): Buffer[] {
    for (let tries = DUMP_TRIES; ; tries--) {
      const { payloads, interrupted } = this.#dump(req);
      if (!interrupted || tries === 1) return payloads;
    }
  }

  #dump(req: Request): { payloads: Buffer[]; interrupted: boolean } {
    const seq = ++this.#seq;
    const bytes = encodeMessage(req.type, NLM_F_REQUEST | NLM_F_DUMP, seq, req.header, req.attributes);
    if (c.libc().send(this.#fd, bytes, bytes.length, 0) < 0) throw sysError(c.libc().errno(), req.what);
    const answers: NetlinkMessage[] = [];
    while (answers.at(-1)?.type !== NLMSG_DONE) {
      answers.push(...this.#receive(req.what).filter((message) => message.seq === seq));
      const refused = answers.find(({ type }) => type === NLMSG_ERROR);
      if (refused !== undefined) throw decodeError(refused, req.what, noAdvice) ?? malformed('dump', 0);
    }
    const interrupted = answers.some(({ flags }) => (flags & NLM_F_DUMP_INTR) !== 0);
    return { payloads: answers.slice(0, -1).map(({ payload }) => payload), interrupted };
  }

  #finish(error: NetError | null, answers: NetlinkMessage[]): NetlinkMessage[] {
    if (error !== null) throw error;
    return answers;
  }

  #receive(what: string): NetlinkMessage[] {
    for (;;) {
      const n = c.libc().recv(this.#fd, this.#buf, RECV_SIZE, 0);
      if (n >= 0) return decodeMessages(Buffer.from(this.#buf.subarray(0, n)));
      const errno = c.libc().errno();
      if (errno !== c.EINTR) throw sysError(errno, what);
    }
  }

  close(): void {
    c.libc().close(this.#fd);
  }
}

/** Link changes of a namespace: `fd` becomes readable, `drain` reports them. */
export class LinkListener {
  readonly fd: number;
  readonly #buf = Buffer.allocUnsafeSlow(RECV_SIZE);

  constructor() {
    this.fd = openSocket(RTMGRP_LINK, c.SOCK_NONBLOCK);
  }

  /** Hands every waiting message to `each`; false when the kernel had to drop some, so that anything may have changed. */
  drain(each: (message: NetlinkMessage) => void): boolean {
    let complete = true;
    for (;;) {
      const n = c.libc().recv(this.fd, this.#buf, RECV_SIZE, 0);
      if (n >= 0) {
        for (const message of decodeMessages(this.#buf.subarray(0, n))) each(message);
        continue;
      }
      const errno = c.libc().errno();
      if (errno === c.ENOBUFS) complete = false;
      else if (errno !== c.EINTR) return complete;
    }
  }

  close(): void {
    c.libc().close(this.fd);
  }
}
