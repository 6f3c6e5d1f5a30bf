import {
  consumeSkb,
  devChangeCarrier,
  devClose,
  devGetOperstate,
  devGraftQdisc,
  devOpen,
  devQueueXmit,
  devSetMtu,
  devSetTxQueueLen,
  ethtoolSetCoalesce,
  ethtoolSetFeatures,
  IF_OPER_DOWN,
  IF_OPER_UP,
  Net,
  type NetDevice,
  netifCarrierOk,
  netifRunning,
  PfifoFast,
  rtnlDelLink,
  rtnlNewLink,
} from '@etherloom/netcore';
import { ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import { BatchWriter, createMemoryPair, type Transport, type TransportHandler } from '@etherloom/transport';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wslinkLinkOps } from './wslink.ts';

const ETH_P_TEST = 0x88b5;
const silent: TransportHandler = { linkUp() {}, linkDown() {}, message() {}, sent() {}, control() {} };

/** A device on its cable, and the hands that pull at both. */
class Bench {
  readonly host = new VirtualHost();
  readonly net = new Net(this.host);
  readonly far: Transport;
  readonly dev: NetDevice;
  xmits = 0;
  received = 0;

  constructor() {
    const [near, far] = createMemoryPair((fn) => this.host.endOfTurn(fn), { highWater: 20_000 });
    this.far = far;
    far.handler = silent;
    far.open();
    this.dev = rtnlNewLink(this.net, wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e1' });
    this.net.devAddPack(ETH_P_TEST, (skb) => {
      consumeSkb(skb);
      this.received++;
    });
  }

  xmit(count: number, length: number): void {
    for (let i = 0; i < count; i++) {
      const skb = this.dev.pool.alloc(length);
      if (skb === null) return; // large ones are 2048 in all
      skb.put(length);
      skb.dev = this.dev;
      skb.priority = i & 7;
      this.xmits++;
      devQueueXmit(skb);
    }
  }

  receive(count: number, length: number): void {
    const frame = ethernetFrame({ dst: this.dev.devAddr, src: mac(9), type: ETH_P_TEST, length });
    const batch = new BatchWriter(1 << 20);
    for (let i = 0; i < count; i++) batch.append(frame, 0, frame.length);
    this.far.send(batch.buf, 0, batch.length, 0);
  }

  resize(tx: number, rx: number): void {
    const { ethtoolOps } = this.dev;
    const ring = ethtoolOps.getRingparam!(this.dev);
    ethtoolOps.setRingparam!(this.dev, { ...ring, txPending: tx, rxPending: rx });
  }

  coalesce(usecs: number, frames: number, rx: boolean): void {
    const side = rx ? 'rx' : 'tx';
    ethtoolSetCoalesce(this.dev, { [`${side}-usecs`]: usecs, [`${side}-frames`]: frames });
  }

  /** A frame handler that acts in the middle of a poll, once. */
  duringPoll(act: (bench: Bench) => void): void {
    const remove = this.net.devAddPack(ETH_P_TEST, (skb) => {
      consumeSkb(skb);
      remove();
      if (!this.gone) act(this);
    });
  }

  get gone(): boolean {
    return this.net.devGetByName('eth0') === undefined;
  }

  ethtool(name: string): number {
    const { getStrings, getEthtoolStats } = this.dev.ethtoolOps;
    return getEthtoolStats!(this.dev)[getStrings!(this.dev).indexOf(name)]!;
  }
}

type Step = (bench: Bench) => void;
const step = (text: string, run: Step): Step => Object.assign(run, { toString: () => text });

const length = fc.constantFrom(14, 60, 1514, 1519, 9000);
const acts = fc.oneof(
  fc.constant(step('open', ({ dev }) => devOpen(dev))),
  fc.constant(step('close', ({ dev }) => devClose(dev))),
  fc.boolean().map((on) => step(`plug ${on}`, ({ dev }) => devChangeCarrier(dev, on))),
  fc.boolean().map((on) => step(`link ${on}`, ({ far }) => far.control({ type: 'carrier', on }))),
  fc.boolean().map((up) => step(`cable ${up}`, ({ far }) => (up ? far.open() : far.close()))),
  fc.constantFrom(68, 1500, 9000).map((mtu) => step(`mtu ${mtu}`, ({ dev }) => devSetMtu(dev, mtu))),
  fc.constantFrom(1, 5, 1000).map((n) => step(`txqueuelen ${n}`, ({ dev }) => devSetTxQueueLen(dev, n))),
  fc
    .boolean()
    .map((own) => step(`qdisc ${own}`, ({ dev }) => devGraftQdisc(dev, own ? () => new PfifoFast() : null))),
  fc
    .tuple(fc.constantFrom(16, 64, 4096), fc.constantFrom(64, 4096))
    .map(([tx, rx]) => step(`rings ${tx} ${rx}`, (bench) => bench.resize(tx, rx))),
  fc
    .tuple(fc.constantFrom(0, 300), fc.constantFrom(1, 3, 70, 4096), fc.boolean())
    .map(([usecs, frames, rx]) =>
      step(`coalesce ${rx ? 'rx' : 'tx'} ${usecs} ${frames}`, (bench) => bench.coalesce(usecs, frames, rx)),
    ),
  fc.constantFrom(0, 3).map((polls) =>
    step(`defer ${polls}`, ({ dev }) => {
      dev.napiDeferHardIrqs = polls;
      dev.groFlushTimeout = 500_000;
    }),
  ),
  fc.boolean().map((gro) => step(`gro ${gro}`, ({ dev }) => void ethtoolSetFeatures(dev, { gro }))),
);
const traffic = fc.oneof(
  fc
    .tuple(fc.constantFrom(1, 7, 90, 1200), length)
    .map(([n, len]) => step(`xmit ${n} ${len}`, (b) => b.xmit(n, len))),
  fc
    .tuple(fc.constantFrom(1, 7, 90), length)
    .map(([n, len]) => step(`receive ${n} ${len}`, (b) => b.receive(n, len))),
);
const passing = fc.oneof(
  fc.constant(step('turn', ({ host }) => void host.runTurn())),
  fc.constant(step('turns', ({ host }) => host.runTurns())),
  fc.constant(step('6 s', ({ host }) => host.advance(6000))),
);
const removal = fc.constant(step('delete', ({ dev }) => rtnlDelLink(dev)));
const within = fc
  .oneof({ weight: 9, arbitrary: acts }, removal)
  .map((act) => step(`in the next poll: ${act}`, (bench) => bench.duringPoll(act)));
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: acts },
    { weight: 5, arbitrary: traffic },
    { weight: 4, arbitrary: passing },
    within,
  ),
  { maxLength: 40 },
);

const sum = (counts: Float64Array): number => counts.reduce((total, n) => total + n, 0);

/** What must hold whenever one looks. */
function alwaysTrue({ dev }: Bench): boolean {
  const carrier = netifCarrierOk(dev);
  const operstate = netifRunning(dev) && carrier ? IF_OPER_UP : IF_OPER_DOWN;
  return (
    dev.carrierUpCount - dev.carrierDownCount === (carrier ? 1 : 0) &&
    devGetOperstate(dev) === operstate &&
    (netifRunning(dev) || !carrier) &&
    dev.qdisc.qlen >= 0 &&
    dev.stats.txErrors === dev.stats.txCarrierErrors
  );
}

test('whatever is done to a device and its cable, every frame is counted once and every skb comes home', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const bench = new Bench();
      const { dev, host } = bench;
      devOpen(dev);
      host.runTurns();
      for (const run of script) {
        if (bench.gone) break;
        run(bench);
        if (!alwaysTrue(bench)) return false;
      }
      host.runTurns();
      rtnlDelLink(dev);
      host.runTurns();
      const { txPackets, rxPackets } = dev.stats;
      expect(sum(dev.drops)).toBe(bench.xmits - txPackets + bench.ethtool('rx_cable_frames') - rxPackets);
      expect(bench.received).toBe(rxPackets);
      expect([dev.pool.inUse, host.pendingTimers]).toEqual([0, 0]);
      return true;
    }),
    { numRuns: 300 },
  );
});
