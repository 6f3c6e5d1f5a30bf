import { RingNic, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { DEFAULT_TX_QUEUE_LEN } from './alloc-netdev.ts';
import { devClose, devOpen } from './dev-flags.ts';
import { allocEtherdev, etherSetup } from './ethernet.ts';
import { ARPHRD_ETHER, IF_LINK_MODE_DEFAULT, IF_OPER_UNKNOWN, IFF_BROADCAST, IFF_MULTICAST } from './if.ts';
import { Net } from './net.ts';
import {
  LINK_STATE_PRESENT,
  NETREG_REGISTERED,
  NETREG_UNINITIALIZED,
  NETREG_UNREGISTERED,
  type NetDevice,
  type NetDeviceOps,
} from './net-device.ts';
import { NetError } from './net-error.ts';
import {
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_POST_INIT,
  NETDEV_PRE_UP,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
} from './notifier.ts';
import { registerNetdev, unregisterNetdev } from './register.ts';
import { rtnlDelLink } from './rtnetlink.ts';

const errno = (code: string) => expect.objectContaining({ code });

// biome-ignore format: one field a line
test.each<[keyof NetDevice, unknown]>([
  ['type',             ARPHRD_ETHER],
  ['addrLen',          6],
  ['hardHeaderLen',    14],
  ['minHeaderLen',     14],
  ['mtu',              1500],
  ['minMtu',           68],
  ['maxMtu',           1500],
  ['txQueueLen',       DEFAULT_TX_QUEUE_LEN],
  ['flags',            IFF_BROADCAST | IFF_MULTICAST],
  ['privFlags',        0],
  ['broadcast',        new Uint8Array(6).fill(0xff)],
  ['neededHeadroom',   0],
  ['neededTailroom',   0],
  ['operstate',        IF_OPER_UNKNOWN],
  ['linkMode',         IF_LINK_MODE_DEFAULT],
  ['regState',         NETREG_UNINITIALIZED],
  ['state',            LINK_STATE_PRESENT],
  ['carrierUpCount',   0],
  ['carrierDownCount', 0],
  ['promiscuity',      0],
  ['allmulti',         0],
  ['group',            0],
  ['altnames',         []],
  ['numRxQueues',      1],
  ['ifindex',          0],
  ['iflink',           0],
  ['master',           null],
  ['watchdogTimeo',    0],
])('alloc_etherdev leaves %s at %o', (field, value) => {
  expect(allocEtherdev(new Net(new VirtualHost()), 'eth%d')[field]).toEqual(value);
});

test('a device has as many queues as were asked for, and none is a mistake', () => {
  const net = new Net(new VirtualHost());
  expect(allocEtherdev(net, 'eth%d', undefined, 4).txq.map((txq) => txq.index)).toEqual([0, 1, 2, 3]);
  expect(() => allocEtherdev(net, 'eth%d', undefined, 0)).toThrow(
    'Unable to allocate device with zero queues',
  );
});

/** A device whose driver notes what it is asked. */
function driver(net: Net, ops: Partial<NetDeviceOps> = {}) {
  const asked: string[] = [];
  const dev = allocEtherdev(net, 'eth%d', (d) => {
    etherSetup(d);
    d.netdevOps = {
      ndoStartXmit: () => 0,
      ndoInit: () => void asked.push('init'),
      ndoOpen: () => void asked.push('open'),
      ndoStop: () => void asked.push('stop'),
      ndoUninit: () => void asked.push('uninit'),
      ...ops,
    };
  });
  return { dev, asked };
}

const EVENTS = new Map([
  [NETDEV_POST_INIT, 'POST_INIT'],
  [NETDEV_REGISTER, 'REGISTER'],
  [NETDEV_PRE_UP, 'PRE_UP'],
  [NETDEV_UP, 'UP'],
  [NETDEV_GOING_DOWN, 'GOING_DOWN'],
  [NETDEV_DOWN, 'DOWN'],
  [NETDEV_UNREGISTER, 'UNREGISTER'],
]);

test('a life: what the driver is asked and what everybody is told, in its order', () => {
  const net = new Net(new VirtualHost());
  const { dev, asked } = driver(net);
  net.registerNetdeviceNotifier((event) => void asked.push(EVENTS.get(event) ?? String(event)));
  registerNetdev(dev);
  expect([dev.regState, net.devGetByIndex(dev.ifindex), dev.iflink]).toEqual([
    NETREG_REGISTERED,
    dev,
    dev.ifindex,
  ]);
  devOpen(dev);
  unregisterNetdev(dev);
  expect([dev.regState, net.devGetByIndex(dev.ifindex)]).toEqual([NETREG_UNREGISTERED, undefined]);
  const birth = ['init', 'POST_INIT', 'REGISTER'];
  const up = ['PRE_UP', 'open', 'UP'];
  expect(asked).toEqual([...birth, ...up, 'GOING_DOWN', 'stop', 'DOWN', 'UNREGISTER', 'uninit']);
});

describe('a birth that is refused leaves nothing behind', () => {
  const failing = { ndoInit: () => { throw new NetError('EIO', 'no such hardware'); } }; // biome-ignore format: one line

  // biome-ignore format: one case a line
  test.each<[string, Partial<NetDeviceOps>, number, string, string[]]>([
    ['by ndoInit: ndoUninit is not asked', failing, 0,                'EIO',   []],
    ['by a listener to POST_INIT',         {},      NETDEV_POST_INIT, 'EPERM', ['init', 'uninit']],
    ['by a listener to REGISTER',          {},      NETDEV_REGISTER,  'EPERM', ['init', 'uninit']],
  ])('%s', (_name, ops, veto, code, want) => {
    const net = new Net(new VirtualHost());
    net.registerNetdeviceNotifier((event) => (event === veto ? 'EPERM' : undefined));
    const { dev, asked } = driver(net, ops);
    expect(() => registerNetdev(dev)).toThrow(errno(code));
    expect([asked, [...net.devices()], net.devGetByName('eth0')]).toEqual([want, [], undefined]);
  });
});

test('an ifindex is not used again, a name is', () => {
  const net = new Net(new VirtualHost());
  const first = new RingNic(net).dev;
  unregisterNetdev(first);
  const second = new RingNic(net).dev;
  expect([first.ifindex, second.ifindex, second.name]).toEqual([1, 2, 'eth0']);
});

test('a device that no link type made cannot be deleted, as lo cannot: EOPNOTSUPP', () => {
  const { dev } = new RingNic(new Net(new VirtualHost()));
  expect(() => rtnlDelLink(dev)).toThrow(errno('EOPNOTSUPP'));
  expect(dev.regState).toBe(NETREG_REGISTERED);
  dev.net.stop();
  expect(dev.regState).toBe(NETREG_UNREGISTERED);
});

test('a device is closed before it is stopped only once, whoever asks', () => {
  const net = new Net(new VirtualHost());
  const { dev, asked } = driver(net);
  registerNetdev(dev);
  devOpen(dev);
  devClose(dev);
  unregisterNetdev(dev);
  expect(asked).toEqual(['init', 'open', 'stop', 'uninit']);
});
