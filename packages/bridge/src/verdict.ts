/** What a bridge says of a frame: a port number, one of three floods, or a reason to drop. Integers, one counter each. */

/** Unknown unicast: every port that floods. */
export const FLOOD = -1;
export const FLOOD_MULTICAST = -2;
export const FLOOD_BROADCAST = -3;
/** Shorter than an Ethernet header. */
export const DROP_RUNT = -4;
/** A group address or zero as source. */
export const DROP_MAC_INVALID_SOURCE = -5;
/** The port it came from does not forward. */
export const DROP_INGRESS_PORT_NFWD = -6;
/** Its station is behind the port it came from. */
export const DROP_SAME_PORT = -7;
/** The port it would leave by does not forward. */
export const DROP_EGRESS_PORT_NFWD = -8;
/** From one isolated port to another. */
export const DROP_ISOLATED = -9;
/** An 802.3x pause frame, which no bridge forwards. */
export const DROP_MAC_CONTROL = -10;
/** An address of 01:80:c2:00:00:0x that ends at the bridge. */
export const DROP_LINK_LOCAL = -11;

export const VERDICT_NAMES = [
  'FLOOD',
  'FLOOD_MULTICAST',
  'FLOOD_BROADCAST',
  'RUNT',
  'MAC_INVALID_SOURCE',
  'BRIDGE_INGRESS_PORT_NFWD',
  'SAME_PORT',
  'BRIDGE_EGRESS_PORT_NFWD',
  'ISOLATED',
  'MAC_IEEE_MAC_CONTROL',
  'LINK_LOCAL',
] as const;

export function isFlood(verdict: number): boolean {
  return verdict < 0 && verdict >= FLOOD_BROADCAST;
}
