/**
 * wslink - the virtual NIC whose wire is a WebSocket. A sibling of drivers/net/virtio_net.c: rings, one doorbell for
 * many frames, an interrupt for many frames, NAPI.
 *
 * The carrier is on while the cable is up, the switch says that the link has carrier, and the device is up. When it is
 * off only because the link's far end is not up, the device shows LOWERLAYERDOWN, as an end of a veth pair does.
 */

import { ETH_MAX_MTU } from '@etherloom/frame';
import {
  etherSetup,
  ethHwAddrRandom,
  ethMacAddr,
  ethValidateAddr,
  NETIF_F_GRO,
  NETIF_F_GRO_UDP_FWD,
  NETIF_F_VNET,
  type NetDevice,
  type NetDeviceOps,
  netdevTxResetQueue,
  netdevUpdateFeatures,
  netifCarrierOff,
  netifCarrierOk,
  netifCarrierOn,
  netifLowerLayerDown,
  netifStartQueue,
  netifStopQueue,
  type RtnlLinkOps,
  type RtnlLinkOptions,
  registerNetdev,
  SKB_DROP_REASON_DEV_READY,
} from '@etherloom/netcore';
import {
  type CableMessage,
  FEATURE_VNET,
  type Transport,
  type TransportHandler,
  VNET_SKIP,
  type Welcome,
} from '@etherloom/transport';
import { wslinkEthtoolOps } from './wslink-ethtool.ts';
import { WslinkPriv } from './wslink-priv.ts';

export interface WslinkOptions extends RtnlLinkOptions {
  readonly transport: Transport;
  /** Names this incarnation of the device: its cable counters start at 0 with it. */
  readonly epoch: string;
}

/** What a hello tells the switch about a device. */
export interface WslinkCounters {
  readonly epoch: string;
  /** Frames ever handed to the cable, and ever received from it. */
  readonly tx: number;
  readonly rx: number;
}

const WSLINK_WATCHDOG_TIMEO = 5000;
/** Off until asked for: a TAP behind it gathers by itself, and to look at each frame for nothing costs. */
const GATHERS = NETIF_F_GRO | NETIF_F_GRO_UDP_FWD;

const priv = (dev: NetDevice): WslinkPriv => dev.priv as WslinkPriv;

function wslinkUpdateCarrier(dev: NetDevice): void {
  const p = priv(dev);
  if (p.transport.up && p.switchCarrier && p.opened && p.plugged) {
    netifCarrierOn(dev);
    netifLowerLayerDown(dev, false);
    return;
  }
  netifLowerLayerDown(dev, p.transport.up && p.plugged && p.farDown);
  if (!netifCarrierOk(dev)) return;
  netifCarrierOff(dev);
  priv(dev).tx.lose();
}

function wslinkTellCarrier(p: WslinkPriv): void {
  p.transport.control({ type: 'carrier', on: p.opened && p.plugged });
}

/** What the cable calls. */
function wslinkHandler(dev: NetDevice, p: WslinkPriv): TransportHandler {
  return {
    linkUp(welcome: Welcome) {
      p.connects++;
      p.port = welcome.port;
      p.linkMtu = welcome.mtu;
      p.switchCarrier = welcome.carrier;
      p.farDown = welcome.lower === true;
      wslinkSetVnet(dev, p, welcome.features.includes(FEATURE_VNET));
      wslinkUpdateCarrier(dev);
    },
    linkDown() {
      wslinkUpdateCarrier(dev);
    },
    message(buf, offset, _length, frames) {
      p.rx.cableFrames += frames;
      const late = p.opened && p.plugged ? p.rx.receive(buf, offset, frames) : frames;
      if (late > 0) wslinkReceiveDown(dev, p, late);
    },
    sent(token) {
      p.tx.sent(token);
    },
    control(message) {
      wslinkControl(dev, p, message);
    },
  };
}

/** What of the cable before waits is of another kind, and lost. */
function wslinkSetVnet(dev: NetDevice, p: WslinkPriv, vnet: boolean): void {
  const skip = vnet ? VNET_SKIP : 0;
  if (p.tx.skip === skip) return;
  p.tx.lose();
  wslinkDropUnpolled(dev, p);
  p.tx.skip = skip;
  p.rx.skip = skip;
  dev.hwFeatures = vnet ? GATHERS | NETIF_F_VNET : GATHERS;
  netdevUpdateFeatures(dev);
}

/** What needs a virtio_net_hdr goes with it. */
function wslinkFixFeatures(dev: NetDevice, features: number): number {
  return priv(dev).tx.skip === 0 ? features & ~NETIF_F_VNET : features;
}

function wslinkDropUnpolled(dev: NetDevice, p: WslinkPriv): void {
  const unpolled = p.rx.purge();
  dev.stats.rxDropped += unpolled;
  dev.drops[SKB_DROP_REASON_DEV_READY]! += unpolled;
}

/** Frames that were under way when the device went down. */
function wslinkReceiveDown(dev: NetDevice, p: WslinkPriv, frames: number): void {
  p.rxWhileDown += frames;
  dev.stats.rxDropped += frames;
  dev.drops[SKB_DROP_REASON_DEV_READY]! += frames;
}

function wslinkControl(dev: NetDevice, p: WslinkPriv, message: CableMessage): void {
  switch (message.type) {
    case 'carrier':
      p.switchCarrier = message.on;
      p.farDown = message.lower === true;
      wslinkUpdateCarrier(dev);
      break;
    case 'mtu':
      p.linkMtu = message.mtu;
      break;
    case 'mark':
      p.transport.control({ ...message, type: 'mark', tx: p.tx.cableFrames, rx: p.rx.cableFrames });
      break;
  }
}

function wslinkInit(dev: NetDevice): void {
  const p = priv(dev);
  netifCarrierOff(dev);
  p.transport.handler = wslinkHandler(dev, p);
  p.transport.open();
}

function wslinkUninit(dev: NetDevice): void {
  priv(dev).transport.close();
}

function wslinkOpen(dev: NetDevice): void {
  const p = priv(dev);
  p.opened = true;
  p.rx.napi.enable();
  netifStartQueue(dev);
  wslinkTellCarrier(p);
  wslinkUpdateCarrier(dev);
}

function wslinkStop(dev: NetDevice): void {
  const p = priv(dev);
  p.opened = false;
  netifStopQueue(dev);
  p.rx.napi.disable();
  wslinkTellCarrier(p);
  dev.stats.txDropped += p.tx.purge(SKB_DROP_REASON_DEV_READY);
  netdevTxResetQueue(dev.txq[0]!);
  wslinkDropUnpolled(dev, p);
  wslinkUpdateCarrier(dev);
}

function wslinkChangeCarrier(dev: NetDevice, on: boolean): void {
  const p = priv(dev);
  if (p.plugged === on) return;
  p.plugged = on;
  wslinkTellCarrier(p);
  wslinkUpdateCarrier(dev);
}

/** The cable is slow or dead. Its own heartbeat ends a dead one; here we only look whether it has room again. */
function wslinkTxTimeout(dev: NetDevice): void {
  const { tx } = priv(dev);
  tx.timeouts++;
  tx.ringDoorbell();
}

const wslinkNetdevOps: NetDeviceOps = {
  ndoInit: wslinkInit,
  ndoUninit: wslinkUninit,
  ndoOpen: wslinkOpen,
  ndoStop: wslinkStop,
  ndoStartXmit: (skb, dev) => priv(dev).tx.post(skb),
  ndoSetMacAddress: ethMacAddr,
  ndoValidateAddr: ethValidateAddr,
  ndoChangeCarrier: wslinkChangeCarrier,
  ndoTxTimeout: wslinkTxTimeout,
  ndoFixFeatures: wslinkFixFeatures,
};

function wslinkSetup(dev: NetDevice): void {
  etherSetup(dev);
  dev.netdevOps = wslinkNetdevOps;
  dev.ethtoolOps = wslinkEthtoolOps;
  dev.maxMtu = ETH_MAX_MTU;
  dev.wantedFeatures = NETIF_F_VNET;
  dev.hwFeatures = GATHERS;
  dev.watchdogTimeo = WSLINK_WATCHDOG_TIMEO;
  ethHwAddrRandom(dev);
}

export const wslinkLinkOps: RtnlLinkOps<WslinkOptions> = {
  kind: 'wslink',
  setup: wslinkSetup,
  newlink(dev, options) {
    dev.priv = new WslinkPriv(dev, options.transport, options.epoch);
    registerNetdev(dev);
  },
  fillInfo: (dev) => ({ link_mtu: priv(dev).linkMtu }),
};

export function wslinkCounters(dev: NetDevice): WslinkCounters {
  const { epoch, tx, rx } = priv(dev);
  return { epoch, tx: tx.cableFrames, rx: rx.cableFrames };
}
