/** What the broken drivers are made of: a driver that works, and parts to exchange. */
import {
  consumeSkb,
  type EthtoolOps,
  etherSetup,
  ethHwAddrRandom,
  ethTypeTrans,
  type LabLinkOps,
  type LabNic,
  type Napi,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  napiGroReceive,
  netifCarrierOff,
  netifCarrierOn,
  netifNapiAdd,
  netifRx,
  netifStartQueue,
  registerNetdev,
  type SkBuff,
  timerSetup,
  unregisterNetdev,
} from '../index.ts';

export interface Parts {
  xmit?: (skb: SkBuff, dev: NetDevice, nic: LabNic) => NetdevTx;
  receive?: (dev: NetDevice, buf: Uint8Array, at: number, len: number) => void;
  more?: (dev: NetDevice, nic: LabNic) => unknown;
  stop?: (dev: NetDevice, nic: LabNic) => void;
  link?: (dev: NetDevice, up: boolean) => void;
  /** Whether the carrier is off before the card has said so; on when left out. */
  down?: boolean;
  /** When the device has been unregistered. */
  gone?: (dev: NetDevice) => void;
  ops?: Partial<NetDeviceOps>;
  ethtool?: EthtoolOps;
  info?: () => Record<string, unknown>;
}

export function send(skb: SkBuff, dev: NetDevice, nic: LabNic): void {
  nic.send(skb.buf, skb.data, skb.len);
  dev.stats.txPackets++;
  dev.stats.txBytes += skb.len;
}

export function goodXmit(skb: SkBuff, dev: NetDevice, nic: LabNic): NetdevTx {
  send(skb, dev, nic);
  consumeSkb(skb);
  return NETDEV_TX_OK;
}

export function fill(dev: NetDevice, buf: Uint8Array, at: number, len: number): SkBuff {
  const skb = dev.pool.alloc(len)!;
  skb.buf.set(buf.subarray(at, at + len), skb.put(len));
  skb.protocol = ethTypeTrans(skb, dev);
  dev.stats.rxPackets++;
  dev.stats.rxBytes += len;
  return skb;
}

export function goodReceive(dev: NetDevice, buf: Uint8Array, at: number, len: number): void {
  netifRx(fill(dev, buf, at, len));
}

function goodLink(dev: NetDevice, up: boolean): void {
  if (up) netifCarrierOn(dev);
  else netifCarrierOff(dev);
}

/** Step 1's driver with parts of it exchanged. */
export function with_(parts: Parts): LabLinkOps {
  return {
    kind: 'broken',
    setup(dev) {
      etherSetup(dev);
      ethHwAddrRandom(dev);
      dev.netdevOps = {
        ndoOpen(d) {
          (d.priv as LabNic).start();
          netifStartQueue(d);
        },
        ndoStop: (d) => (parts.stop ?? ((_, nic) => nic.stop()))(d, d.priv as LabNic),
        ndoStartXmit: (skb, d) => (parts.xmit ?? goodXmit)(skb, d, d.priv as LabNic),
        ...parts.ops,
      };
      if (parts.ethtool) dev.ethtoolOps = parts.ethtool;
    },
    newlink(dev, { nic }) {
      dev.priv = nic;
      nic.onFrame = (buf, at, len) => (parts.receive ?? goodReceive)(dev, buf, at, len);
      nic.onLink = (up) => (parts.link ?? goodLink)(dev, up);
      if (parts.down) netifCarrierOff(dev);
      parts.more?.(dev, nic);
      registerNetdev(dev);
    },
    ...(parts.info && { fillInfo: parts.info }),
    dellink(dev) {
      unregisterNetdev(dev);
      parts.gone?.(dev);
    },
  };
}

/** Receives by a ring of 128, NAPI and an interrupt, as step 4; the poll and the handler are the test's. */
export function polled(
  poll: (napi: Napi, budget: number, take: (napi: Napi, most: number) => number, nic: LabNic) => number,
  handler?: (napi: Napi, nic: LabNic) => void,
  opened?: (dev: NetDevice, nic: LabNic, napi: Napi) => void,
): LabLinkOps {
  return with_({
    more(dev, nic) {
      const room = new Uint8Array(128 * 2048);
      let next = 0;
      nic.onFrame = null;
      const take = (napi: Napi, most: number) => {
        let work = 0;
        for (; work < most && nic.rx.descs[next]?.done; work++) {
          const desc = nic.rx.descs[next]!;
          napiGroReceive(napi, fill(dev, desc.buf!, desc.at, desc.len));
          Object.assign(desc, { done: false, len: 2048 });
          nic.rx.tail = next;
          next = nic.rx.next(next);
        }
        return work;
      };
      const napi = netifNapiAdd(dev, (self, budget) => poll(self, budget, take, nic));
      const mask = () => {
        nic.irq.readCause();
        nic.irq.disable();
        napi.schedule();
      };
      const { ndoOpen, ndoStop } = dev.netdevOps;
      dev.netdevOps = {
        ...dev.netdevOps,
        ndoOpen(d) {
          next = 0;
          nic.rx.setup(128);
          nic.rx.descs.forEach((desc, i) => void Object.assign(desc, { buf: room, at: i * 2048, len: 2048 }));
          nic.rx.tail = 127;
          napi.enable();
          nic.irq.request(handler === undefined ? mask : () => handler(napi, nic));
          nic.irq.enable();
          ndoOpen?.(d);
          opened?.(d, nic, napi);
        },
        ndoStop(d) {
          ndoStop?.(d);
          nic.irq.free();
          napi.disable();
        },
      };
      return undefined;
    },
  });
}

export type Take = (napi: Napi, most: number) => number;

export function later(dev: NetDevice, ms: number, fn: () => void): void {
  timerSetup(dev, fn).mod(ms);
}
