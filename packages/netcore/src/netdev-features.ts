/**
 * What a device does by itself with frames that are left unfinished: `dev.features`. cf. include/linux/netdev_features.h
 * Bit numbers are no ABI in the kernel; these are its own, but for UDP, whose bit 33 no int has.
 */
import { SKB_GSO_TCP_ECN, SKB_GSO_TCPV4, SKB_GSO_TCPV6, SKB_GSO_UDP_L4 } from './skbuff.ts';

/** Checksums of any protocol. */
export const NETIF_F_HW_CSUM = 1 << 3;
export const NETIF_F_TSO = 1 << 16;
export const NETIF_F_TSO_ECN = 1 << 18;
export const NETIF_F_TSO6 = 1 << 20;
export const NETIF_F_GSO_UDP_L4 = 1 << 30;

/** All that a virtio_net_hdr can say. */
export const NETIF_F_VNET =
  NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4;

/** As `ethtool -k` calls them. cf. netdev_features_strings */
export const NETDEV_FEATURES_STRINGS: Readonly<Record<string, number>> = {
  'tx-checksum-ip-generic': NETIF_F_HW_CSUM,
  'tx-tcp-segmentation': NETIF_F_TSO,
  'tx-tcp-ecn-segmentation': NETIF_F_TSO_ECN,
  'tx-tcp6-segmentation': NETIF_F_TSO6,
  'tx-udp-segmentation': NETIF_F_GSO_UDP_L4,
};

/** The features that a super-frame of this SKB_GSO_* type needs. cf. net_gso_ok */
export function gsoFeatures(gsoType: number): number {
  return (
    ((gsoType & SKB_GSO_TCPV4) === 0 ? 0 : NETIF_F_TSO) |
    ((gsoType & SKB_GSO_TCP_ECN) === 0 ? 0 : NETIF_F_TSO_ECN) |
    ((gsoType & SKB_GSO_TCPV6) === 0 ? 0 : NETIF_F_TSO6) |
    ((gsoType & SKB_GSO_UDP_L4) === 0 ? 0 : NETIF_F_GSO_UDP_L4)
  );
}
