/** struct virtio_net_hdr: what a frame needs done before it is one for the wire. cf. include/uapi/linux/virtio_net.h */

export const VIRTIO_NET_HDR_LEN = 10;

/** Checksum from csum_start to the end, to be written at csum_start + csum_offset, where the pseudo header's sum is. */
export const VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;

export const VIRTIO_NET_HDR_GSO_NONE = 0;
export const VIRTIO_NET_HDR_GSO_TCPV4 = 1;
export const VIRTIO_NET_HDR_GSO_TCPV6 = 4;
export const VIRTIO_NET_HDR_GSO_UDP_L4 = 5;
/** A bit beside the type: the segments are of an ECN flow, and the first alone says CWR. */
export const VIRTIO_NET_HDR_GSO_ECN = 0x80;

/** Field offsets. Numbers are little endian, as tun has them by default where Linux runs these days. */
export const VNET_FLAGS = 0;
export const VNET_GSO_TYPE = 1;
export const VNET_HDR_LEN = 2;
export const VNET_GSO_SIZE = 4;
export const VNET_CSUM_START = 6;
export const VNET_CSUM_OFFSET = 8;

export function vnetU16(buf: Uint8Array, at: number): number {
  return buf[at]! | (buf[at + 1]! << 8);
}

/** A header that asks for nothing: the frame behind it is as it was on the wire. */
export function putVnetNone(buf: Uint8Array, at: number): void {
  for (let i = 0; i < VIRTIO_NET_HDR_LEN; i++) buf[at + i] = 0;
}

/** A header of a super-frame whose checksums are whole. */
export function putVnetGso(
  buf: Uint8Array,
  at: number,
  gsoType: number,
  hdrLen: number,
  gsoSize: number,
): void {
  putVnetNone(buf, at);
  buf[at + VNET_GSO_TYPE] = gsoType;
  buf[at + VNET_HDR_LEN] = hdrLen;
  buf[at + VNET_HDR_LEN + 1] = hdrLen >>> 8;
  buf[at + VNET_GSO_SIZE] = gsoSize;
  buf[at + VNET_GSO_SIZE + 1] = gsoSize >>> 8;
}
