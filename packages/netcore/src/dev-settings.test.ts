import { mac, RingNic, testSkb, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devChangeFlags, devGetFlags, devOpen, devSetAllmulti, devSetPromiscuity } from './dev-flags.ts';
import { netifDeviceDetach } from './dev-presence.ts';
import { devQueueXmit } from './dev-queue-xmit.ts';
import { devSetAlias, devSetGroup, devSetMacAddress, devSetMtu, devSetTxQueueLen } from './dev-settings.ts';
import { dropsByReason } from './drop-reason.ts';
import { ethCommitMacAddrChange, ethMacAddr, ethPrepareMacAddrChange } from './ethernet.ts';
import {
  IFF_ALLMULTI,
  IFF_BROADCAST,
  IFF_DEBUG,
  IFF_LIVE_ADDR_CHANGE,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
} from './if.ts';
import { ipLinkShow } from './link-show.ts';
import { Net } from './net.ts';
import {
  NET_ADDR_PERM,
  NET_ADDR_RANDOM,
  NET_ADDR_SET,
  type NetDevice,
  type NetDeviceOps,
} from './net-device.ts';
import { NetError } from './net-error.ts';
import {
  NETDEV_CHANGE,
  NETDEV_CHANGE_TX_QUEUE_LEN,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_PRE_CHANGEADDR,
  NETDEV_PRECHANGEMTU,
} from './notifier.ts';
import { netifStopQueue } from './tx-queue.ts';

const errno = (code: string) => expect.objectContaining({ code });
const refuse = (code: string) => () => {
  throw new NetError(code, 'the driver refuses');
};

function device(ops: Partial<NetDeviceOps> = {}) {
  const log: string[] = [];
  const net = new Net(new VirtualHost(), { printk: (text) => log.push(text) });
  const { dev } = new RingNic(net);
  dev.netdevOps = { ...dev.netdevOps, ...ops };
  return { net, dev, log };
}

/** Notes each event and what came with it; vetoes the one it is told to. */
function listen(net: Net, veto = 0) {
  const heard: [number, unknown][] = [];
  net.registerNetdeviceNotifier((event, _dev, info) => {
    heard.push([event, info instanceof Uint8Array ? [...info] : info]);
    return event === veto ? 'EPERM' : undefined;
  });
  heard.length = 0;
  return heard;
}

/** All that a refused setting must leave alone. */
const state = (d: NetDevice) => {
  const { mtu, txQueueLen, ifalias, group, flags, gflags, promiscuity, allmulti, addrAssignType } = d;
  const kept = { mtu, txQueueLen, ifalias, group, flags, gflags, promiscuity, allmulti, addrAssignType };
  return { ...kept, addr: [...d.devAddr], perm: [...d.permAddr] };
};

type Row = [string, Partial<NetDeviceOps>, (d: NetDevice) => unknown, (d: NetDevice) => unknown, string];
const nothing = () => 0;
const gone = (d: NetDevice) => netifDeviceDetach(d);
const MULTICAST = Uint8Array.of(1, 0, 0x5e, 0, 0, 1);
const NO_MAC: Partial<NetDeviceOps> = { ndoSetMacAddress: undefined as never };

// biome-ignore format: one case a line
test.each<Row>([
  ['mtu below the minimum',               {}, nothing, (d) => devSetMtu(d, 67),                    'EINVAL'],
  ['mtu below nothing',                   {}, nothing, (d) => devSetMtu(d, -1),                    'EINVAL'],
  ['mtu above the maximum',               {}, nothing, (d) => devSetMtu(d, 1501),                  'EINVAL'],
  ['half a byte of mtu',                  {}, nothing, (d) => devSetMtu(d, 1400.5),                'EINVAL'],
  ['mtu of a device not present',         {}, gone,    (d) => devSetMtu(d, 1400),                  'ENODEV'],
  ['a wrong mtu of a device not present', {}, gone,    (d) => devSetMtu(d, 67),                    'EINVAL'],
  ['mtu that the driver refuses',         { ndoChangeMtu: refuse('EBUSY') }, nothing, (d) => devSetMtu(d, 1400), 'EBUSY'],
  ['multicast address',                   {}, nothing, (d) => devSetMacAddress(d, MULTICAST),      'EADDRNOTAVAIL'],
  ['broadcast address',                   {}, nothing, (d) => devSetMacAddress(d, d.broadcast),    'EADDRNOTAVAIL'],
  ['zero address',                        {}, nothing, (d) => devSetMacAddress(d, new Uint8Array(6)), 'EADDRNOTAVAIL'],
  ['an address of five bytes',            {}, nothing, (d) => devSetMacAddress(d, mac(9).slice(1)), 'EINVAL'],
  ['address of a running device',         {}, devOpen, (d) => devSetMacAddress(d, mac(9)),         'EBUSY'],
  ['that comes before its being wrong',   {}, devOpen, (d) => devSetMacAddress(d, MULTICAST),      'EBUSY'],
  ['address of a device not present',     {}, gone,    (d) => devSetMacAddress(d, mac(9)),         'ENODEV'],
  ['address of a driver without ndo',     NO_MAC, nothing, (d) => devSetMacAddress(d, mac(9)),     'EOPNOTSUPP'],
  ['address that the driver refuses',     { ndoSetMacAddress: refuse('EIO') }, nothing, (d) => devSetMacAddress(d, mac(9)), 'EIO'],
  ['txqueuelen below nothing',            {}, nothing, (d) => devSetTxQueueLen(d, -1),             'ERANGE'],
  ['txqueuelen beyond 32 bits',           {}, nothing, (d) => devSetTxQueueLen(d, 2 ** 32),        'ERANGE'],
  ['alias of 256 bytes',                  {}, nothing, (d) => devSetAlias(d, 'x'.repeat(256)),     'EINVAL'],
  ['alias of 128 letters in two bytes',   {}, nothing, (d) => devSetAlias(d, 'ä'.repeat(128)),     'EINVAL'],
  ['group below nothing',                 {}, nothing, (d) => devSetGroup(d, -1),                  'EINVAL'],
  ['group beyond 32 bits',                {}, nothing, (d) => devSetGroup(d, 2 ** 32),             'EINVAL'],
  ['promiscuity below nothing',           {}, nothing, (d) => devSetPromiscuity(d, -1),            'EOVERFLOW'],
  ['promiscuity beyond 32 bits',          {}, (d) => devSetPromiscuity(d, 2 ** 32 - 1), (d) => devSetPromiscuity(d, 1), 'EOVERFLOW'],
  ['allmulti below nothing',              {}, nothing, (d) => devSetAllmulti(d, -1),               'EOVERFLOW'],
  ['flags with an open that fails',       { ndoOpen: refuse('ENOMEM') }, nothing, (d) => devChangeFlags(d, d.flags | IFF_UP | IFF_NOARP | IFF_PROMISC), 'ENOMEM'],
])('%s is refused, and changes nothing', (_name, ops, before, act, code) => {
  const { dev } = device(ops);
  before(dev);
  const kept = state(dev);
  expect(() => act(dev)).toThrow(errno(code));
  expect(state(dev)).toEqual(kept);
});

// biome-ignore format: one case a line
test.each([
  [67,   'mtu less than device minimum'],
  [-1,   'mtu less than device minimum'],
  [1501, 'mtu greater than device maximum'],
])('mtu %i is refused in the words of the kernel: %s', (mtu, words) => {
  expect(() => devSetMtu(device().dev, mtu)).toThrow(words);
});

describe('vetoes', () => {
  // biome-ignore format: one case a line
  test.each<[string, number, (d: NetDevice) => unknown, [number, unknown][]]>([
    ['mtu, before: the driver is not asked',    NETDEV_PRECHANGEMTU,        (d) => devSetMtu(d, 1400),          [[NETDEV_PRECHANGEMTU, 1400]]],
    ['mtu, after: put back and told again',     NETDEV_CHANGEMTU,           (d) => devSetMtu(d, 1400),          [[NETDEV_PRECHANGEMTU, 1400], [NETDEV_CHANGEMTU, 1500], [NETDEV_CHANGEMTU, 1400]]],
    ['address: the driver is not asked',        NETDEV_PRE_CHANGEADDR,      (d) => devSetMacAddress(d, mac(9)), [[NETDEV_PRE_CHANGEADDR, [...mac(9)]]]],
    ['txqueuelen: put back, and not told again', NETDEV_CHANGE_TX_QUEUE_LEN, (d) => devSetTxQueueLen(d, 7),     [[NETDEV_CHANGE_TX_QUEUE_LEN, undefined]]],
  ])('%s', (_name, veto, act, want) => {
    const { net, dev } = device();
    const heard = listen(net, veto);
    const kept = state(dev);
    expect(() => act(dev)).toThrow(errno('EPERM'));
    expect([heard, state(dev)]).toEqual([want, kept]);
  });

  test('a refused txqueuelen is put back, and logged as the kernel does', () => {
    const { net, dev, log } = device();
    listen(net, NETDEV_CHANGE_TX_QUEUE_LEN);
    expect(() => devSetTxQueueLen(dev, 7)).toThrow(errno('EPERM'));
    expect([dev.txQueueLen, log]).toEqual([1000, ['eth0: refused to change device tx_queue_len']]);
  });
});

describe('what is set takes effect, and is told', () => {
  // biome-ignore format: one case a line
  test.each<[string, (d: NetDevice) => unknown, object, number[]]>([
    ['mtu',                             (d) => devSetMtu(d, 1400),               { mtu: 1400 },            [NETDEV_PRECHANGEMTU, NETDEV_CHANGEMTU]],
    ['the same mtu: nothing',           (d) => devSetMtu(d, 1500),               { mtu: 1500 },            []],
    ['txqueuelen',                      (d) => devSetTxQueueLen(d, 7),           { txqlen: 7 },            [NETDEV_CHANGE_TX_QUEUE_LEN]],
    ['the same txqueuelen: nothing',    (d) => devSetTxQueueLen(d, 1000),        { txqlen: 1000 },         []],
    ['alias',                           (d) => devSetAlias(d, 'x'.repeat(255)),  { ifalias: 'x'.repeat(255) }, [NETDEV_CHANGE]],
    ['an alias is removed with nothing', (d) => [devSetAlias(d, 'x'), devSetAlias(d, '')], {},             [NETDEV_CHANGE, NETDEV_CHANGE]],
    ['group',                           (d) => devSetGroup(d, 5),                { group: '5' },           [NETDEV_CHANGE]],
    ['group 0 is the default one',      (d) => devSetGroup(d, 0),                { group: 'default' },     []],
    ['promisc',                         (d) => devChangeFlags(d, d.flags | IFF_PROMISC), { promiscuity: 1 }, []],
    ['allmulticast',                    (d) => devChangeFlags(d, d.flags | IFF_ALLMULTI), { allmulti: 1 }, []],
    ['noarp',                           (d) => devChangeFlags(d, d.flags | IFF_NOARP), {},                  [NETDEV_CHANGE]],
    ['down, with noarp at once',        (d) => devChangeFlags(d, (d.flags | IFF_NOARP) & ~IFF_UP), {},      [NETDEV_GOING_DOWN, NETDEV_DOWN]],
  ])('%s', (_name, act, shown, events) => {
    const { net, dev } = device();
    devOpen(dev);
    const heard = listen(net);
    act(dev);
    expect(ipLinkShow(dev)).toMatchObject(shown);
    expect(heard.map(([event]) => event)).toEqual(events);
  });

  test('a smaller MTU does not touch what is queued already: the check was when it was sent', () => {
    const { dev } = device();
    devOpen(dev);
    netifStopQueue(dev);
    for (let i = 0; i < 3; i++) devQueueXmit(testSkb(dev, 1514));
    devSetMtu(dev, 68);
    expect([dev.qdisc.qlen, dropsByReason(dev.drops)]).toEqual([3, {}]);
  });

  test('an address is asked about with the new one, and told', () => {
    const { net, dev } = device();
    const heard = listen(net);
    devSetMacAddress(dev, mac(9));
    expect(heard).toEqual([
      [NETDEV_PRE_CHANGEADDR, [...mac(9)]],
      [NETDEV_CHANGEADDR, undefined],
    ]);
    expect(dev.addrAssignType).toBe(NET_ADDR_SET);
  });

  test('a driver that prepares, tells its hardware and commits keeps the rule', () => {
    const told: number[][] = [];
    const { dev } = device({
      ndoSetMacAddress: (d, addr) => {
        ethPrepareMacAddrChange(d, addr);
        told.push([...addr]);
        ethCommitMacAddrChange(d, addr);
      },
    });
    devOpen(dev);
    expect(() => devSetMacAddress(dev, mac(9))).toThrow(errno('EBUSY'));
    dev.privFlags |= IFF_LIVE_ADDR_CHANGE;
    expect(() => devSetMacAddress(dev, MULTICAST)).toThrow(errno('EADDRNOTAVAIL'));
    devSetMacAddress(dev, mac(9));
    devSetMacAddress(dev, mac(9)); // what it is already, the driver is not asked about
    expect([told, [...dev.devAddr]]).toEqual([[[...mac(9)]], [...mac(9)]]);
  });

  test('the permanent address is that of a device whose driver found one, not of a random one', () => {
    const net = new Net(new VirtualHost());
    const random = new RingNic(net).dev;
    expect([random.addrAssignType, [...random.permAddr]]).toEqual([NET_ADDR_RANDOM, [0, 0, 0, 0, 0, 0]]);
    expect(NET_ADDR_PERM).toBe(0);
    random.netdevOps = { ...random.netdevOps, ndoSetMacAddress: ethMacAddr };
    devSetMacAddress(random, mac(9));
    expect(ipLinkShow(random).permaddr).toBe(undefined);
  });
});

describe('flags', () => {
  test('promiscuity and allmulti count their users; only the first and the last tell the driver', () => {
    let modes = 0;
    const { dev } = device({ ndoSetRxMode: () => modes++ });
    devOpen(dev);
    modes = 0;
    for (const set of [devSetPromiscuity, devSetAllmulti]) for (const inc of [1, 1, 1, -2, -1]) set(dev, inc);
    expect([dev.promiscuity, dev.allmulti, modes]).toEqual([0, 0, 4]);
    devSetPromiscuity(dev, 2);
    devSetPromiscuity(dev, -1);
    expect(dev.flags & IFF_PROMISC).toBe(IFF_PROMISC); // one of two is left
    expect(devGetFlags(dev) & IFF_PROMISC).toBe(0); // nobody asked for the flag
  });

  test('user space may set some flags, and cannot touch what the device is', () => {
    const { dev } = device();
    devChangeFlags(dev, IFF_DEBUG | IFF_NOARP);
    expect(devGetFlags(dev)).toBe(IFF_BROADCAST | IFF_DEBUG | IFF_NOARP);
    devChangeFlags(dev, IFF_MULTICAST);
    expect(devGetFlags(dev)).toBe(IFF_BROADCAST | IFF_MULTICAST);
  });

  test('a change of MULTICAST has the driver set its filter anew', () => {
    let modes = 0;
    const { dev } = device({ ndoSetRxMode: () => modes++ });
    devOpen(dev);
    modes = 0;
    devChangeFlags(dev, dev.flags & ~IFF_MULTICAST);
    devChangeFlags(dev, dev.flags | IFF_DEBUG);
    expect(modes).toBe(1);
  });
});
