/** net/core and net/sched in TypeScript, under the kernel's names. Begin with skbuff.ts, net-device.ts and dev-queue-xmit.ts. */
export { allocNetdev, DEFAULT_TX_QUEUE_LEN } from './alloc-netdev.ts';
export { netifRx } from './backlog.ts';
export { netifCarrierOk, netifDormant, netifTesting } from './carrier-state.ts';
export {
  devChangeFlags,
  devClose,
  devGetFlags,
  devOpen,
  devSetAllmulti,
  devSetPromiscuity,
} from './dev-flags.ts';
export { devChangeName, devGetValidName } from './dev-name.ts';
export { devQueueXmit } from './dev-queue-xmit.ts';
export {
  devGetStats,
  devSetAlias,
  devSetMacAddress,
  devSetMtu,
  devSetTxQueueLen,
  devValidateMtu,
} from './dev-settings.ts';
export { Dql } from './dql.ts';
export {
  dropsByReason,
  SKB_CONSUMED,
  SKB_DROP_REASON_BRIDGE_INGRESS_PORT_NFWD,
  SKB_DROP_REASON_CPU_BACKLOG,
  SKB_DROP_REASON_DEV_CARRIER,
  SKB_DROP_REASON_DEV_HDR,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_DUP_FRAG,
  SKB_DROP_REASON_FRAG_REASM_TIMEOUT,
  SKB_DROP_REASON_FRAG_TOO_FAR,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_HDR_TRUNC,
  SKB_DROP_REASON_ICMP_CSUM,
  SKB_DROP_REASON_INVALID_PROTO,
  SKB_DROP_REASON_IP_CSUM,
  SKB_DROP_REASON_IP_INADDRERRORS,
  SKB_DROP_REASON_IP_INHDR,
  SKB_DROP_REASON_IP_INNOROUTES,
  SKB_DROP_REASON_IP_INVALID_DEST,
  SKB_DROP_REASON_IP_OUTNOROUTES,
  SKB_DROP_REASON_MAC_IEEE_MAC_CONTROL,
  SKB_DROP_REASON_MAC_INVALID_SOURCE,
  SKB_DROP_REASON_MAX,
  SKB_DROP_REASON_NEIGH_CREATEFAIL,
  SKB_DROP_REASON_NEIGH_DEAD,
  SKB_DROP_REASON_NEIGH_FAILED,
  SKB_DROP_REASON_NEIGH_QUEUEFULL,
  SKB_DROP_REASON_NETEM_LOSS,
  SKB_DROP_REASON_NO_SOCKET,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_OTHERHOST,
  SKB_DROP_REASON_PKT_TOO_BIG,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_PROTO_MEM,
  SKB_DROP_REASON_QDISC_DROP,
  SKB_DROP_REASON_QUEUE_PURGE,
  SKB_DROP_REASON_RECURSION_LIMIT,
  SKB_DROP_REASON_SKB_CSUM,
  SKB_DROP_REASON_SOCKET_RCVBUFF,
  SKB_DROP_REASON_TAP_FILTER,
  SKB_DROP_REASON_TAP_TXFILTER,
  SKB_DROP_REASON_TTL_EXCEEDED,
  SKB_DROP_REASON_TX_TIMEOUT,
  SKB_DROP_REASON_UDP_CSUM,
  SKB_DROP_REASON_UNHANDLED_PROTO,
  SKB_DROP_REASON_UNICAST_IN_L2_MULTICAST,
  SKB_NOT_DROPPED_YET,
  type SkbDropReason,
  skbDropReasonName,
} from './drop-reason.ts';
export {
  allocEtherdev,
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  ethTypeTrans,
  ethValidateAddr,
  validateEtherAddr,
} from './ethernet.ts';
export type {
  EthtoolCoalesce,
  EthtoolDrvinfo,
  EthtoolLinkKsettings,
  EthtoolOps,
  EthtoolRingparam,
} from './ethtool.ts';
export { devForwardSkb, isSkbForwardable } from './forward.ts';
export { Gro } from './gro.ts';
export { GRO_MAX_SEGS, type GroFlow } from './gro-flow.ts';
export { GSO_MALFORMED, GSO_MAX_FRAME, GsoSegmenter } from './gso.ts';
export { netdevXmitMore } from './hard-xmit.ts';
export type { Host } from './host.ts';
export {
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  IF_LINK_MODE_DEFAULT,
  IF_LINK_MODE_DORMANT,
  IF_LINK_MODE_TESTING,
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_NOTPRESENT,
  IF_OPER_TESTING,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFALIASZ,
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_BROADCAST,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_ECHO,
  IFF_LIVE_ADDR_CHANGE,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MASTER,
  IFF_MULTICAST,
  IFF_NO_QUEUE,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_POINTOPOINT,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_SLAVE,
  IFF_UP,
  IFNAMSIZ,
  LINK_MODES,
  OPER_STATES,
} from './if.ts';
export { type IpLink, ipLinkShow, printLinkFlags } from './link-show.ts';
export { RtnlLinkStats64 } from './link-stats.ts';
export {
  devChangeCarrier,
  devGetOperstate,
  devSetLinkMode,
  devSetOperstate,
  netdevStateChange,
  netifCarrierOff,
  netifCarrierOn,
  netifDormantOff,
  netifDormantOn,
} from './link-watch.ts';
export { NAPI_POLL_WEIGHT, Napi, type NapiPoll, netifNapiAdd, netifNapiDel } from './napi.ts';
export { Net, type NetOptions } from './net.ts';
export {
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  LINK_STATE_PRESENT,
  LINK_STATE_START,
  LINK_STATE_TESTING,
  NET_ADDR_PERM,
  NET_ADDR_RANDOM,
  NET_ADDR_SET,
  NETREG_REGISTERED,
  NETREG_UNINITIALIZED,
  NETREG_UNREGISTERED,
  NETREG_UNREGISTERING,
  NetDevice,
  type NetDeviceOps,
  netifDevicePresent,
  netifRunning,
  type RxHandler,
} from './net-device.ts';
export { NetError } from './net-error.ts';
export {
  NetdevQueue,
  QUEUE_STATE_ANY_XOFF,
  QUEUE_STATE_ANY_XOFF_OR_FROZEN,
  QUEUE_STATE_DRV_XOFF,
  QUEUE_STATE_FROZEN,
  QUEUE_STATE_STACK_XOFF,
} from './netdev-queue.ts';
export {
  NETDEV_CHANGE,
  NETDEV_CHANGE_TX_QUEUE_LEN,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_POST_INIT,
  NETDEV_PRE_CHANGEADDR,
  NETDEV_PRE_UP,
  NETDEV_PRECHANGEMTU,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type NetdevEvent,
  type NetdevNotifier,
} from './notifier.ts';
export type { PacketHandler } from './packet-type.ts';
export { PtrRing } from './ptr-ring.ts';
export { qdiscShow, type TcQdisc } from './qdisc-show.ts';
export {
  napiGroReceive,
  netdevRxHandlerRegister,
  netdevRxHandlerUnregister,
  netifReceiveSkb,
  RX_HANDLER_ANOTHER,
  RX_HANDLER_CONSUMED,
  RX_HANDLER_EXACT,
  RX_HANDLER_PASS,
} from './receive.ts';
export { registerNetdev, unregisterNetdev } from './register.ts';
export {
  type RtnlLinkOps,
  type RtnlLinkOptions,
  rtnlCreateLink,
  rtnlDelLink,
  rtnlNewLink,
} from './rtnetlink.ts';
export { devGraftQdisc } from './sched/activate.ts';
export {
  NETEM_LOST,
  NETEM_NONE,
  NETEM_OVERLIMIT,
  NetemModel,
  type NetemParams,
} from './sched/netem-model.ts';
export { noopQdisc, noqueueQdisc } from './sched/noop.ts';
export { PfifoFast } from './sched/pfifo-fast.ts';
export { Qdisc, TC_H_ROOT, TCQ_F_CAN_BYPASS } from './sched/qdisc.ts';
export { TimeQueue } from './sched/time-queue.ts';
export { consumeSkb, kfreeSkb, SkbPool, type SkbPoolLimits, skbShareCheck } from './skb-pool.ts';
export { SkbQueue } from './skb-queue.ts';
export {
  NET_SKB_PAD,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
  SKB_HEADER_UNSET,
  SkBuff,
  skbCloned,
  skbShared,
} from './skbuff.ts';
export {
  netdevTxCompletedQueue,
  netdevTxResetQueue,
  netdevTxSentQueue,
  netifQueueStopped,
  netifStartQueue,
  netifStopQueue,
  netifTxQueueStopped,
  netifTxStartQueue,
  netifTxStopQueue,
  netifTxWakeQueue,
  netifWakeQueue,
  netifXmitStopped,
} from './tx-queue.ts';
export {
  putVnetGso,
  putVnetNone,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP_L4,
  VIRTIO_NET_HDR_LEN,
  VNET_CSUM_OFFSET,
  VNET_CSUM_START,
  VNET_FLAGS,
  VNET_GSO_SIZE,
  VNET_GSO_TYPE,
  VNET_HDR_LEN,
} from './virtio-net-hdr.ts';
export {
  devXmitComplete,
  ENETDOWN,
  NET_RX_DROP,
  NET_RX_SUCCESS,
  NET_XMIT_CN,
  NET_XMIT_DROP,
  NET_XMIT_MASK,
  NET_XMIT_SUCCESS,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetdevTx,
} from './xmit.ts';
