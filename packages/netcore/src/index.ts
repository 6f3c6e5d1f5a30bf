/** net/core and net/sched in TypeScript, under the kernel's names. Begin with skbuff.ts, net-device.ts and dev-queue-xmit.ts. */
export { allocNetdev } from './alloc-netdev.ts';
export { netifRx } from './backlog.ts';
export { netifCarrierOk, netifDormant, netifTesting } from './carrier-state.ts';
export { devAddAltname, devDelAltname } from './dev-altname.ts';
export {
  devChangeFlags,
  devClose,
  devGetFlags,
  devOpen,
  devSetAllmulti,
  devSetPromiscuity,
} from './dev-flags.ts';
export { devChangeName, devValidName } from './dev-name.ts';
export { netifDeviceAttach, netifDeviceDetach } from './dev-presence.ts';
export { devQueueXmit } from './dev-queue-xmit.ts';
export {
  devGetStats,
  devSetAlias,
  devSetGroup,
  devSetMacAddress,
  devSetMtu,
  devSetTxQueueLen,
} from './dev-settings.ts';
export {
  dropsByReason,
  SKB_DROP_REASON_CPU_BACKLOG,
  SKB_DROP_REASON_DEV_CARRIER,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_DUP_FRAG,
  SKB_DROP_REASON_FRAG_REASM_TIMEOUT,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_ICMP_CSUM,
  SKB_DROP_REASON_INVALID_PROTO,
  SKB_DROP_REASON_IP_CSUM,
  SKB_DROP_REASON_IP_INADDRERRORS,
  SKB_DROP_REASON_IP_INHDR,
  SKB_DROP_REASON_IP_INNOROUTES,
  SKB_DROP_REASON_IP_INVALID_DEST,
  SKB_DROP_REASON_IP_OUTNOROUTES,
  SKB_DROP_REASON_NEIGH_CREATEFAIL,
  SKB_DROP_REASON_NEIGH_FAILED,
  SKB_DROP_REASON_NEIGH_QUEUEFULL,
  SKB_DROP_REASON_NO_SOCKET,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_OTHERHOST,
  SKB_DROP_REASON_PKT_TOO_BIG,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_QDISC_DROP,
  SKB_DROP_REASON_QUEUE_PURGE,
  SKB_DROP_REASON_RECURSION_LIMIT,
  SKB_DROP_REASON_TTL_EXCEEDED,
  SKB_DROP_REASON_UDP_CSUM,
  SKB_DROP_REASON_UNHANDLED_PROTO,
  SKB_NOT_DROPPED_YET,
  type SkbDropReason,
  skbDropReasonName,
} from './drop-reason.ts';
export {
  allocEtherdev,
  ethCommitMacAddrChange,
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  ethPrepareMacAddrChange,
  ethTypeTrans,
  ethValidateAddr,
} from './ethernet.ts';
export {
  type EthtoolChannels,
  type EthtoolCoalesce,
  type EthtoolDrvinfo,
  type EthtoolLinkKsettings,
  type EthtoolOps,
  type EthtoolPauseparam,
  type EthtoolRingparam,
  SPEED_UNKNOWN,
} from './ethtool.ts';
export { ethtoolGetChannels, ethtoolSetChannels } from './ethtool-channels.ts';
export { ethtoolGetCoalesce, ethtoolSetCoalesce } from './ethtool-coalesce.ts';
export { FEATURE_ALIASES, FEATURE_GROUPS } from './ethtool-feature-names.ts';
export { ethtoolGetFeatures, ethtoolSetFeatures } from './ethtool-features.ts';
export { ethtoolGetDrvinfo, ethtoolGetStats } from './ethtool-info.ts';
export { ethtoolGetSettings, ethtoolSetSettings, ethtoolVirtdevCheck } from './ethtool-linkmodes.ts';
export { ethtoolGetPause, ethtoolSetPause } from './ethtool-pause.ts';
export { ethtoolGetRings, ethtoolSetRings } from './ethtool-rings.ts';
export { type EthtoolPatch, ethtoolSet } from './ethtool-settings.ts';
export { skbGetHash } from './flow-dissector.ts';
export { devForwardSkb, isSkbForwardable } from './forward.ts';
export { Gro } from './gro.ts';
export { GRO_MAX_SEGS, type GroFlow } from './gro-flow.ts';
export { GsoSegmenter } from './gso.ts';
export { netdevXmitMore } from './hard-xmit.ts';
export type { Alarms, Host } from './host.ts';
export {
  ALTIFNAMSIZ,
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  IF_LINK_MODE_DEFAULT,
  IF_LINK_MODE_DORMANT,
  IF_LINK_MODE_TESTING,
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_TESTING,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
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
  OPER_STATES,
} from './if.ts';
export { ipLinkShow, linkFlagNames } from './link-show.ts';
export { RtnlLinkStats64 } from './link-stats.ts';
export {
  devChangeCarrier,
  devGetOperstate,
  devSetLinkMode,
  devSetOperstate,
  netifCarrierOff,
  netifCarrierOn,
  netifDormantOff,
  netifDormantOn,
  netifLowerLayerDown,
  netifTestingOff,
  netifTestingOn,
} from './link-watch.ts';
export { Mulberry32, mulberry32 } from './mulberry32.ts';
export { NAPI_POLL_WEIGHT, Napi, type NapiPoll, netifNapiAdd } from './napi.ts';
export { Net } from './net.ts';
export {
  GSO_MAX_SIZE,
  NET_ADDR_PERM,
  NET_ADDR_RANDOM,
  NET_ADDR_SET,
  NET_NAME_ENUM,
  NET_NAME_RENAMED,
  NET_NAME_UNKNOWN,
  NET_NAME_USER,
  NetDevice,
  type NetDeviceOps,
  netifDevicePresent,
  netifRunning,
  type RxHandler,
} from './net-device.ts';
export { NetError } from './net-error.ts';
export { carrierShow, carrierStore, groFlushTimeoutStore, napiDeferHardIrqsStore } from './net-sysfs.ts';
export {
  NETIF_F_GRO,
  NETIF_F_GRO_UDP_FWD,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
  NETIF_F_TSO6,
  NETIF_F_VNET,
  netdevUpdateFeatures,
} from './netdev-features.ts';
export { NetdevQueue } from './netdev-queue.ts';
export {
  NETDEV_CHANGE,
  NETDEV_CHANGE_TX_QUEUE_LEN,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_FEAT_CHANGE,
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
  type NetdevNotifierInfo,
} from './notifier.ts';
export type { PacketHandler } from './packet-type.ts';
export { netdevPickTx } from './pick-tx.ts';
export { PtrRing } from './ptr-ring.ts';
export { qdiscShow } from './qdisc-show.ts';
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
export { inetEcnIsCapable, inetEcnSetCe } from './sched/inet-ecn.ts';
export {
  NETEM_CORRUPT,
  NETEM_DUPLICATE,
  NETEM_LOST,
  NETEM_MARK,
  NetemModel,
  type NetemSaved,
} from './sched/netem-model.ts';
export {
  NETEM_NONE,
  type NetemLossGemodel,
  type NetemLossState,
  type NetemParams,
  type NetemSlot,
} from './sched/netem-params.ts';
export { PfifoFast } from './sched/pfifo-fast.ts';
export { Qdisc } from './sched/qdisc.ts';
export { tcDeleteQdisc, tcModifyQdisc } from './sched/sch-api.ts';
export { TimeQueue } from './sched/time-queue.ts';
export {
  pskbCopy,
  pskbExpandHead,
  skbCopyExpand,
  skbCow,
  skbCowHead,
  skbUnclone,
} from './skb-cow.ts';
export { skbDump, skbGeometry } from './skb-dump.ts';
export { pskbMayPull, pskbMayPullReason, skbHeadlen, skbIsNonlinear, skbLinearize } from './skb-linear.ts';
export { ethSkbPad, skbPad, skbPadto, skbPutPadto } from './skb-pad.ts';
export { consumeSkb, kfreeSkb, SkbPool, skbShareCheck } from './skb-pool.ts';
export { SkbQueue } from './skb-queue.ts';
export {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  NET_SKB_PAD,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
  SKB_GSO_TCPV4,
  SKB_HEADER_UNSET,
  SkBuff,
  skbCloned,
  skbIsGso,
  skbSegs,
  skbShared,
  skbWireLen,
} from './skbuff.ts';
export { netSetTracer } from './trace.ts';
export { traceViewOf } from './trace-frame.ts';
export { type TraceEvent, type TraceFilter, TraceRecorder } from './trace-recorder.ts';
export { SkbTracer } from './trace-skb.ts';
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
export { skbChecksumHelp, skbGsoSegment, validateXmitSkb } from './validate-xmit.ts';
export { virtioNetHdrFromSkb, virtioNetHdrToSkb } from './virtio-net-hdr.ts';
export {
  ENETDOWN,
  NET_RX_DROP,
  NET_RX_SUCCESS,
  NET_XMIT_CN,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetdevTx,
} from './xmit.ts';
