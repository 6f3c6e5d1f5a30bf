/**
 * What a driver file imports: the card, and the kernel's calls under their own names. Those that take an skb, add a
 * NAPI instance or stop a queue are the checker's; all others are netcore's own.
 */

export { ETH_HLEN, ETH_MAX_MTU, ETH_ZLEN, VLAN_HLEN } from '@etherloom/frame';
export {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  devGetStats,
  type EthtoolCoalesce,
  type EthtoolDrvinfo,
  type EthtoolOps,
  type EthtoolRingparam,
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  ethTypeTrans,
  ethValidateAddr,
  IFF_LIVE_ADDR_CHANGE,
  IFF_MULTICAST,
  IFF_NO_QUEUE,
  IFF_NOARP,
  NAPI_POLL_WEIGHT,
  type Napi,
  type NapiPoll,
  NET_RX_DROP,
  NET_RX_SUCCESS,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  NetdevQueue,
  type NetdevTx,
  NetError,
  netdevTxResetQueue,
  netdevTxSentQueue,
  netdevXmitMore,
  netifCarrierOff,
  netifCarrierOk,
  netifCarrierOn,
  netifDevicePresent,
  netifQueueStopped,
  netifRunning,
  netifStartQueue,
  netifTxQueueStopped,
  netifTxStartQueue,
  netifTxWakeQueue,
  netifWakeQueue,
  netifXmitStopped,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PtrRing,
  type RtnlLinkOps,
  RtnlLinkStats64,
  registerNetdev,
  SKB_DROP_REASON_DEV_CARRIER,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_BIG,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_QUEUE_PURGE,
  SkBuff,
  type SkbDropReason,
  SkbQueue,
  skbCloned,
  skbShared,
  unregisterNetdev,
} from '@etherloom/netcore';
export {
  consumeSkb,
  devForwardSkb,
  ethSkbPad,
  kfreeSkb,
  napiGroReceive,
  netdevTxCompletedQueue,
  netifReceiveSkb,
  netifRx,
  netifStopQueue,
  netifTxStopQueue,
} from './checker/checked-calls.ts';
export { netifNapiAdd } from './checker/checked-napi.ts';
export { Checker, type CheckerOptions, type DriverReport, reportLine } from './checker/checker.ts';
export { RULE_NAMES, RULES, type Rule } from './checker/rules.ts';
export { type IsDriver, placeOf, thrownText } from './checker/where.ts';
export { type LabLink, type LabLinkOps, type LabLinkOptions, labNewLink } from './lab-link.ts';
export { LabNic } from './nic/lab-nic.ts';
export { NIC_COUNTER_NAMES, NicCounters } from './nic/nic-counters.ts';
export { NIC_IRQ_ALL, NIC_IRQ_RX, NIC_IRQ_TX, NicIrq } from './nic/nic-irq.ts';
export { NicDesc, NicRing } from './nic/nic-ring.ts';
export { TimerList, timerSetup } from './timer.ts';
