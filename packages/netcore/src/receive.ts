/** The way up: taps, rx handler, protocols. cf. __netif_receive_skb_core, net/core/dev.c */
import { SKB_DROP_REASON_UNHANDLED_PROTO } from './drop-reason.ts';
import type { Napi } from './napi.ts';
import { NapiGro } from './napi-gro.ts';
import type { NetDevice, RxHandler } from './net-device.ts';
import { NetError } from './net-error.ts';
import { NETIF_F_GRO } from './netdev-features.ts';
import { kfreeSkb } from './skb-pool.ts';
import type { SkBuff } from './skbuff.ts';
import { NET_RX_DROP, NET_RX_SUCCESS } from './xmit.ts';

/** The rx handler took the skb. */
export const RX_HANDLER_CONSUMED = 0;
/** It changed skb.dev: begin again with that device. */
export const RX_HANDLER_ANOTHER = 1;
/** Deliver only to handlers bound to this very device; we have none, so nobody wants it. */
export const RX_HANDLER_EXACT = 2;
/** Go on as if there were no handler. */
export const RX_HANDLER_PASS = 3;

/** Receives a frame whose skb.dev, protocol and mac header are set (ethTypeTrans); call it from a NAPI poll. */
export function netifReceiveSkb(skb: SkBuff): number {
  for (;;) {
    const dev = skb.dev!;
    const { ptypes, trace } = dev.net;
    if (trace !== null) trace.skb('__netif_receive_skb_core', skb, dev);
    if (ptypes.tapped) ptypes.tap(skb, dev);
    const verdict = dev.rxHandler === null ? RX_HANDLER_PASS : dev.rxHandler(skb, dev);
    if (verdict === RX_HANDLER_ANOTHER) continue;
    if (verdict === RX_HANDLER_CONSUMED) return NET_RX_SUCCESS;
    if (verdict === RX_HANDLER_PASS && ptypes.deliver(skb, dev)) return NET_RX_SUCCESS;
    return receiveNobody(skb, dev, verdict === RX_HANDLER_EXACT);
  }
}

/** Receives a frame from a driver's NAPI poll; with the feature on, segments are gathered until it has polled (GRO). */
export function napiGroReceive(napi: Napi, skb: SkBuff): number {
  const dev = skb.dev!;
  if (dev.net.trace !== null) dev.net.trace.skb('napi_gro_receive', skb, dev);
  if ((dev.features & NETIF_F_GRO) === 0) return netifReceiveSkb(skb);
  napi.gro ??= new NapiGro(netifReceiveSkb);
  return napi.gro.receive(skb, dev);
}

/** Puts a handler before the protocols: one a device. */
export function netdevRxHandlerRegister(dev: NetDevice, handler: RxHandler, data: unknown = null): void {
  if (dev.rxHandler !== null)
    throw new NetError('EBUSY', `${dev.name} has an rx handler already; detach its owner first`);
  dev.rxHandler = handler;
  dev.rxHandlerData = data;
}

export function netdevRxHandlerUnregister(dev: NetDevice): void {
  dev.rxHandler = null;
  dev.rxHandlerData = null;
}

function receiveNobody(skb: SkBuff, dev: NetDevice, exact: boolean): number {
  if (exact) dev.stats.rxNohandler++;
  else dev.stats.rxDropped++;
  kfreeSkb(skb, SKB_DROP_REASON_UNHANDLED_PROTO);
  return NET_RX_DROP;
}
