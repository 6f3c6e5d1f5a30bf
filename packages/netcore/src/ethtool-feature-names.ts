/** Features by the names that `ethtool -k` prints and `ethtool -K` takes. cf. netdev_features_strings, and ethtool's own off_flag_def */
import {
  NETIF_F_GRO,
  NETIF_F_GRO_UDP_FWD,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
  NETIF_F_TSO6,
} from './netdev-features.ts';

/** Those that we have by bit; a name that is missing here is off, for good. */
export const NETDEV_FEATURES_STRINGS: Readonly<Record<string, number>> = {
  'tx-checksum-ip-generic': NETIF_F_HW_CSUM,
  'tx-tcp-segmentation': NETIF_F_TSO,
  'tx-tcp-ecn-segmentation': NETIF_F_TSO_ECN,
  'tx-tcp6-segmentation': NETIF_F_TSO6,
  'generic-receive-offload': NETIF_F_GRO,
  'tx-udp-segmentation': NETIF_F_GSO_UDP_L4,
  'rx-udp-gro-forwarding': NETIF_F_GRO_UDP_FWD,
};

/** On of every device, for good: the core cuts what a device cannot send. */
export const ALWAYS_ON = 'generic-segmentation-offload';

/** A line that sums up the lines after it. */
export const FEATURE_GROUPS: Readonly<Record<string, readonly string[]>> = {
  'tx-checksumming': [
    'tx-checksum-ipv4',
    'tx-checksum-ip-generic',
    'tx-checksum-ipv6',
    'tx-checksum-fcoe-crc',
    'tx-checksum-sctp',
  ],
  'scatter-gather': ['tx-scatter-gather', 'tx-scatter-gather-fraglist'],
  'tcp-segmentation-offload': [
    'tx-tcp-segmentation',
    'tx-tcp-ecn-segmentation',
    'tx-tcp-mangleid-segmentation',
    'tx-tcp6-segmentation',
    'tx-tcp-accecn-segmentation',
  ],
};

/** Other names of the same: the kernel's own, and the short ones of `ethtool -K`. */
export const FEATURE_ALIASES: Readonly<Record<string, string>> = {
  rx: 'rx-checksumming',
  'rx-checksum': 'rx-checksumming',
  tx: 'tx-checksumming',
  sg: 'scatter-gather',
  tso: 'tcp-segmentation-offload',
  gso: 'generic-segmentation-offload',
  'tx-generic-segmentation': 'generic-segmentation-offload',
  gro: 'generic-receive-offload',
  'rx-gro': 'generic-receive-offload',
  lro: 'large-receive-offload',
  'rx-lro': 'large-receive-offload',
  rxvlan: 'rx-vlan-offload',
  'rx-vlan-hw-parse': 'rx-vlan-offload',
  txvlan: 'tx-vlan-offload',
  'tx-vlan-hw-insert': 'tx-vlan-offload',
  ntuple: 'ntuple-filters',
  'rx-ntuple-filter': 'ntuple-filters',
  rxhash: 'receive-hashing',
  'rx-hashing': 'receive-hashing',
};

/** Every line of `ethtool -k` of a 6.18 kernel, in its order. */
export const FEATURE_LINES: readonly string[] = [
  'rx-checksumming',
  'tx-checksumming',
  ...FEATURE_GROUPS['tx-checksumming']!,
  'scatter-gather',
  ...FEATURE_GROUPS['scatter-gather']!,
  'tcp-segmentation-offload',
  ...FEATURE_GROUPS['tcp-segmentation-offload']!,
  'generic-segmentation-offload',
  'generic-receive-offload',
  'large-receive-offload',
  'rx-vlan-offload',
  'tx-vlan-offload',
  'ntuple-filters',
  'receive-hashing',
  'highdma',
  'rx-vlan-filter',
  'vlan-challenged',
  'tx-gso-robust',
  'tx-fcoe-segmentation',
  'tx-gre-segmentation',
  'tx-gre-csum-segmentation',
  'tx-ipxip4-segmentation',
  'tx-ipxip6-segmentation',
  'tx-udp_tnl-segmentation',
  'tx-udp_tnl-csum-segmentation',
  'tx-gso-partial',
  'tx-tunnel-remcsum-segmentation',
  'tx-sctp-segmentation',
  'tx-esp-segmentation',
  'tx-udp-segmentation',
  'tx-gso-list',
  'tx-nocache-copy',
  'loopback',
  'rx-fcs',
  'rx-all',
  'tx-vlan-stag-hw-insert',
  'rx-vlan-stag-hw-parse',
  'rx-vlan-stag-filter',
  'l2-fwd-offload',
  'hw-tc-offload',
  'esp-hw-offload',
  'esp-tx-csum-hw-offload',
  'rx-udp_tunnel-port-offload',
  'tls-hw-tx-offload',
  'tls-hw-rx-offload',
  'rx-gro-hw',
  'tls-hw-record',
  'rx-gro-list',
  'macsec-hw-offload',
  'rx-udp-gro-forwarding',
  'hsr-tag-ins-offload',
  'hsr-tag-rm-offload',
  'hsr-fwd-offload',
  'hsr-dup-offload',
];
