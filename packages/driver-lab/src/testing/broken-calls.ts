/** Drivers that break the rules of what a kernel asks, and of what it is asked. The line that is wrong is marked `// HERE`. */
import type { Rule } from '../checker/rules.ts';
import {
  consumeSkb,
  type LabLinkOps,
  type LabNic,
  type Napi,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
  netdevTxCompletedQueue,
  netdevTxSentQueue,
  netifCarrierOff,
  netifRx,
  type SkBuff,
  timerSetup,
} from '../index.ts';
import { fill, goodReceive, goodXmit, later, polled, send, type Take, with_ } from './broken-parts.ts';

const goodPoll = (napi: Napi, budget: number, take: Take, nic: LabNic): number => {
  const work = take(napi, budget);
  if (work < budget && napi.completeDone(work)) nic.irq.enable();
  return work;
};

const nap = () => new Promise<void>((resolve) => void Promise.resolve().then(resolve));
/** Types say that no op is async; at run time nobody asks them. */
const sync = <T>(promise: Promise<unknown>): T => promise as T;

export const BROKEN_CALLS = {
  'ops-return': with_({
    ethtool: { getStrings: () => ['a', 'b'], getEthtoolStats: () => [1] },
  }),
  'napi-state': polled(goodPoll, undefined, (_dev, _nic, napi) => {
    napi.disable();
    napi.disable(); // HERE
    napi.enable();
  }),
  'irq-request': with_({
    more(_dev, nic) {
      nic.irq.request(() => nic.irq.readCause());
      nic.irq.request(() => nic.irq.readCause()); // HERE
      nic.irq.free();
    },
  }),
  'timer-active': with_({
    more(dev) {
      const timer = timerSetup(dev, () => timer.mod(10)); // HERE
      timer.mod(10);
    },
  }),
  bql: with_({
    xmit(skb, dev, nic) {
      const { len } = skb;
      netdevTxSentQueue(dev.txq[0]!, len);
      goodXmit(skb, dev, nic);
      netdevTxCompletedQueue(dev.txq[0]!, 1, len + 4); // HERE
      return NETDEV_TX_OK;
    },
  }),
  carrier: with_({ link: (dev) => netifCarrierOff(dev) }),
  'dma-bounds': with_({
    xmit(skb, dev, nic) {
      if (nic.tx.size === 0) nic.tx.setup(64);
      dev.stats.txDropped++;
      nic.tx.descs[nic.tx.tail]!.len = skb.len;
      nic.tx.tail = nic.tx.next(nic.tx.tail); // HERE
      consumeSkb(skb);
      return NETDEV_TX_OK;
    },
  }),
  async: with_({
    xmit(skb, dev, nic) {
      goodXmit(skb, dev, nic);
      return sync<NetdevTx>(nap());
    },
  }),
  'mtu-by-hand': with_({
    receive(dev, buf, at, len) {
      dev.mtu = 1400; // HERE
      goodReceive(dev, buf, at, len);
    },
  }),
  'stats-backwards': with_({
    more(dev) {
      later(dev, 3000, () => {
        dev.stats.txPackets = 0;
      });
    },
  }),
} satisfies Partial<Record<Rule, LabLinkOps>>;

const fails = (..._done: unknown[]): never => {
  throw new TypeError('cannot read properties of null'); // HERE
};

const spare = new WeakMap<NetDevice, SkBuff>();

/** Breaks a rule in another way. */
export const ALSO_BROKEN_CALLS: [Rule, string, LabLinkOps][] = [
  ['oops', 'an exception in ndoStop', with_({ stop: (_dev, nic) => fails(nic.stop()) })],
  ['oops', 'an exception in fillInfo', with_({ info: fails })],
  ['oops', 'an exception in ndoGetStats64', with_({ ops: { ndoGetStats64: fails } })],
  ['oops', 'an exception in ndoSetRxMode', with_({ ops: { ndoSetRxMode: fails } })],
  ['oops', 'an exception in onLink', with_({ link: fails })],
  ['oops', 'an exception in an interrupt', polled(goodPoll, (_napi, nic) => fails(nic.irq.readCause()))],
  [
    'oops',
    'an exception in the poll',
    polled((_napi, budget, _take, nic) => (budget === 0 ? 0 : fails(nic.irq.enable()))),
  ],
  [
    'oops',
    'an exception in a timer',
    with_({
      more(dev) {
        timerSetup(dev, fails).mod(10);
      },
    }),
  ],
  [
    'oops',
    'nothing that is thrown',
    with_({
      receive() {
        throw undefined;
      },
    }),
  ],
  [
    'async',
    'an async poll',
    polled((napi, budget, take, nic) => sync(nap().then(() => goodPoll(napi, budget, take, nic)))),
  ],
  [
    'stats-backwards',
    'a counter that is no number',
    with_({
      ops: {
        ndoGetStats64(_dev, storage) {
          storage.rxErrors = undefined as unknown as number;
        },
      },
    }),
  ],
  ['carrier', 'a carrier that is never put on', with_({ link: () => {}, down: true })],
  ['async', 'an async onFrame', with_({ receive: (...frame) => sync(nap().then(() => void frame)) })],
  ['async', 'an async onLink', with_({ link: () => sync(nap()) })],
  ['async', 'an async ndoSetRxMode', with_({ ops: { ndoSetRxMode: () => sync(nap()) } })],
  [
    'ops-return',
    'names that are no names',
    with_({ ethtool: { getStrings: () => 7 as unknown as string[] } }),
  ],
  [
    'ops-return',
    'values that are none',
    with_({ ethtool: { getStrings: () => ['a'], getEthtoolStats: () => [Number.NaN] } }),
  ],
  [
    'bql',
    'bytes that are announced and never completed',
    with_({
      xmit(skb, dev, nic) {
        netdevTxSentQueue(dev.txq[0]!, skb.len);
        return goodXmit(skb, dev, nic);
      },
    }),
  ],
  [
    'dma-bounds',
    'a descriptor that reaches beyond its skb',
    with_({
      more(dev, nic) {
        nic.onFrame = null;
        const skb = dev.pool.alloc(100)!;
        const { ndoOpen, ndoStop } = dev.netdevOps;
        dev.netdevOps = {
          ...dev.netdevOps,
          ndoOpen(d) {
            nic.rx.setup(4);
            Object.assign(nic.rx.descs[0]!, { buf: skb.buf, at: skb.data, len: 4 * (skb.end - skb.data) });
            nic.rx.tail = 1; // HERE
            ndoOpen?.(d);
          },
          ndoStop(d) {
            ndoStop?.(d);
            d.stats.rxDropped += nic.counters.rxFrames;
            nic.rx.setup(0);
          },
        };
        spare.set(dev, skb);
      },
      gone: (dev) => consumeSkb(spare.get(dev)!),
    }),
  ],
  [
    'skb-use-after',
    'a table that is put in while the device runs',
    with_({
      more(dev, nic) {
        dev.netdevOps = {
          ...dev.netdevOps,
          ndoStartXmit(skb, d) {
            send(skb, d, nic);
            consumeSkb(skb);
            d.stats.collisions += skb.len & 0; // HERE
            return NETDEV_TX_OK;
          },
        };
      },
    }),
  ],
  [
    'oops',
    'a function that is put into a table',
    with_({
      receive(dev, buf, at, len) {
        netifRx(fill(dev, buf, at, len));
        dev.netdevOps.ndoStartXmit = () => NETDEV_TX_OK; // HERE
      },
    }),
  ],
];
