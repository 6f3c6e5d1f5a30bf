/** Handing a frame from one device to another's receive path, as the far end of a wire would. cf. dev_forward_skb */
import { VLAN_HLEN } from '@etherloom/frame';
import { netifRx } from './backlog.ts';
import { SKB_DROP_REASON_DEV_READY, SKB_DROP_REASON_PKT_TOO_BIG } from './drop-reason.ts';
import { ethTypeTrans } from './ethernet.ts';
import { IFF_UP } from './if.ts';
import type { NetDevice } from './net-device.ts';
import { kfreeSkb } from './skb-pool.ts';
import { type SkBuff, skbIsGso } from './skbuff.ts';
import { NET_RX_DROP } from './xmit.ts';

/** A receiver that is up takes its MTU, an Ethernet header and a VLAN tag; of a super-frame, whatever its length. */
export function isSkbForwardable(dev: NetDevice, skb: SkBuff): boolean {
  if ((dev.flags & IFF_UP) === 0) return false;
  return skb.tail - skb.data <= dev.mtu + dev.hardHeaderLen + VLAN_HLEN || skbIsGso(skb);
}

/** Puts a frame, Ethernet header first, on dev's way up; NET_RX_DROP when it may not have it: counted there. */
export function devForwardSkb(dev: NetDevice, skb: SkBuff): number {
  if (!isSkbForwardable(dev, skb)) {
    const reason = (dev.flags & IFF_UP) === 0 ? SKB_DROP_REASON_DEV_READY : SKB_DROP_REASON_PKT_TOO_BIG;
    dev.stats.rxDropped++;
    skb.dev = dev;
    kfreeSkb(skb, reason);
    return NET_RX_DROP;
  }
  skb.priority = 0;
  if (skb.dev?.net !== dev.net) skb.mark = 0;
  skb.protocol = ethTypeTrans(skb, dev);
  return netifRx(skb);
}
