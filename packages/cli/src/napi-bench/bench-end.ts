/** One end of the demonstration: a namespace with one wslink device, as a node has it, and what is counted of it. */
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WslinkOptions, wslinkLinkOps } from '@etherloom/drivers';
import {
  consumeSkb,
  devOpen,
  dropsByReason,
  ethtoolGetStats,
  ethtoolSet,
  Net,
  type NetDevice,
  netifCarrierOk,
  rtnlNewLink,
} from '@etherloom/netcore';
import { nodeHost } from '@etherloom/node';
import { DATA_PATH, DATA_PROTOCOL } from '@etherloom/schema';
import type { Transport } from '@etherloom/transport';
import {
  createServer,
  createUpgradeRouter,
  listen,
  requestHasToken,
  WsTransport,
} from '@etherloom/transport-ws';
import { PacedSource } from './paced-source.ts';
import { ServerCable } from './server-cable.ts';
import type { Coalescing, Look } from './words.ts';

/** Local experimental EtherType 1 (IEEE 802). */
const ETH_P_BENCH = 0x88b5;
const SENDER = '02:00:00:00:00:01';
const RECEIVER = '02:00:00:00:00:02';
const CARRIER_WITHIN_MS = 5000;

/** What `ethtool -C eth0` is told. */
const COALESCE = {
  off: { 'tx-frames': 1, 'rx-frames': 1 },
  on: { 'tx-frames': 4096, 'rx-frames': 16384 },
} as const;

export class BenchEnd {
  readonly #dev: NetDevice;
  #delivered = 0;
  #offered = 0;
  #late = 0;
  #source: PacedSource | null = null;

  private constructor(address: string, transport: Transport) {
    const net = new Net(nodeHost);
    const options: WslinkOptions = { name: 'eth0', address, transport, epoch: randomUUID() };
    this.#dev = rtnlNewLink(net, wslinkLinkOps, options);
    net.devAddPack(ETH_P_BENCH, (skb) => {
      this.#delivered++;
      consumeSkb(skb);
    });
    devOpen(this.#dev);
  }

  /** Serves one cable on the loopback address. */
  static async receiver(token: string): Promise<{ end: BenchEnd; url: string }> {
    const cable = new ServerCable();
    const server = createServer();
    createUpgradeRouter({
      server,
      authorize: (req) => requestHasToken(req, token),
      routes: [
        { kind: 'data', path: DATA_PATH, protocol: DATA_PROTOCOL, accept: (socket) => cable.accept(socket) },
      ],
    });
    const end = new BenchEnd(RECEIVER, cable);
    const { host, port } = await listen(server, {});
    return { end, url: `ws://${host}:${port}${DATA_PATH}` };
  }

  static async sender(url: string, token: string): Promise<BenchEnd> {
    const hello = {
      type: 'hello',
      node: 'sender',
      device: 'eth0',
      mac: SENDER,
      mtu: 1500,
      epoch: randomUUID(),
      tx: 0,
      rx: 0,
      up: true,
      features: [],
    } as const;
    const transport = new WsTransport({
      url,
      token,
      random: nodeHost.random,
      hello: () => ({ ...hello, features: [] }),
    });
    const end = new BenchEnd(SENDER, transport);
    await end.#carrier();
    return end;
  }

  coalesce(mode: Coalescing): void {
    ethtoolSet(this.#dev, { coalesce: COALESCE[mode] });
  }

  start(rate: number, size: number): void {
    const frame = new Uint8Array(size);
    frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, ETH_P_BENCH >> 8, ETH_P_BENCH & 0xff]);
    this.#source = new PacedSource(this.#dev, rate, frame);
  }

  stop(): void {
    this.#source?.stop();
    this.#offered += this.#source?.offered ?? 0;
    this.#late += this.#source?.late ?? 0;
    this.#source = null;
  }

  look(): Look {
    const { user, system } = process.cpuUsage();
    const stats = ethtoolGetStats(this.#dev)!;
    return {
      at: performance.now(),
      cpu: (user + system) / 1000,
      offered: this.#offered + (this.#source?.offered ?? 0),
      delivered: this.#delivered,
      interrupts: stats['rx_interrupts']!,
      messages: stats['rx_messages']!,
      drops: { ...dropsByReason(this.#dev.drops), LATE: this.#late + (this.#source?.late ?? 0) },
    };
  }

  async #carrier(): Promise<void> {
    const end = performance.now() + CARRIER_WITHIN_MS;
    while (!netifCarrierOk(this.#dev)) {
      if (performance.now() > end) throw new Error('the two ends found no carrier');
      await sleep(5);
    }
  }
}
