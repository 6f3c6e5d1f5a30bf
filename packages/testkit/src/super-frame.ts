/** A TCP super-frame as a stack hands it to a device that segments: cut and checksummed by whoever sends it. */
import { CHECKSUM_PARTIAL, type NetDevice, SKB_GSO_TCPV4, type SkBuff } from '@etherloom/netcore';
import { l4VnetFrame } from './tcp-frame.ts';

const VNET_HDR = 10;
const TCP_AT = 34;
const TCP_CHECK_OFFSET = 16;

/** `payload` bytes in segments of `mss`; 54 bytes of headers. */
export function superFrame(dev: NetDevice, payload: number, mss: number): SkBuff {
  const frame = l4VnetFrame({ payload: new Uint8Array(payload) }, mss).subarray(VNET_HDR);
  const skb = dev.pool.alloc(frame.length)!;
  skb.buf.set(frame, skb.put(frame.length));
  skb.dev = dev;
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.data + TCP_AT;
  skb.csumOffset = TCP_CHECK_OFFSET;
  skb.gsoSize = mss;
  skb.gsoSegs = Math.ceil(payload / mss);
  skb.gsoType = SKB_GSO_TCPV4;
  return skb;
}
