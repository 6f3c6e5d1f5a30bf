/** The tracer of a namespace: finds the frame in an skb, wherever in the stack it is, and tells every trace that is on. */
import { ETH_HLEN, ethType } from '@etherloom/frame';
import { SKB_CONSUMED, skbDropReasonName } from './drop-reason.ts';
import type { NetDevice } from './net-device.ts';
import type { Qdisc } from './sched/qdisc.ts';
import { SKB_HEADER_UNSET, type SkBuff, skbSegs } from './skbuff.ts';
import type { Tracer } from './trace.ts';
import { cut, type TraceView, traceViewOf } from './trace-frame.ts';
import { dropPlace, kernelName } from './trace-place.ts';
import type { TraceEvent, TraceRecorder } from './trace-recorder.ts';
import { devXmitComplete, NETDEV_TX_OK } from './xmit.ts';

export class SkbTracer implements Tracer {
  readonly recorders = new Set<TraceRecorder>();

  skb(place: string, skb: SkBuff, dev: NetDevice | null, verdict?: string): void {
    const handled = place === '__netif_receive_skb_core' && dev !== null && dev.rxHandler !== null;
    this.#note(skb, place, dev, verdict ?? (handled ? 'to its rx handler' : segments(skb)));
  }

  enqueue(skb: SkBuff, q: Qdisc, dev: NetDevice): void {
    this.#note(skb, `${q.kind}_enqueue`, dev, `${q.qlen} queued before it`);
  }

  dequeue(first: SkBuff, q: Qdisc, dev: NetDevice): void {
    for (let skb: SkBuff | null = first; skb !== null; skb = skb.next)
      this.#note(skb, `${q.kind}_dequeue`, dev, undefined);
  }

  startXmit(skb: SkBuff, dev: NetDevice): number {
    const events = this.#note(
      skb,
      `${kernelName(dev.rtnlLinkOps?.kind ?? 'ndo')}_start_xmit`,
      dev,
      segments(skb),
    );
    const rc = dev.netdevOps.ndoStartXmit(skb, dev);
    const said =
      rc === NETDEV_TX_OK ? 'NETDEV_TX_OK' : devXmitComplete(rc) ? 'NET_XMIT_DROP' : 'NETDEV_TX_BUSY';
    for (const event of events)
      event.verdict = event.verdict === undefined ? said : `${event.verdict}, ${said}`;
    return rc;
  }

  freed(skb: SkBuff, reason: number): void {
    if (reason === SKB_CONSUMED) this.#note(skb, dropPlace(), skb.dev, 'consumed');
    else this.#note(skb, dropPlace(), skb.dev, 'dropped', skbDropReasonName(reason));
  }

  lost(place: string, dev: NetDevice, reason: number, buf: Uint8Array, at: number, len: number): void {
    const view = traceViewOf(buf, at, len);
    for (const each of this.recorders) each.note(view, place, dev.name, 'dropped', skbDropReasonName(reason));
  }

  #note(skb: SkBuff, place: string, dev: NetDevice | null, verdict?: string, reason?: string): TraceEvent[] {
    const view = viewOfSkb(skb);
    const events: TraceEvent[] = [];
    for (const each of this.recorders) {
      const event = each.note(view, place, dev?.name ?? '', verdict, reason);
      if (event !== null) events.push(event);
    }
    return events;
  }
}

function segments(skb: SkBuff): string | undefined {
  const segs = skbSegs(skb);
  return segs > 1 ? `${segs} segments in one` : undefined;
}

/** On the way down a frame begins with its Ethernet header, on the way up that lies behind; between there may be none yet. */
export function viewOfSkb(skb: SkBuff): TraceView {
  const { buf, data, tail, macHeader, networkHeader } = skb;
  if (macHeader !== SKB_HEADER_UNSET && macHeader <= data)
    return traceViewOf(buf, macHeader, tail - macHeader);
  if (networkHeader === SKB_HEADER_UNSET) return traceViewOf(buf, data, tail - data);
  const mac = networkHeader - ETH_HLEN;
  // A header that has been pushed says the type; before it the socket layer has.
  if (data <= mac) return traceViewOf(buf, mac, tail - mac);
  const etherType = skb.protocol !== 0 ? skb.protocol : ethType(buf, Math.max(mac, 0));
  return cut({ buf, mac: -1, etherType, l3: networkHeader, end: tail });
}
