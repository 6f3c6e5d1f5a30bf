/**
 * A patch cord between two net_devices: what one receives the other transmits, untouched and uncopied, and
 * admin state, MTU, MAC and carrier are the same on both. cf. a bridge with two ports that learns nothing
 * While the cable cannot send, the host receives nothing: what Linux sends waits in Linux.
 *
 * Mirroring runs in no circles: it acts on a difference only, so its own echo finds nothing to do.
 */
import { ETH_HLEN } from '@etherloom/frame';
import {
  devChangeCarrier,
  devClose,
  devOpen,
  devQueueXmit,
  devSetMacAddress,
  devSetMtu,
  IFF_UP,
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_DOWN,
  NETDEV_UP,
  type NetDevice,
  type NetdevEvent,
  NetError,
  netdevRxHandlerRegister,
  netdevRxHandlerUnregister,
  netifCarrierOk,
  RX_HANDLER_CONSUMED,
  skbShareCheck,
} from '@etherloom/netcore';

export class Patch {
  readonly #cable: NetDevice;
  readonly #host: NetDevice;
  readonly #changed: (event: NetdevEvent, dev: NetDevice) => void;
  #unregister: () => void = () => {};
  #joined = true;

  /** `cable` has the carrier of a wire and lends it to `host`; `changed` hears of `host` after it was mirrored. */
  constructor(cable: NetDevice, host: NetDevice, changed: (event: NetdevEvent, dev: NetDevice) => void) {
    this.#cable = cable;
    this.#host = host;
    this.#changed = changed;
    pass(cable, host);
    try {
      pass(host, cable);
      host.netdevOps.ndoSetRxGate?.(host, cable.txq[0]!);
      devChangeCarrier(host, netifCarrierOk(cable));
      this.#unregister = cable.net.registerNetdeviceNotifier((event, dev) => this.#notified(event, dev));
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Takes the cord out; both devices stay as they are. */
  remove(): void {
    if (!this.#joined) return;
    this.#joined = false;
    this.#unregister();
    this.#host.netdevOps.ndoSetRxGate?.(this.#host, null);
    netdevRxHandlerUnregister(this.#cable);
    netdevRxHandlerUnregister(this.#host);
  }

  #notified(event: NetdevEvent, dev: NetDevice): string | undefined {
    if (!this.#joined || (dev !== this.#cable && dev !== this.#host)) return undefined;
    const refused = this.#mirror(event, dev);
    if (dev === this.#host) this.#changed(event, dev);
    return refused;
  }

  /** An errno name is a veto where the core can still take the change back. */
  #mirror(event: NetdevEvent, from: NetDevice): string | undefined {
    const to = from === this.#cable ? this.#host : this.#cable;
    switch (event) {
      case NETDEV_UP:
        // A carrier that changes while a device is down is not told.
        return attempt(() => mirrorUp(from, to)) ?? this.#mirrorCarrier(this.#cable);
      case NETDEV_DOWN:
        return attempt(() => mirrorUp(from, to));
      case NETDEV_CHANGEMTU:
        return to.mtu === from.mtu ? undefined : attempt(() => devSetMtu(to, from.mtu));
      case NETDEV_CHANGEADDR:
        return mirrorAddress(from, to);
      case NETDEV_CHANGE:
        return this.#mirrorCarrier(from);
      default:
        return undefined;
    }
  }

  /** The wire has the last word: where it does not follow the host, the host follows it. */
  #mirrorCarrier(from: NetDevice): string | undefined {
    const cable = this.#cable;
    const host = this.#host;
    if (netifCarrierOk(cable) === netifCarrierOk(host)) return undefined;
    if (from === host) attempt(() => devChangeCarrier(cable, netifCarrierOk(host)));
    const on = netifCarrierOk(cable);
    return on === netifCarrierOk(host) ? undefined : attempt(() => devChangeCarrier(host, on));
  }
}

/** The rx handler: the Ethernet header is back in front of the frame, and the other device sends it. */
function pass(from: NetDevice, to: NetDevice): void {
  netdevRxHandlerRegister(from, (received) => {
    const skb = skbShareCheck(received);
    if (skb === null) return RX_HANDLER_CONSUMED;
    skb.push(ETH_HLEN);
    skb.dev = to;
    devQueueXmit(skb);
    return RX_HANDLER_CONSUMED;
  });
}

function mirrorUp(from: NetDevice, to: NetDevice): void {
  const up = (from.flags & IFF_UP) !== 0;
  if (up === ((to.flags & IFF_UP) !== 0)) return;
  if (up) devOpen(to);
  else devClose(to);
}

/** A MAC change cannot be vetoed any more, so a refusal puts the old address back. */
function mirrorAddress(from: NetDevice, to: NetDevice): string | undefined {
  if (from.devAddr.every((byte, i) => byte === to.devAddr[i])) return undefined;
  const refused = attempt(() => devSetMacAddress(to, from.devAddr));
  if (refused !== undefined) attempt(() => devSetMacAddress(from, to.devAddr));
  return refused;
}

function attempt(change: () => void): string | undefined {
  try {
    change();
    return undefined;
  } catch (error) {
    if (error instanceof NetError) return error.code;
    throw error;
  }
}
