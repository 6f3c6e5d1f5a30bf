/** A bound UDP port. cf. struct udp_sock */
import {
  copyBytes,
  INADDR_ANY,
  IPPROTO_UDP,
  IPV4_HLEN,
  IPV4_MAX_LEN,
  putUdp,
  UDP_HLEN,
} from '@etherloom/frame';
import { parseAddress } from './address.ts';
import { EACCES, EINVAL, EMSGSIZE, ENETUNREACH, ENOBUFS } from './errno.ts';
import { RTN_BROADCAST } from './fib.ts';
import type { Inet } from './inet.ts';
import { ipAlloc, ipPushOut } from './ip-output.ts';

export const UDP_MAX_PAYLOAD = IPV4_MAX_LEN - IPV4_HLEN - UDP_HLEN;

/** Lends buf[at, at + len) for the call. Addresses are numbers, signed (address.ts); formatIpv4 makes text of them. */
export type UdpMessageHandler = (
  buf: Uint8Array,
  at: number,
  len: number,
  saddr: number,
  sport: number,
  daddr: number,
) => void;

/** What was sent to `daddr` did not arrive: 'ECONNREFUSED' where nobody listens, 'EHOSTUNREACH' ... */
export type UdpErrorHandler = (code: string, daddr: number, dport: number) => void;

export class UdpSocket {
  readonly address: number;
  readonly port: number;
  /** May send to broadcast addresses. cf. SO_BROADCAST */
  readonly broadcast: boolean;
  onMessage: UdpMessageHandler | null = null;
  onError: UdpErrorHandler | null = null;
  readonly #inet: Inet;
  #open = true;

  /** Use inet.udpBind. */
  constructor(inet: Inet, address: number, port: number, broadcast: boolean) {
    this.#inet = inet;
    this.address = address;
    this.port = port;
    this.broadcast = broadcast;
  }

  /**
   * Sends a copy of buf[at, at + len): 0, or a negative errno (errnoName names it). With `dst` a number a short payload
   * allocates nothing, a long one a view that dies young (copyBytes).
   */
  send(buf: Uint8Array, dst: string | number, port: number, at = 0, len = buf.length - at): number {
    const daddr = typeof dst === 'number' ? dst | 0 : parseAddress(dst);
    if (!this.#open || daddr === null || port < 1 || port > 0xffff || len < 0) return -EINVAL;
    if (len > UDP_MAX_PAYLOAD) return -EMSGSIZE;
    const inet = this.#inet;
    if (inet.fib.lookup(daddr, this.address) < 0) {
      inet.stats.IpOutNoRoutes++;
      return -ENETUNREACH;
    }
    if (inet.fib.route.type === RTN_BROADCAST && !this.broadcast) return -EACCES;
    return this.#push(buf, at, len, daddr, port);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#inet.udp.unbind(this);
  }

  #push(buf: Uint8Array, at: number, len: number, daddr: number, port: number): number {
    const inet = this.#inet;
    const skb = ipAlloc(inet, UDP_HLEN + len);
    if (skb === null) return -ENOBUFS;
    const header = skb.transportHeader;
    copyBytes(buf, at, skb.buf, header + UDP_HLEN, len);
    putUdp(skb.buf, header, this.port, port, UDP_HLEN + len, inet.fib.route.saddr, daddr);
    inet.stats.UdpOutDatagrams++;
    return ipPushOut(inet, skb, daddr, IPPROTO_UDP, inet.defaultTtl, 0);
  }

  /** Whether a datagram to this address is this socket's. */
  accepts(daddr: number): boolean {
    return this.address === INADDR_ANY || this.address === daddr;
  }
}
