/** UDP: ports, and what comes in for them. cf. net/ipv4/udp.c */
import {
  formatIpv4,
  getU16,
  ICMP_DEST_UNREACH,
  ICMP_PORT_UNREACH,
  INADDR_ANY,
  ipv4IsLoopback,
  UDP_DEST,
  UDP_HLEN,
  UDP_SOURCE,
  udpChecksumOk,
  udpDest,
  udpLen,
  udpSource,
} from '@etherloom/frame';
import {
  CHECKSUM_NONE,
  consumeSkb,
  kfreeSkb,
  NetError,
  SKB_DROP_REASON_NO_SOCKET,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_UDP_CSUM,
  SKB_NOT_DROPPED_YET,
  type SkBuff,
  type SkbDropReason,
} from '@etherloom/netcore';
import { ipDaddr, ipSaddr, parseAddress } from './address.ts';
import { errnoName } from './errno.ts';
import { RTN_LOCAL } from './fib.ts';
import { icmpErrno } from './icmp-error.ts';
import { icmpSend } from './icmp-send.ts';
import type { Inet } from './inet.ts';
import type { Protocol } from './protocol.ts';
import { UdpSocket } from './udp-socket.ts';

/** cf. net.ipv4.ip_local_port_range */
const EPHEMERAL_FIRST = 32768;
const EPHEMERAL_LAST = 60999;

export interface UdpBindOptions {
  /** One of our addresses; all of them when it is not given. */
  address?: string;
  /** A free port from the ephemeral range when it is not given, or 0. */
  port?: number;
  broadcast?: boolean;
}

/** The sockets by port. cf. struct udp_table */
export class UdpTable {
  readonly #ports = new Map<number, UdpSocket[]>();

  bind(inet: Inet, options: UdpBindOptions): UdpSocket {
    const address = bindAddress(inet, options.address);
    const port = options.port ?? 0;
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
      throw new NetError('EINVAL', `UDP port ${port}: give an integer from 0 to 65535`);
    }
    const socket = new UdpSocket(
      inet,
      address,
      port === 0 ? this.#ephemeral(inet, address) : port,
      options.broadcast ?? false,
    );
    if (!this.#isFree(address, socket.port)) {
      throw new NetError(
        'EADDRINUSE',
        `UDP port ${socket.port} on ${formatIpv4(address)} is taken: close its socket, or bind port 0 for a free one`,
      );
    }
    const sockets = this.#ports.get(socket.port);
    if (sockets === undefined) this.#ports.set(socket.port, [socket]);
    else sockets.push(socket);
    return socket;
  }

  unbind(socket: UdpSocket): void {
    const rest = (this.#ports.get(socket.port) ?? []).filter((other) => other !== socket);
    if (rest.length === 0) this.#ports.delete(socket.port);
    else this.#ports.set(socket.port, rest);
  }

  /** The socket bound to the address itself, else the one bound to all. */
  lookup(daddr: number, port: number): UdpSocket | null {
    const sockets = this.#ports.get(port);
    if (sockets === undefined) return null;
    let any: UdpSocket | null = null;
    for (const socket of sockets) {
      if (socket.address === daddr) return socket;
      if (socket.address === INADDR_ANY) any = socket;
    }
    return any;
  }

  #isFree(address: number, port: number): boolean {
    const sockets = this.#ports.get(port);
    if (sockets === undefined) return true;
    return address !== INADDR_ANY && !sockets.some((socket) => socket.accepts(address));
  }

  #ephemeral(inet: Inet, address: number): number {
    const range = EPHEMERAL_LAST - EPHEMERAL_FIRST + 1;
    const start = Math.floor(inet.host.random() * range);
    for (let i = 0; i < range; i++) {
      const port = EPHEMERAL_FIRST + ((start + i) % range);
      if (this.#isFree(address, port)) return port;
    }
    throw new NetError(
      'EADDRINUSE',
      `no free UDP port from ${EPHEMERAL_FIRST} to ${EPHEMERAL_LAST}: close sockets`,
    );
  }
}

function bindAddress(inet: Inet, text: string | undefined): number {
  if (text === undefined) return INADDR_ANY;
  const address = parseAddress(text);
  if (address === null) throw new NetError('EINVAL', `bind ${text}: not an IPv4 address`);
  if (address !== INADDR_ANY && !ipv4IsLoopback(address) && inet.fib.findLocal(address) === null) {
    throw new NetError('EADDRNOTAVAIL', `bind ${text}: no device that is up has this address; add it first`);
  }
  return address;
}

/** Consumes. */
function udpRcv(inet: Inet, skb: SkBuff): void {
  const reason = udpCheck(inet, skb);
  if (reason !== SKB_NOT_DROPPED_YET) {
    inet.stats.UdpInErrors++;
    kfreeSkb(skb, reason);
  } else if (udpDeliver(inet, skb)) {
    inet.stats.UdpInDatagrams++;
    consumeSkb(skb);
  } else {
    inet.stats.UdpNoPorts++;
    icmpSend(inet, skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
    kfreeSkb(skb, SKB_DROP_REASON_NO_SOCKET);
  }
}

function udpCheck(inet: Inet, skb: SkBuff): SkbDropReason {
  if (skb.len < UDP_HLEN) return SKB_DROP_REASON_PKT_TOO_SMALL;
  const len = udpLen(skb.buf, skb.data);
  if (len < UDP_HLEN || len > skb.len) return SKB_DROP_REASON_PKT_TOO_SMALL;
  skb.trim(len);
  if (skb.ipSummed !== CHECKSUM_NONE) return SKB_NOT_DROPPED_YET; // cf. skb_csum_unnecessary
  const ip = skb.networkHeader;
  if (udpChecksumOk(skb.buf, skb.data, len, ipSaddr(skb.buf, ip), ipDaddr(skb.buf, ip))) {
    return SKB_NOT_DROPPED_YET;
  }
  inet.stats.UdpInCsumErrors++;
  return SKB_DROP_REASON_UDP_CSUM;
}

/** Borrows; false when nobody listens. A broadcast goes to the socket bound to all addresses. */
function udpDeliver(inet: Inet, skb: SkBuff): boolean {
  const { buf, data, networkHeader: ip } = skb;
  const daddr = ipDaddr(buf, ip);
  const socket = inet.udp.lookup(
    inet.fib.addrType(daddr) === RTN_LOCAL ? daddr : INADDR_ANY,
    udpDest(buf, data),
  );
  if (socket === null) return false;
  socket.onMessage?.(buf, data + UDP_HLEN, skb.len - UDP_HLEN, ipSaddr(buf, ip), udpSource(buf, data), daddr);
  return true;
}

function udpErr(inet: Inet, buf: Uint8Array, ip: number, l4: number, type: number, code: number): boolean {
  const socket = inet.udp.lookup(ipSaddr(buf, ip), getU16(buf, l4 + UDP_SOURCE));
  if (socket === null) return false;
  socket.onError?.(errnoName(icmpErrno(type, code)), ipDaddr(buf, ip), getU16(buf, l4 + UDP_DEST));
  return true;
}

export const udpProtocol: Protocol = { rcv: udpRcv, err: udpErr };
