/** A network namespace: its devices by name and index, who listens to them, packet types, skb pool and softirqs. cf. struct net */
import { Backlog } from './backlog.ts';
import type { Host } from './host.ts';
import type { NetDevice } from './net-device.ts';
import { type NetdevNotifier, NotifierChain, registerNetdeviceNotifier } from './notifier.ts';
import { type PacketHandler, PacketTypes } from './packet-type.ts';
import { destroyLink } from './rtnetlink.ts';
import { QDISC_HANDLE_FIRST } from './sched/qdisc.ts';
import { qdiscRun } from './sched/sch-generic.ts';
import { SkbPool, type SkbPoolLimits } from './skb-pool.ts';
import { Softirq } from './softirq.ts';
import type { Tracer } from './trace.ts';

export interface NetOptions {
  readonly pool?: SkbPoolLimits;
  /** Hears what the kernel would log: the watchdog, drivers that misbehave. */
  readonly printk?: (text: string) => void;
}

export class Net {
  readonly host: Host;
  readonly pool: SkbPool;
  readonly softirq: Softirq;
  readonly notifiers = new NotifierChain();
  readonly ptypes = new PacketTypes();
  readonly backlog: Backlog;
  readonly printk: (text: string) => void;
  /** Who follows frames, set by netSetTracer; null nearly always. */
  trace: Tracer | null = null;
  /** More frames follow the one being sent: the doorbell can wait. cf. softnet_data.xmit.more */
  xmitMore = false;
  /** Depth of queueless transmits inside each other. */
  xmitRecursion = 0;
  nextQdiscHandle = QDISC_HANDLE_FIRST;
  /** Nothing is registered here any more. */
  stopped = false;
  readonly #byName = new Map<string, NetDevice>();
  readonly #byIndex = new Map<number, NetDevice>();
  #nextIfindex = 1;

  constructor(host: Host, options: NetOptions = {}) {
    this.host = host;
    this.pool = new SkbPool(options.pool);
    this.printk = options.printk ?? (() => {});
    this.softirq = new Softirq(host, qdiscRun);
    this.backlog = new Backlog(this.softirq);
  }

  /** By its name or any of its altnames. */
  devGetByName(name: string): NetDevice | undefined {
    return this.#byName.get(name);
  }

  devGetByIndex(ifindex: number): NetDevice | undefined {
    return this.#byIndex.get(ifindex);
  }

  /** In order of ifindex. */
  devices(): Iterable<NetDevice> {
    return [...this.#byIndex.values()];
  }

  /** Runs an interrupt handler, then the softirqs it raised. */
  irq(handler: () => void): void {
    this.softirq.irq(handler);
  }

  /** cf. notifier.ts */
  registerNetdeviceNotifier(fn: NetdevNotifier): () => void {
    return registerNetdeviceNotifier(this, fn);
  }

  /** Handles frames of an EtherType and consumes them; with ETH_P_ALL sees all frames, both ways, and borrows them. */
  devAddPack(type: number, fn: PacketHandler): () => void {
    return this.ptypes.add(type, fn);
  }

  /** Unregisters every device, last first, and stops the softirqs. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const ifindex of [...this.#byIndex.keys()].reverse()) {
      const dev = this.#byIndex.get(ifindex); // a dellink may have taken its peer along
      if (dev !== undefined) destroyLink(dev);
    }
    this.softirq.stop();
  }

  newIfindex(): number {
    return this.#nextIfindex++;
  }

  /** Only register.ts, dev-name.ts and dev-altname.ts call these. */
  listNetdevice(dev: NetDevice): void {
    this.#byName.set(dev.name, dev);
    this.#byIndex.set(dev.ifindex, dev);
  }

  unlistNetdevice(dev: NetDevice): void {
    this.#byName.delete(dev.name);
    for (const altname of dev.altnames) this.#byName.delete(altname);
    this.#byIndex.delete(dev.ifindex);
  }

  rename(dev: NetDevice, name: string): void {
    this.#byName.delete(dev.name);
    dev.name = name;
    this.#byName.set(name, dev);
  }

  addAltname(dev: NetDevice, altname: string): void {
    dev.altnames = [...dev.altnames, altname];
    this.#byName.set(altname, dev);
  }

  removeAltname(dev: NetDevice, altname: string): void {
    dev.altnames = dev.altnames.filter((name) => name !== altname);
    this.#byName.delete(altname);
  }
}
