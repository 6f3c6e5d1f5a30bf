import { SinkNic, testSkb, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devClose, devOpen } from '../dev-flags.ts';
import { devQueueXmit } from '../dev-queue-xmit.ts';
import { SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import { Net } from '../net.ts';
import { qdiscShow } from '../qdisc-show.ts';
import { type TcQdiscRequest, tcDeleteQdisc, tcModifyQdisc } from './sch-api.ts';

const TBF = { rate: 125_000, burst: 10_240, lat: 50_000 };

function card(queues = 1) {
  const host = new VirtualHost();
  const nic = new SinkNic(new Net(host), { queues });
  devOpen(nic.dev);
  const { dev } = nic;
  const tc = (mode: TcQdiscRequest['mode'], request: Omit<TcQdiscRequest, 'mode'>) =>
    tcModifyQdisc(dev, { mode, ...request });
  const send = (len = 1000, priority = 0) => {
    const skb = testSkb(dev, len);
    skb.priority = priority;
    return devQueueXmit(skb);
  };
  return { host, nic, dev, tc, send };
}

/** One command a word list: `add root 1: pfifo`, `del parent 1:1`. */
function run(dev: ReturnType<typeof card>['dev'], command: string): void {
  const words = command.split(' ');
  const mode = words.shift()!;
  const parent =
    words[0] === 'root' ? words.shift() : words[0] === 'parent' ? words.splice(0, 2)[1] : undefined;
  const handle = words[0]?.includes(':') ? words.shift() : undefined;
  const kind = words.shift();
  const options = kind === 'tbf' ? TBF : words.length > 0 ? { limit: Number(words[0]) } : {};
  if (mode === 'del') tcDeleteQdisc(dev, { parent, handle, kind });
  else tcModifyQdisc(dev, { mode: mode as TcQdiscRequest['mode'], parent, handle, kind, options });
}

const tree = (dev: ReturnType<typeof card>['dev']) =>
  qdiscShow(dev).map(({ kind, handle, parent = 'root' }) => `${kind} ${handle} ${parent}`);

describe('what tc_modify_qdisc does, and what it refuses and leaves alone', () => {
  // biome-ignore format: one case a line; each was tried on Linux 6.18
  test.each([
    ['a qdisc is given a handle',                    [],                                  'add root pfifo',             ['pfifo 8001: root']],
    ['or takes the one it is asked for',             [],                                  'add root 1: pfifo',          ['pfifo 1: root']],
    ['add where its kind is refuses',                ['add root 1: pfifo'],               'add root 1: pfifo',          'EEXIST Exclusivity flag on, cannot modify'],
    ['with a handle of none too',                    ['add root 1: pfifo'],               'add root pfifo',             'EEXIST Exclusivity flag on, cannot modify'],
    ['add under another handle',                     ['add root 1: pfifo'],               'add root 2: pfifo',          'EEXIST NLM_F_REPLACE needed to override'],
    ['change under another handle',                  ['add root 1: pfifo'],               'change root 2: pfifo',       'EEXIST NLM_F_REPLACE needed to override'],
    ['add of another kind takes the place',          ['add root 1: pfifo'],               'add root bfifo',             ['bfifo 8001: root']],
    ['change to another kind takes the place',       ['add root 1: pfifo'],               'change root bfifo',          ['bfifo 8001: root']],
    ['change under the handle keeps the kind',       ['add root 1: pfifo'],               'change root 1: bfifo',       'EINVAL Invalid qdisc name: must match existing qdisc'],
    ['replace under the handle keeps the kind',      ['add root 1: pfifo'],               'replace root 1: bfifo',      'EINVAL Invalid qdisc name: must match existing qdisc'],
    ['replace of the same kind changes it',          ['add root 1: pfifo'],               'replace root pfifo',         ['pfifo 1: root']],
    ['replace under another handle is a new one',    ['add root 1: pfifo'],               'replace root 2: pfifo',      ['pfifo 2: root']],
    ['change where there is a default only',         [],                                  'change root pfifo 5',        'ENOENT Qdisc not found. To create specify NLM_F_CREATE flag'],
    ['change by a handle that is not there',         [],                                  'change 9: pfifo',            'ENOENT Specified qdisc not found'],
    ['change by its handle',                         ['add root 1: pfifo'],               'change 1: pfifo 5',          ['pfifo 1: root']],
    ['change by its handle keeps the kind',          ['add root 1: pfifo'],               'change 1: bfifo',            'EINVAL Invalid qdisc name: must match existing qdisc'],
    ['an unknown kind',                              [],                                  'add root nosuch',            'ENOENT Specified qdisc kind is unknown'],
    ['an unknown kind where one is',                 ['add root 1: pfifo'],               'change root nosuch',         'ENOENT Specified qdisc kind is unknown'],
    ['a child of nobody',                            [],                                  'add parent 3:1 pfifo',       'ENOENT Failed to find specified qdisc'],
    ['a child of one without classes',               ['add root 1: pfifo'],               'add parent 1:1 pfifo',       'EOPNOTSUPP Parent qdisc is not classful'],
    ['a child of a class that is not there',         ['add root 1: prio'],                'add parent 1:4 pfifo',       'ENOENT Specified class not found'],
    ['fq_codel has no class to graft to',            ['add root 1: fq_codel'],            'add parent 1:1 pfifo',       'ENOENT Specified class not found'],
    ['a child, and the default it replaces is hidden', ['add root 1: prio'],              'add parent 1:2 pfifo',       ['prio 1: root', 'pfifo 8001: 1:2']],
    ['any class of tbf is its one',                  ['add root 1: tbf'],                 'add parent 1:7 pfifo',       ['tbf 1: root', 'pfifo 8001: 1:7']],
    ['the same child once more',                     ['add root 1: tbf', 'add parent 1:1 8: pfifo'], 'add parent 1:1 8: pfifo', 'EEXIST Exclusivity flag on, cannot modify'],
    ['a handle that another place has, added',       ['add root 1: prio', 'add parent 1:1 8: pfifo'], 'add parent 1:2 8: pfifo', 'EEXIST Exclusivity flag on, cannot override'],
    ['a handle that another place has, replaced',    ['add root 1: tbf'],                 'replace parent 1:1 1: tbf',  'EINVAL Cannot move an existing qdisc to a different parent'],
    ['an option of nobody',                          [],                                  'add root prio 3',            'EINVAL What is "limit"?'],
    ['a qdisc without options takes none later',     ['add root 1: pfifo_fast'],          'change root pfifo_fast 3',   'EINVAL Change operation not supported by specified qdisc'],
    ['and is content with none',                     ['add root 1: pfifo_fast'],          'change root pfifo_fast',     ['pfifo_fast 1: root']],
    ['mq on one queue',                              [],                                  'add root mq',                'EOPNOTSUPP Operation not supported'],
    ['a handle that is none',                        [],                                  'add root x: pfifo',          'EINVAL Invalid qdisc ID'],
    ['the default is not deleted',                   [],                                  'del root',                   'ENOENT Cannot delete qdisc with handle of zero'],
    ['nor by another kind, which comes first',       [],                                  'del root netem',             'EINVAL Invalid qdisc name: must match existing qdisc'],
    ['delete gives the default back',                ['add root 1: pfifo'],               'del root',                   ['pfifo_fast 0: root']],
    ['delete by another handle',                     ['add root 1: pfifo'],               'del root 2:',                'EINVAL Invalid handle'],
    ['delete by another kind',                       ['add root 1: pfifo'],               'del root bfifo',             'EINVAL Invalid qdisc name: must match existing qdisc'],
    ['delete by a handle of nobody',                 ['add root 1: pfifo'],               'del 2:',                     'ENOENT Failed to find qdisc with specified handle'],
    ['delete under nobody',                          ['add root 1: pfifo'],               'del parent 3:1',             'ENOENT Failed to find qdisc with specified classid'],
    ['delete under one without classes',             ['add root 1: pfifo'],               'del parent 1:1',             'EOPNOTSUPP Parent qdisc is not classful'],
    ['a child that is gone already',                 ['add root 1: tbf', 'add parent 1:1 2: pfifo', 'del parent 1:1'], 'del parent 1:1', 'ENOENT Cannot delete qdisc with handle of zero'],
    ['netem has no child to delete',                 ['add root 1: netem'],               'del parent 1:1',             'ENOENT Cannot find specified qdisc on specified device'],
  ] as const)('%s', (_name, before, command, want) => {
    const { dev } = card();
    for (const earlier of before) run(dev, earlier);
    const shown = JSON.stringify(qdiscShow(dev));
    if (typeof want !== 'string') {
      run(dev, command);
      expect(tree(dev)).toEqual(want);
      return;
    }
    const [code, text] = [want.slice(0, want.indexOf(' ')), want.slice(want.indexOf(' ') + 1)];
    expect(() => run(dev, command)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
    expect(JSON.stringify(qdiscShow(dev))).toBe(shown);
  });
});

describe('options the kernel or tc refuses: EINVAL, and nothing changes', () => {
  // biome-ignore format: one case a line
  test.each([
    ['netem', { 'loss-random': { loss: 1.01 } },                                  'Illegal "loss percent"'],
    ['netem', { 'loss-random': { loss: -0.1 } },                                  'Illegal "loss percent"'],
    ['netem', { delay: { delay: -1 } },                                           'Illegal "delay"'],
    ['netem', { delay: { delay: 1, jitter: -1 } },                                'Illegal "jitter"'],
    ['netem', { delay: { delay: 1, correlation: 2 } },                            'Illegal "latency"'],
    ['netem', { distribution: 'lognormal' },                                      'No distribution data for lognormal'],
    ['netem', { reorder: { reorder: 0.5 } },                                      'reordering not possible without specifying some delay'],
    ['netem', { 'loss-random': { loss: 0.1 }, 'loss-gemodel': { p: 0.1 } },       'duplicate loss argument'],
    ['netem', { 'loss-gemodel': { p: 1.5 } },                                     'Illegal "loss gemodel p"'],
    ['netem', { 'loss-state': { p13: 7 } },                                       'Illegal "loss p13"'],
    ['netem', { slot: { 'min-delay': 2, 'max-delay': 1 } },                       'Illegal "slot max_delay"'],
    ['netem', { limit: -1 },                                                      'Illegal "limit"'],
    ['netem', { limit: 2 ** 32 },                                                 'Illegal "limit"'],
    ['netem', { corrupt: { corrupt: 'often' } },                                  'Illegal "corrupt"'],
    ['tbf',   {},                                                                 'the "rate" parameter is mandatory'],
    ['tbf',   { rate: 1000 },                                                     'the "burst" parameter is mandatory'],
    ['tbf',   { rate: 1000, burst: 2000 },                                        'either "limit" or "latency" is required'],
    ['tbf',   { rate: 1000, burst: 2000, limit: 1, lat: 1 },                      'specifying both "latency" and "limit" is not allowed'],
    ['tbf',   { rate: 1000, burst: 2000, limit: 1, peakrate: 2000 },              'when "peakrate" is specified, "mtu" must also be specified'],
    ['tbf',   { rate: 1000, burst: 2000, limit: 1, peakrate: 900, minburst: 1 },  'Invalid argument'],
    ['prio',  { bands: 1 },                                                       'Invalid argument'],
    ['prio',  { bands: 17 },                                                      'Invalid argument'],
    ['prio',  { bands: 2 },                                                       'Invalid argument: priomap sends priority 1 to band 2 of 2'],
    ['prio',  { bands: 3, priomap: [3] },                                         'Invalid argument'],
    ['fq_codel', { flows: 0 },                                                    'Invalid argument'],
    ['fq_codel', { flows: 65537 },                                                'Invalid argument'],
    ['fq_codel', { quantum: (1 << 20) + 1 },                                      'Invalid quantum'],
    ['pfifo', { limit: 1.5 },                                                     'Illegal "limit"'],
    ['bfifo', { rate: 5 },                                                        'What is "rate"?'],
  ])('%s %j: %s', (kind, options, text) => {
    const { dev, tc } = card();
    const refusal = expect.objectContaining({ code: 'EINVAL', message: expect.stringContaining(text) });
    expect(() => tc('add', { kind, options })).toThrow(refusal);
    expect(tree(dev)).toEqual(['pfifo_fast 0: root']);
  });

  test('a change that is refused leaves all as it was', () => {
    const { dev, tc } = card();
    tc('add', { kind: 'netem', handle: '1:', options: { delay: { delay: 0.01 }, seed: 5 } });
    const before = JSON.stringify(qdiscShow(dev));
    expect(() => tc('change', { kind: 'netem', options: { 'loss-random': { loss: 1.01 } } })).toThrow();
    expect(JSON.stringify(qdiscShow(dev))).toBe(before);
  });

  test('a limit of 0 is accepted where the kernel accepts it, and takes no frame', () => {
    const { dev, tc, send } = card();
    for (const kind of ['pfifo', 'bfifo', 'netem']) {
      tc('replace', { kind, options: { limit: 0 } });
      send();
      expect(qdiscShow(dev)[0]).toMatchObject({ kind, drops: 1, qlen: 0 });
    }
  });

  test('flows of fq_codel are made once', () => {
    const { tc } = card();
    tc('add', { kind: 'fq_codel', options: { flows: 16 } });
    expect(() => tc('change', { kind: 'fq_codel', options: { flows: 16 } })).toThrow(/Invalid argument/);
  });

  test('a netem that duplicates is the only netem of its tree', () => {
    const { tc } = card();
    tc('add', { kind: 'prio', handle: '1:' });
    tc('add', { kind: 'netem', parent: '1:1', options: { duplicate: { duplicate: 0.1 } } });
    expect(() => tc('add', { kind: 'netem', parent: '1:2' })).toThrow(
      /^netem: cannot mix duplicating netems with other netems in tree/,
    );
  });
});

describe('what tc -j -s qdisc prints', () => {
  const counters = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
  const root = { handle: '1:', dev: 'eth0', root: true, refcnt: 2 };
  const PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
  // biome-ignore format: one case a line; as tc printed it on Linux 6.18, keys in its order
  test.each([
    ['pfifo',      {},          { limit: 1000 }],
    ['bfifo',      {},          { limit: 1_514_000 }],
    ['pfifo_fast', {},          { bands: 3, priomap: PRIOMAP, multiqueue: false }],
    ['prio',       {},          { bands: 3, priomap: PRIOMAP, multiqueue: false }],
    ['tbf',        TBF,         { rate: 125_000, burst: 10_240, lat: 50_000 }],
    ['tbf',        { rate: 125_000, burst: 10_240, limit: 5000 }, { rate: 125_000, burst: 10_240, limit: 5000 }],
    ['netem',      { seed: 7 }, { limit: 1000, seed: 7, ecn: false, gap: 0 }],
    ['netem',      { delay: { delay: 0.01, jitter: 0.002 }, 'loss-random': { loss: 0.005 }, seed: 7, limit: 50 }, { limit: 50, delay: { delay: 0.01, jitter: 0.002, correlation: 0 }, 'loss-random': { loss: 0.005, correlation: 0 }, seed: 7, ecn: false, gap: 0 }],
    ['netem',      { 'loss-gemodel': { p: 0.01, r: 0.25 }, rate: { rate: 125_000 }, seed: 7 }, { limit: 1000, 'loss-gemodel': { p: 0.01, r: 0.25, '1-h': 1, '1-k': 0 }, rate: { rate: 125_000, packetoverhead: 0, cellsize: 0, celloverhead: 0 }, seed: 7, ecn: false, gap: 0 }],
    ['netem',      { delay: { delay: 0.01 }, reorder: { reorder: 0.25, correlation: 0.5 }, seed: 7 }, { limit: 1000, delay: { delay: 0.01, jitter: 0, correlation: 0 }, reorder: { reorder: 0.25, correlation: 0.5 }, seed: 7, ecn: false, gap: 1 }],
    ['netem',      { slot: { 'min-delay': 0.01, packets: 3 }, seed: 7 }, { limit: 1000, slot: { 'min-delay': 0.01, 'max-delay': 0.01, packets: 3, bytes: 0 }, seed: 7, ecn: false, gap: 0 }],
  ])('%s %j', (kind, options, shown) => {
    const { dev, tc } = card();
    tc('add', { kind, handle: '1:', options });
    expect(JSON.stringify(qdiscShow(dev))).toBe(JSON.stringify([{ kind, ...root, options: shown, ...counters }]));
  });

  test('fq_codel has its defaults, in the units the kernel rounds to, and counters of its own', () => {
    const { dev, tc } = card();
    tc('add', { kind: 'fq_codel', handle: '1:' });
    const options = {
      limit: 10240,
      flows: 1024,
      quantum: 1514,
      target: 4999,
      interval: 99_999,
      memory_limit: 33_554_432,
      ecn: true,
      drop_batch: 64,
    };
    const own = {
      maxpacket: 0,
      drop_overlimit: 0,
      new_flow_count: 0,
      ecn_mark: 0,
      new_flows_len: 0,
      old_flows_len: 0,
    };
    const want = [{ kind: 'fq_codel', ...root, options, ...counters, ...own }];
    expect(JSON.stringify(qdiscShow(dev))).toBe(JSON.stringify(want));
  });

  test('what was printed may be sent back, again and again, and means the same', () => {
    const { dev, tc } = card();
    tc('add', { kind: 'fq_codel', handle: '1:' });
    const before = qdiscShow(dev)[0]!.options;
    for (let i = 0; i < 3; i++) {
      const { flows: _, ...options } = qdiscShow(dev)[0]!.options;
      tc('change', { handle: '1:', options });
    }
    expect(qdiscShow(dev)[0]!.options).toEqual(before);
  });

  test('a child names its class and no reference count; what a qdisc made for itself is not shown', () => {
    const { dev, tc } = card();
    tc('add', { kind: 'prio', handle: '1:' });
    tc('add', { kind: 'tbf', parent: '1:3', handle: '30:', options: TBF });
    const want = { kind: 'tbf', handle: '30:', dev: 'eth0', parent: '1:3', options: TBF, ...counters };
    expect(JSON.stringify(qdiscShow(dev)[1])).toBe(JSON.stringify(want));
    expect(qdiscShow(dev)).toHaveLength(2);
  });

  test('a device that was never up shows nothing', () => {
    const { dev } = new SinkNic(new Net(new VirtualHost()));
    expect(qdiscShow(dev)).toEqual([]);
  });
});

describe('grafting', () => {
  test('frames of a qdisc that goes are dropped, and each is accounted for', () => {
    const { dev, tc, send, nic } = card();
    tc('add', { kind: 'netem', options: { delay: { delay: 1 } } });
    for (let i = 0; i < 5; i++) send();
    tc('replace', { kind: 'pfifo' });
    expect([nic.at.length, dev.drops[SKB_DROP_REASON_QUEUE_PURGE], dev.pool.inUse]).toEqual([0, 5, 0]);
  });

  test('frames of a child that goes are drops of its parent', () => {
    const { dev, tc, send, host, nic } = card();
    tc('add', { kind: 'prio', handle: '1:' });
    tc('add', { kind: 'netem', parent: '1:2', options: { delay: { delay: 1 } } });
    for (let i = 0; i < 5; i++) send();
    expect(qdiscShow(dev)[0]).toMatchObject({ qlen: 5, backlog: 5000, drops: 0 });
    tcDeleteQdisc(dev, { parent: '1:2' });
    expect(qdiscShow(dev)).toMatchObject([{ qlen: 0, backlog: 0, drops: 5 }]);
    expect(dev.drops[SKB_DROP_REASON_QUEUE_PURGE]).toBe(5);
    send();
    host.advance(2000);
    expect([nic.at.length, dev.pool.inUse, host.pendingTimers]).toEqual([1, 0, 0]);
  });

  test('a tree has an end: what each frame goes through one by one must not use the stack up', () => {
    const { dev, tc, send, nic } = card();
    tc('add', { kind: 'prio', handle: '1:' });
    const deeper = (n: number) =>
      tc('add', { kind: 'prio', parent: `${n.toString(16)}:2`, handle: `${(n + 1).toString(16)}:` });
    for (let n = 1; n < 64; n++) deeper(n);
    expect(() => deeper(64)).toThrow(expect.objectContaining({ code: 'ELOOP' }));
    expect(tree(dev)).toHaveLength(64);
    send();
    expect(nic.at).toHaveLength(1);
  });

  test('a device that goes down drops what waits and keeps its qdiscs', () => {
    const { dev, tc, send, host } = card();
    tc('add', { kind: 'tbf', handle: '1:', options: TBF });
    tc('add', { kind: 'netem', parent: '1:1', handle: '2:', options: { delay: { delay: 0.1 } } });
    for (let i = 0; i < 5; i++) send();
    devClose(dev);
    expect([dev.pool.inUse, host.pendingTimers]).toEqual([0, 0]);
    expect(tree(dev)).toEqual(['tbf 1: root', 'netem 2: 1:1']);
    devOpen(dev);
    send();
    host.advance(99);
    expect(qdiscShow(dev)[0]).toMatchObject({ qlen: 1, packets: 0 });
    host.advance(2);
    expect(qdiscShow(dev)[0]).toMatchObject({ qlen: 0, packets: 1 });
  });
});

describe('several transmit queues', () => {
  test('the default is mq, with a pfifo_fast for each', () => {
    const { dev } = card(2);
    expect(tree(dev)).toEqual(['mq 0: root', 'pfifo_fast 0: :1', 'pfifo_fast 0: :2']);
    expect(qdiscShow(dev)[0]).not.toHaveProperty('refcnt');
  });

  test('a queue’s qdisc is replaced under its class; without one it takes no frame', () => {
    const { dev, tc, nic } = card(2);
    tc('replace', { kind: 'mq', handle: '9:' });
    tc('replace', { kind: 'pfifo', parent: '9:1', handle: 'a:', options: { limit: 3 } });
    expect(tree(dev)).toEqual(['mq 9: root', 'pfifo a: 9:1', 'pfifo_fast 0: 9:2']);
    tcDeleteQdisc(dev, { parent: '9:1' });
    for (const queue of [0, 1]) {
      const skb = testSkb(dev);
      skb.priority = queue;
      devQueueXmit(skb);
    }
    expect([tree(dev), nic.queues]).toEqual([['mq 9: root', 'pfifo_fast 0: 9:2'], [1]]);
    expect(qdiscShow(dev)[0]).toMatchObject({ kind: 'mq', packets: 1 });
  });

  test('mq tells what its queues count together', () => {
    const { dev, tc, send } = card(2);
    tc('replace', { kind: 'mq', handle: '9:' });
    const slow = { rate: 1, burst: 1000, limit: 2000 };
    for (const parent of ['9:1', '9:2']) tc('replace', { kind: 'tbf', parent, options: slow });
    for (let i = 0; i < 10; i++) send(1000, i % 2);
    const [mq, ...each] = qdiscShow(dev);
    expect(each).toMatchObject([
      { packets: 1, qlen: 2, drops: 2 },
      { packets: 1, qlen: 2, drops: 2 },
    ]);
    const sum = (key: string) => each.reduce((total, q) => total + Number(q[key]), 0);
    for (const key of ['bytes', 'packets', 'drops', 'overlimits', 'requeues', 'backlog', 'qlen'])
      expect([key, mq![key]]).toEqual([key, sum(key)]);
  });

  test('any other root serves all queues, and its reference count says so', () => {
    const { dev, tc, nic, host } = card(2);
    tc('add', { kind: 'netem', options: { delay: { delay: 0.001 } } });
    for (const queue of [1, 0, 1]) {
      const skb = testSkb(dev);
      skb.priority = queue;
      devQueueXmit(skb);
    }
    host.advance(2);
    expect([qdiscShow(dev)[0]!.refcnt, nic.queues]).toEqual([3, [1, 0, 1]]);
  });
});
