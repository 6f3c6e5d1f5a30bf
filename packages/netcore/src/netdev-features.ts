/**
 * What a device does by itself with frames that are left unfinished: `dev.features`. cf. include/linux/netdev_features.h
 * and __netdev_update_features, net/core/dev.c. Bit numbers are no ABI in the kernel; these are its own, but for the
 * two beyond bit 31, which no int has.
 */
import type { NetDevice } from './net-device.ts';
import { callNetdeviceNotifiers, NETDEV_FEAT_CHANGE } from './notifier.ts';
import { SKB_GSO_TCP_ECN, SKB_GSO_TCPV4, SKB_GSO_TCPV6, SKB_GSO_UDP_L4 } from './skbuff.ts';

/** Checksums of any protocol. */
export const NETIF_F_HW_CSUM = 1 << 3;
/** Received segments are gathered. */
export const NETIF_F_GRO = 1 << 14;
export const NETIF_F_TSO = 1 << 16;
export const NETIF_F_TSO_ECN = 1 << 18;
export const NETIF_F_TSO6 = 1 << 20;
/** Received datagrams of a UDP flow are gathered too. */
export const NETIF_F_GRO_UDP_FWD = 1 << 29;
export const NETIF_F_GSO_UDP_L4 = 1 << 30;

const NETIF_F_ALL_TSO = NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_TSO6;

/** All that a virtio_net_hdr can say. */
export const NETIF_F_VNET =
  NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4;

/** The features that a super-frame of this SKB_GSO_* type needs. cf. net_gso_ok */
export function gsoFeatures(gsoType: number): number {
  return (
    ((gsoType & SKB_GSO_TCPV4) === 0 ? 0 : NETIF_F_TSO) |
    ((gsoType & SKB_GSO_TCP_ECN) === 0 ? 0 : NETIF_F_TSO_ECN) |
    ((gsoType & SKB_GSO_TCPV6) === 0 ? 0 : NETIF_F_TSO6) |
    ((gsoType & SKB_GSO_UDP_L4) === 0 ? 0 : NETIF_F_GSO_UDP_L4)
  );
}

/**
 * Brings dev.features to what is wanted, as far as the hardware can (hwFeatures) and the driver agrees. Call it when
 * either changed; tells NETDEV_FEAT_CHANGE when anything did.
 */
export function netdevUpdateFeatures(dev: NetDevice): void {
  const asked = (dev.features & ~dev.hwFeatures) | (dev.wantedFeatures & dev.hwFeatures);
  const features = netdevFixFeatures(dev.netdevOps.ndoFixFeatures?.(dev, asked) ?? asked);
  if (features === dev.features) return;
  dev.netdevOps.ndoSetFeatures?.(dev, features);
  dev.features = features;
  callNetdeviceNotifiers(NETDEV_FEAT_CHANGE, dev);
}

/** What makes no sense without something else goes with it. cf. netdev_fix_features */
function netdevFixFeatures(asked: number): number {
  let features = asked;
  if ((features & NETIF_F_HW_CSUM) === 0) features &= ~(NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4);
  if ((features & NETIF_F_ALL_TSO) === NETIF_F_TSO_ECN) features &= ~NETIF_F_TSO_ECN;
  return features;
}
