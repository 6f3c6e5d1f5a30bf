/** For tests: stations on a hub. Every frame is heard by all other ports and kept in a log; a test may tamper with it. */
import { ETH_MAX_MTU, ETH_P_ARP, ethType, macToString } from '@etherloom/frame';
import {
  allocEtherdev,
  consumeSkb,
  devOpen,
  ethMacAddr,
  ethTypeTrans,
  type Host,
  NETDEV_TX_OK,
  Net,
  type NetDevice,
  netifRx,
  registerNetdev,
} from '@etherloom/netcore';
import { type DeviceConf, Inet } from '../inet.ts';

export interface Station {
  readonly net: Net;
  readonly inet: Inet;
  readonly dev: NetDevice;
}

export class Hub {
  /** Every frame sent, in order. */
  readonly log: Uint8Array[] = [];
  /** What arrives in place of a frame. */
  tamper: (frame: Uint8Array, from: NetDevice) => Uint8Array[] = (frame) => [frame];
  /** Milliseconds on the way. */
  delay = 0;
  readonly #host: Host;
  readonly #ports: NetDevice[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** A node of its own with MAC 02:00:00:00:00:<n>, up, with the address and the MTU. */
  station(n: number, cidr?: string, mtu = 1500, conf: DeviceConf = {}): Station {
    const net = new Net(this.#host);
    const dev = this.port(net, 'eth0', n, mtu);
    const inet = new Inet(net);
    inet.attach(dev, conf);
    if (cidr !== undefined) inet.addrAdd(dev, cidr);
    return { net, inet, dev };
  }

  /** One more device on the hub. */
  port(net: Net, name: string, n: number, mtu = 1500): NetDevice {
    const dev = allocEtherdev(net, name, (d) => {
      d.maxMtu = ETH_MAX_MTU;
      d.mtu = mtu;
      d.devAddr.set([2, 0, 0, 0, 0, n]);
      d.netdevOps = {
        ndoSetMacAddress: ethMacAddr,
        ndoStartXmit: (skb) => {
          const frame = skb.buf.slice(skb.data, skb.tail);
          consumeSkb(skb);
          this.#carry(frame, dev);
          return NETDEV_TX_OK;
        },
      };
    });
    registerNetdev(dev);
    devOpen(dev);
    this.#ports.push(dev);
    return dev;
  }

  /** The frame as if it came in on the device. */
  inject(dev: NetDevice, frame: Uint8Array): void {
    const skb = dev.net.pool.alloc(frame.length)!;
    skb.buf.set(frame, skb.put(frame.length));
    ethTypeTrans(skb, dev);
    dev.net.irq(() => netifRx(skb));
  }

  /** The ARP frames of the log, as 'source-MAC op sender>target'. */
  arps(): string[] {
    return this.log.filter((f) => ethType(f, 0) === ETH_P_ARP).map(arpText);
  }

  #carry(frame: Uint8Array, from: NetDevice): void {
    this.log.push(frame);
    for (const copy of this.tamper(frame, from)) {
      for (const to of this.#ports) {
        if (to !== from) this.#host.setTimer(() => this.inject(to, copy), this.delay);
      }
    }
  }
}

function arpText(f: Uint8Array): string {
  const ip = (at: number) => f.slice(at, at + 4).join('.');
  return `${macToString(f, 6).slice(-2)}>${macToString(f, 0).slice(-2)} ${f[21] === 1 ? 'who-has' : 'is-at'} ${ip(28)}>${ip(38)}`;
}
