/** A network card that takes every frame at once and remembers when, how long and with which bytes: what stands before it decides. */
import {
  allocEtherdev,
  consumeSkb,
  NETDEV_TX_OK,
  type Net,
  type NetDevice,
  registerNetdev,
} from '@etherloom/netcore';

export interface SinkNicOptions {
  readonly name?: string;
  readonly queues?: number;
  /** Keeps the bytes too. */
  readonly keep?: boolean;
}

export class SinkNic {
  readonly dev: NetDevice;
  /** When each frame came out, in milliseconds. */
  readonly at: number[] = [];
  readonly lengths: number[] = [];
  readonly frames: Uint8Array[] = [];
  /** Which queue it came from: its priority says so. */
  readonly queues: number[] = [];
  /** Off for heap guards: nothing is remembered. */
  listening = true;
  bytes = 0;

  /** Registered and down. */
  constructor(net: Net, { name = 'eth%d', queues = 1, keep = false }: SinkNicOptions = {}) {
    const setup = (dev: NetDevice) => {
      dev.netdevOps = {
        ndoSelectQueue: (skb) => skb.priority % queues,
        ndoStartXmit: (skb) => {
          this.bytes += skb.len;
          if (this.listening) {
            this.at.push(net.host.now());
            this.lengths.push(skb.len);
            this.queues.push(skb.queueMapping);
            if (keep) this.frames.push(skb.buf.slice(skb.data, skb.tail));
          }
          consumeSkb(skb);
          return NETDEV_TX_OK;
        },
      };
    };
    this.dev = allocEtherdev(net, name, setup, queues);
    registerNetdev(this.dev);
  }
}
