/** What sits on IPv4, by protocol number. cf. struct net_protocol */
import type { SkBuff } from '@etherloom/netcore';
import type { Inet } from './inet.ts';

export interface Protocol {
  /** A datagram for us: skb.data is at its header, skb.networkHeader at IP's. Consumes. */
  rcv(inet: Inet, skb: SkBuff): void;
  /**
   * An ICMP error about a packet of ours, quoted at `ip` with its own header at `l4` (8 bytes are there).
   * True when somebody cared. Borrows.
   */
  err(inet: Inet, buf: Uint8Array, ip: number, l4: number, type: number, code: number, info: number): boolean;
}
