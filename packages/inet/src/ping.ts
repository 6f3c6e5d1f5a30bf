/** ping: echo requests, and the replies and errors that belong to them. cf. net/ipv4/ping.c and iputils' ping */
import {
  getU16,
  ICMP_ECHO,
  ICMP_ECHO_ID,
  ICMP_ECHO_SEQ,
  ICMP_HLEN,
  INADDR_ANY,
  IP_DF,
  IPPROTO_ICMP,
  IPV4_HLEN,
  IPV4_MAX_LEN,
  icmpEchoId,
  icmpEchoSeq,
  icmpType,
  putIcmp,
} from '@etherloom/frame';
import { NetError, type SkBuff } from '@etherloom/netcore';
import { ipDaddr, ipSaddr, parseAddress } from './address.ts';
import { EMSGSIZE, ENETUNREACH, ENOBUFS, errnoName } from './errno.ts';
import { icmpRcv } from './icmp.ts';
import { icmpErrorText } from './icmp-error.ts';
import type { Inet } from './inet.ts';
import { ipAlloc, ipPushOut } from './ip-output.ts';
import { type PingResult, PingRun } from './ping-run.ts';
import type { Protocol } from './protocol.ts';

export const PING_MAX_SIZE = IPV4_MAX_LEN - IPV4_HLEN - ICMP_HLEN;

export interface PingOptions {
  /** Requests to send: 1 to 65535. */
  count?: number | undefined;
  /** Seconds from one request to the next, whether or not it was answered. */
  interval?: number | undefined;
  /** Bytes behind the ICMP header. */
  size?: number | undefined;
  /** Seconds each request may take. */
  timeout?: number | undefined;
  ttl?: number | undefined;
  /** Do not let the request be fragmented: too long is an error. */
  dontFragment?: boolean | undefined;
}

/** The part of AbortSignal that is used; a pure package has no DOM types. */
export interface PingSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The runs under way, by echo identifier. */
interface Running {
  readonly run: PingRun;
  readonly abort: (reason: unknown) => void;
}

export class PingTable {
  readonly #runs = new Map<number, Running>();

  /** An echo reply; false when nobody asked. Borrows. */
  reply(skb: SkBuff): boolean {
    const run = this.#runs.get(icmpEchoId(skb.buf, skb.data))?.run;
    if (run === undefined || ipSaddr(skb.buf, skb.networkHeader) !== run.plan.daddr) return false;
    run.reply(icmpEchoSeq(skb.buf, skb.data));
    return true;
  }

  /** An error about a request, quoted at `ip`. */
  fail(id: number, seq: number, daddr: number, reason: string): boolean {
    const run = this.#runs.get(id)?.run;
    if (run === undefined || run.plan.daddr !== daddr) return false;
    run.fail(seq, reason);
    return true;
  }

  /** An identifier that no run has. */
  newId(random: number): number {
    let id = Math.floor(random * 0x10000);
    while (this.#runs.has(id)) id = (id + 1) & 0xffff;
    return id;
  }

  /** `abort` ends the run early and rejects it. */
  add(run: PingRun, abort: (reason: unknown) => void): void {
    this.#runs.set(run.plan.id, { run, abort });
  }

  /** The stack stops: nothing more will be heard. */
  abortAll(reason: unknown): void {
    for (const { abort } of [...this.#runs.values()]) abort(reason);
  }

  del(run: PingRun): void {
    this.#runs.delete(run.plan.id);
  }
}

/** Rejects bad input; what the network does is in the result. An aborted run rejects with the signal's reason, one whose stack stops with ENETDOWN. */
export function ping(
  inet: Inet,
  target: string,
  options: PingOptions,
  signal?: PingSignal,
): Promise<PingResult> {
  return new Promise((resolve, reject) => {
    const { daddr, count, interval, timeout, size, ttl, df } = pingArguments(inet, target, options);
    const plan = { id: inet.pings.newId(inet.host.random()), daddr, count, interval, timeout };
    const send = (seq: number) => sendEcho(inet, daddr, plan.id, seq, size, ttl, df);
    const finish = () => {
      inet.pings.del(run);
      signal?.removeEventListener('abort', onAbort);
    };
    const run = new PingRun(inet.host, plan, send, () => {
      finish();
      resolve(run.result());
    });
    const abort = (reason: unknown) => {
      run.stop();
      finish();
      reject(reason);
    };
    const onAbort = () => abort(signal?.reason);
    if (signal?.aborted === true) {
      onAbort();
      return;
    }
    signal?.addEventListener('abort', onAbort);
    inet.pings.add(run, abort);
    run.start();
  });
}

function pingArguments(inet: Inet, target: string, options: PingOptions) {
  return {
    daddr: parseTarget(target),
    count: within('count', options.count ?? 4, 1, 0xffff, true),
    size: within('size', options.size ?? 56, 0, PING_MAX_SIZE, true),
    ttl: within('ttl', options.ttl ?? inet.defaultTtl, 1, 255, true),
    interval: within('interval', options.interval ?? 1, 0, 3600, false) * 1000,
    timeout: within('timeout', options.timeout ?? 1, 0.001, 3600, false) * 1000,
    df: options.dontFragment === true ? IP_DF : 0,
  };
}

function parseTarget(target: string): number {
  const daddr = parseAddress(target);
  if (daddr !== null && daddr !== INADDR_ANY) return daddr;
  if (target.includes(':')) {
    throw new NetError(
      'EAFNOSUPPORT',
      `ping ${target}: the user stack has no IPv6; use a node with "stack: kernel"`,
    );
  }
  throw new NetError('EINVAL', `ping ${target}: not the IPv4 address of a host`);
}

function within(name: string, value: number, min: number, max: number, integer: boolean): number {
  if (value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
  const kind = integer ? 'an integer' : 'a number';
  throw new NetError('EINVAL', `ping ${name} ${value}: give ${kind} from ${min} to ${max}`);
}

/** Null, or why it could not be sent. */
function sendEcho(
  inet: Inet,
  daddr: number,
  id: number,
  seq: number,
  size: number,
  ttl: number,
  df: number,
): string | null {
  if (inet.fib.lookup(daddr, INADDR_ANY) < 0) {
    inet.stats.IpOutNoRoutes++;
    return sendErrorText(inet, ENETUNREACH);
  }
  const skb = ipAlloc(inet, ICMP_HLEN + size);
  if (skb === null) return sendErrorText(inet, ENOBUFS);
  const at = skb.transportHeader;
  for (let i = 0; i < size; i++) skb.buf[at + ICMP_HLEN + i] = i; // the pattern iputils sends
  putIcmp(skb.buf, at, ICMP_ECHO, 0, ((id << 16) | seq) >>> 0, ICMP_HLEN + size);
  inet.stats.IcmpOutMsgs++;
  inet.stats.IcmpOutEchos++;
  const rc = ipPushOut(inet, skb, daddr, IPPROTO_ICMP, ttl, df);
  return rc < 0 ? sendErrorText(inet, -rc) : null;
}

function sendErrorText(inet: Inet, errno: number): string {
  switch (errno) {
    case ENETUNREACH:
      return 'Network is unreachable';
    case EMSGSIZE:
      return `message too long, mtu=${inet.fib.route.idev?.dev.mtu ?? 0}`;
    case ENOBUFS:
      return 'No buffer space available';
    default:
      return errnoName(errno);
  }
}

function icmpErr(
  inet: Inet,
  buf: Uint8Array,
  ip: number,
  l4: number,
  type: number,
  code: number,
  info: number,
): boolean {
  if (icmpType(buf, l4) !== ICMP_ECHO) return false;
  const reason = icmpErrorText(type, code, info);
  const id = getU16(buf, l4 + ICMP_ECHO_ID);
  return inet.pings.fail(id, getU16(buf, l4 + ICMP_ECHO_SEQ), ipDaddr(buf, ip), reason);
}

export const icmpProtocol: Protocol = { rcv: icmpRcv, err: icmpErr };
