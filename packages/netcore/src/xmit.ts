/** Verdicts of the transmit path. cf. include/linux/netdevice.h */
export const NET_XMIT_SUCCESS = 0x00;
export const NET_XMIT_DROP = 0x01;
export const NET_XMIT_CN = 0x02;
export const NET_XMIT_MASK = 0x0f;

export const NETDEV_TX_OK = 0x00;
export const NETDEV_TX_BUSY = 0x10;
export type NetdevTx = number;

export const NET_RX_SUCCESS = 0;
export const NET_RX_DROP = 1;

/** devQueueXmit's answer for a queueless device that is down or stopped: -ENETDOWN. */
export const ENETDOWN = 100;

/** True when the driver has consumed the skb. */
export function devXmitComplete(rc: number): boolean {
  return rc < NET_XMIT_MASK;
}
