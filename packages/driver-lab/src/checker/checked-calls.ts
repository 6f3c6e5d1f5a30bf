/**
 * The kernel's calls as a driver of the lab gets them: the same names and effects. Where a call takes an skb it also
 * takes it out of the driver's hands, and where one starts or stops something the checker notes the line.
 */
import {
  consumeSkb as coreConsumeSkb,
  devForwardSkb as coreDevForwardSkb,
  ethSkbPad as coreEthSkbPad,
  kfreeSkb as coreKfreeSkb,
  napiGroReceive as coreNapiGroReceive,
  netdevTxCompletedQueue as coreNetdevTxCompletedQueue,
  netifReceiveSkb as coreNetifReceiveSkb,
  netifRx as coreNetifRx,
  netifTxStopQueue as coreNetifTxStopQueue,
  type Napi,
  NET_RX_DROP,
  type NetDevice,
  type NetdevQueue,
  netifTxQueueStopped,
  SKB_DROP_REASON_DEV_READY,
  type SkBuff,
  type SkbDropReason,
} from '@etherloom/netcore';
import { underTest } from './driver-under-test.ts';
import { FREED, ownedOf } from './owned-skb.ts';
import { mark } from './where.ts';

export function consumeSkb(skb: SkBuff): void {
  const owned = ownedOf(skb);
  if (owned === null) coreConsumeSkb(skb);
  else if (owned.leave(FREED)) coreConsumeSkb(owned.skb);
}

export function kfreeSkb(skb: SkBuff, reason: SkbDropReason): void {
  const owned = ownedOf(skb);
  if (owned === null) coreKfreeSkb(skb, reason);
  else if (owned.leave(FREED)) coreKfreeSkb(owned.skb, reason);
}

/** Pads with zeros to the 60 bytes of the shortest frame. False when there was no memory: the skb has been freed. */
export function ethSkbPad(skb: SkBuff): boolean {
  const owned = ownedOf(skb);
  if (owned === null) return coreEthSkbPad(skb);
  const padded = coreEthSkbPad(owned.skb);
  if (!padded) owned.leave(FREED);
  return padded;
}

export function netifRx(skb: SkBuff): number {
  return handUp(skb, 'handed to netifRx', coreNetifRx);
}

export function netifReceiveSkb(skb: SkBuff): number {
  return handUp(skb, 'handed to netifReceiveSkb', coreNetifReceiveSkb);
}

export function napiGroReceive(napi: Napi, skb: SkBuff): number {
  return handUp(skb, 'handed to napiGroReceive', (raw) => coreNapiGroReceive(napi, raw));
}

export function devForwardSkb(dev: NetDevice, skb: SkBuff): number {
  return handUp(skb, 'handed to devForwardSkb', (raw) => coreDevForwardSkb(dev, raw));
}

function handUp(skb: SkBuff, how: string, receive: (raw: SkBuff) => number): number {
  const owned = ownedOf(skb);
  if (owned === null) return receive(skb);
  const driver = owned.skb.dev === null ? null : underTest(owned.skb.dev);
  const { frame } = owned;
  if (!owned.leave(how)) return NET_RX_DROP;
  if (driver === null || driver.deliver(owned.skb, frame)) {
    return owned.checker.outside(() => receive(owned.skb));
  }
  coreKfreeSkb(owned.skb, SKB_DROP_REASON_DEV_READY);
  return NET_RX_DROP;
}

export function netifTxStopQueue(txq: NetdevQueue): void {
  const driver = underTest(txq.dev);
  if (driver !== null && !netifTxQueueStopped(txq)) {
    driver.stops.set(txq.index, { at: mark(), since: driver.checker.now });
  }
  coreNetifTxStopQueue(txq);
}

/** BQL: more than was announced is not completed, or the queue's byte counters would be wrong from then on. */
export function netdevTxCompletedQueue(txq: NetdevQueue, packets: number, bytes: number): void {
  const driver = underTest(txq.dev);
  const inFlight = (txq.dql.numQueued - txq.dql.numCompleted) | 0;
  if (driver === null || bytes <= inFlight) {
    coreNetdevTxCompletedQueue(txq, packets, bytes);
    return;
  }
  const text = `netdevTxCompletedQueue of ${bytes} bytes, and netdevTxSentQueue has announced ${inFlight} that are not completed`;
  driver.checker.report('bql', { text });
  coreNetdevTxCompletedQueue(txq, packets, driver.checker.enabled ? inFlight : bytes);
}

export function netifStopQueue(dev: NetDevice): void {
  netifTxStopQueue(dev.txq[0]!);
}
