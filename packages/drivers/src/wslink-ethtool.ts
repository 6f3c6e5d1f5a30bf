/** wslink, what `ethtool` shows and sets. Private counters only: rtnl_link_stats64 has the rest. */
import {
  type EthtoolChannels,
  type EthtoolCoalesce,
  type EthtoolLinkKsettings,
  type EthtoolOps,
  type EthtoolRingparam,
  ethtoolVirtdevCheck,
  type NetDevice,
  NetError,
} from '@etherloom/netcore';
import type { WslinkPriv } from './wslink-priv.ts';
import { RX_RING_MAX } from './wslink-rx.ts';
import { TX_RING_MAX } from './wslink-tx.ts';

const RX_RING_MIN = 64;
const TX_RING_MIN = 16;
const COALESCE_USECS_MAX = 1_000_000;
const ONE_CHANNEL: EthtoolChannels = {
  maxRx: 0,
  maxTx: 0,
  maxOther: 0,
  maxCombined: 1,
  rxCount: 0,
  txCount: 0,
  otherCount: 0,
  combinedCount: 1,
};

type Counter = (p: WslinkPriv) => number;

const COUNTERS: Readonly<Record<string, Counter>> = {
  tx_messages: (p) => p.tx.messages,
  tx_frames_per_message_max: (p) => p.tx.maxBatch,
  tx_doorbells: (p) => p.tx.doorbells,
  tx_queue_stopped: (p) => p.tx.stops,
  tx_queue_wake: (p) => p.tx.wakes,
  tx_timeouts: (p) => p.tx.timeouts,
  tx_ring_pending: (p) => p.tx.ring.length,
  tx_cable_bytes_pending: (p) => p.transport.pending,
  tx_cable_frames: (p) => p.tx.cableFrames,
  tx_gso_frames: (p) => p.tx.gsoFrames,
  tx_gso_segments: (p) => p.tx.gsoSegments,
  rx_messages: (p) => p.rx.messages,
  rx_frames_per_message_max: (p) => p.rx.maxBatch,
  rx_interrupts: (p) => p.rx.interrupts,
  rx_napi_polls: (p) => p.rx.polls,
  rx_napi_full_polls: (p) => p.rx.fullPolls,
  rx_ring_pending: (p) => p.rx.waiting,
  rx_cable_frames: (p) => p.rx.cableFrames,
  rx_gso_frames: (p) => p.rx.gsoFrames,
  rx_gso_segments: (p) => p.rx.gsoSegments,
  rx_frames_while_down: (p) => p.rxWhileDown,
  link_mtu: (p) => p.linkMtu,
  cable_connects: (p) => p.connects,
};
const NAMES: readonly string[] = Object.keys(COUNTERS);

const priv = (dev: NetDevice): WslinkPriv => dev.priv as WslinkPriv;

function wslinkGetRingparam(dev: NetDevice): EthtoolRingparam {
  const { rx, tx } = priv(dev);
  return {
    rxMaxPending: RX_RING_MAX,
    txMaxPending: TX_RING_MAX,
    rxPending: rx.limit,
    txPending: tx.ring.size,
  };
}

function powerOfTwo(dev: NetDevice, what: string, n: number, min: number, max: number): number {
  if (!Number.isInteger(n) || n < min || n > max) {
    throw new NetError(
      'EINVAL',
      `${dev.name}: the ${what} ring takes ${min} to ${max} descriptors, not ${n}`,
    );
  }
  return 2 ** Math.ceil(Math.log2(n));
}

function wslinkSetRingparam(dev: NetDevice, ring: EthtoolRingparam): void {
  const txSize = powerOfTwo(dev, 'tx', ring.txPending, TX_RING_MIN, TX_RING_MAX);
  const rxSize = powerOfTwo(dev, 'rx', ring.rxPending, RX_RING_MIN, RX_RING_MAX);
  const { rx, tx } = priv(dev);
  if (txSize !== tx.ring.size) tx.resize(txSize);
  if (rxSize !== rx.limit) rx.resize(rxSize);
}

/** A number of frames that no ring can gather is no bound: then a turn is a doorbell, and a message an interrupt. */
function wslinkSetCoalesce(dev: NetDevice, wanted: EthtoolCoalesce): void {
  const p = priv(dev);
  for (const usecs of [wanted.rxCoalesceUsecs, wanted.txCoalesceUsecs]) {
    if (usecs > COALESCE_USECS_MAX)
      throw new NetError('EINVAL', `${dev.name}: waits ${COALESCE_USECS_MAX} us at most, not ${usecs}`);
  }
  const before = p.coalesce;
  p.coalesce = { ...wanted };
  const { rxCoalesceUsecs, rxMaxCoalescedFrames, txCoalesceUsecs, txMaxCoalescedFrames } = wanted;
  if (rxCoalesceUsecs !== before.rxCoalesceUsecs || rxMaxCoalescedFrames !== before.rxMaxCoalescedFrames)
    p.rx.setCoalesce(rxCoalesceUsecs, rxMaxCoalescedFrames < RX_RING_MAX ? rxMaxCoalescedFrames : 0);
  if (txCoalesceUsecs !== before.txCoalesceUsecs || txMaxCoalescedFrames !== before.txMaxCoalescedFrames)
    p.tx.setCoalesce(txCoalesceUsecs, txMaxCoalescedFrames < TX_RING_MAX ? txMaxCoalescedFrames : 0);
}

function wslinkSetLinkKsettings(dev: NetDevice, wanted: EthtoolLinkKsettings): void {
  ethtoolVirtdevCheck(dev, wanted);
  priv(dev).settings = { ...wanted };
}

export const wslinkEthtoolOps: EthtoolOps = {
  getDrvinfo: (dev) => ({ driver: 'wslink', version: '1', busInfo: `port ${priv(dev).port}` }),
  getLinkKsettings: (dev) => priv(dev).settings,
  setLinkKsettings: wslinkSetLinkKsettings,
  getRingparam: wslinkGetRingparam,
  setRingparam: wslinkSetRingparam,
  getCoalesce: (dev) => priv(dev).coalesce,
  setCoalesce: wslinkSetCoalesce,
  // A cable keeps the order of its frames, so it is one queue each way.
  getChannels: () => ONE_CHANNEL,
  setChannels: () => {},
  // A full cable stops the queue; no PAUSE frame is sent or obeyed.
  getPauseparam: () => ({ autoneg: false, rxPause: false, txPause: false }),
  getStrings: () => NAMES,
  getEthtoolStats: (dev) => NAMES.map((name) => COUNTERS[name]!(priv(dev))),
};
