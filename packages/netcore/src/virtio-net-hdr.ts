/** virtio_net_hdr to skb and back. cf. virtio_net_hdr_to_skb and virtio_net_hdr_from_skb, include/linux/virtio_net.h */
import {
  putVnetNone,
  putVnetU16,
  VIRTIO_NET_HDR_F_DATA_VALID,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP_L4,
  VNET_CSUM_OFFSET,
  VNET_CSUM_START,
  VNET_FLAGS,
  VNET_GSO_SIZE,
  VNET_GSO_TYPE,
  VNET_HDR_LEN,
  vnetU16,
} from '@etherloom/frame';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_GSO_TCP_ECN,
  SKB_GSO_TCPV4,
  SKB_GSO_TCPV6,
  SKB_GSO_UDP_L4,
  type SkBuff,
  skbGsoHeaderLen,
} from './skbuff.ts';

/** Takes what the header at buf[at] says over to the skb, whose data is the frame. `segs`: the verdict of vnetCheck. */
export function virtioNetHdrToSkb(skb: SkBuff, buf: Uint8Array, at: number, segs: number): void {
  const flags = buf[at + VNET_FLAGS]!;
  if ((flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) === 0) {
    if ((flags & VIRTIO_NET_HDR_F_DATA_VALID) !== 0) skb.ipSummed = CHECKSUM_UNNECESSARY;
    return;
  }
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.data + vnetU16(buf, at + VNET_CSUM_START);
  skb.csumOffset = vnetU16(buf, at + VNET_CSUM_OFFSET);
  const type = buf[at + VNET_GSO_TYPE]!;
  if (type === VIRTIO_NET_HDR_GSO_NONE) return;
  skb.gsoType = skbGsoTypeOf(type);
  skb.gsoSize = vnetU16(buf, at + VNET_GSO_SIZE);
  skb.gsoSegs = segs;
}

/** Writes the header of the skb, whose data begins with its Ethernet header, to buf[at]. */
export function virtioNetHdrFromSkb(skb: SkBuff, buf: Uint8Array, at: number): void {
  putVnetNone(buf, at);
  if (skb.ipSummed === CHECKSUM_NONE) return;
  if (skb.ipSummed !== CHECKSUM_PARTIAL) {
    buf[at + VNET_FLAGS] = VIRTIO_NET_HDR_F_DATA_VALID;
    return;
  }
  buf[at + VNET_FLAGS] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  putVnetU16(buf, at + VNET_CSUM_START, skb.csumStart - skb.data);
  putVnetU16(buf, at + VNET_CSUM_OFFSET, skb.csumOffset);
  if (skb.gsoSize === 0) return;
  buf[at + VNET_GSO_TYPE] = vnetGsoTypeOf(skb.gsoType);
  putVnetU16(buf, at + VNET_GSO_SIZE, skb.gsoSize);
  putVnetU16(buf, at + VNET_HDR_LEN, skbGsoHeaderLen(skb));
}

function skbGsoTypeOf(type: number): number {
  const ecn = (type & VIRTIO_NET_HDR_GSO_ECN) === 0 ? 0 : SKB_GSO_TCP_ECN;
  switch (type & ~VIRTIO_NET_HDR_GSO_ECN) {
    case VIRTIO_NET_HDR_GSO_TCPV4:
      return SKB_GSO_TCPV4 | ecn;
    case VIRTIO_NET_HDR_GSO_TCPV6:
      return SKB_GSO_TCPV6 | ecn;
    default:
      return SKB_GSO_UDP_L4;
  }
}

function vnetGsoTypeOf(type: number): number {
  if ((type & SKB_GSO_UDP_L4) !== 0) return VIRTIO_NET_HDR_GSO_UDP_L4;
  const ecn = (type & SKB_GSO_TCP_ECN) === 0 ? 0 : VIRTIO_NET_HDR_GSO_ECN;
  return ecn | ((type & SKB_GSO_TCPV4) === 0 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4);
}
