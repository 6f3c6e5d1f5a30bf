/** `stack: kernel` as a node's stack: a Linux interface for each device, all in one network namespace. */
import { type Net, type NetDevice, NetError } from '@etherloom/netcore';
import type { IpAddr, IpNeigh, PingRequest, PingResult } from '@etherloom/schema';
import { dumpAddresses, dumpNeighbours, netnsPath } from '@etherloom/tap';
import type { Log } from '@etherloom/transport-ws';
import { KernelStack } from './kernel-stack.ts';
import type { Addressing, Attachment, NodeStack } from './node-stack.ts';
import { warmUp } from './warm-up.ts';

export class LinuxNodeStack implements NodeStack {
  readonly #net: Net;
  readonly #netns: string | undefined;
  readonly #log: Log;
  readonly #interfaces = new Set<KernelStack>();

  /** The interfaces live in the named namespace, or in the one this process is in. */
  constructor(net: Net, netns: string | undefined, log: Log) {
    this.#net = net;
    this.#netns = netns;
    this.#log = log;
  }

  attach(dev: NetDevice, addressing: Addressing): Attachment {
    const report = (err: NetError) =>
      this.#log.warn({ device: dev.name, err }, 'trouble with the Linux interface');
    const stack = KernelStack.create(this.#net, dev, {
      netns: this.#netns,
      ifname: dev.name,
      ...addressing,
      report,
    });
    this.#interfaces.add(stack);
    warmUp().catch((err) => this.#log.debug({ err }, 'could not warm up'));
    return {
      vnet: stack.tap !== null && stack.tap.features !== 0,
      configure: (next) => stack.configure(next),
      detach: () => {
        this.#interfaces.delete(stack);
        stack.destroy();
      },
    };
  }

  /** Linux routes between the interfaces by itself, so any of them will do. */
  async ping(request: PingRequest): Promise<PingResult> {
    const [stack] = this.#interfaces;
    if (stack === undefined) throw new NetError('ENETDOWN', 'this node has no Linux interface to ping from');
    return stack.ping(request);
  }

  /** Of the whole namespace, as Linux tells it. Why the casts: tap spells the keys without knowing the schema. */
  addresses(): IpAddr[] {
    return this.#there() ? (dumpAddresses(this.#path()) as IpAddr[]) : [];
  }

  neighbours(): IpNeigh[] {
    return this.#there() ? (dumpNeighbours(this.#path()) as IpNeigh[]) : [];
  }

  /** A named namespace is made with the first interface in it. */
  #there(): boolean {
    return this.#netns === undefined || this.#interfaces.size > 0;
  }

  #path(): string | null {
    return this.#netns === undefined ? null : netnsPath(this.#netns);
  }

  close(): void {
    for (const stack of this.#interfaces) stack.destroy();
    this.#interfaces.clear();
  }
}
