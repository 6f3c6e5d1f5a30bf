import { mac, RingNic, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devChangeFlags, devClose, devGetFlags, devOpen, devSetPromiscuity } from './dev-flags.ts';
import { devChangeName } from './dev-name.ts';
import { devSetAlias, devSetMacAddress, devSetMtu, devSetTxQueueLen } from './dev-settings.ts';
import { allocEtherdev, ethMacAddr } from './ethernet.ts';
import {
  IF_LINK_MODE_DORMANT,
  IF_OPER_DORMANT,
  IF_OPER_UP,
  IFF_LIVE_ADDR_CHANGE,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
  OPER_STATES,
} from './if.ts';
import { printLinkFlags } from './link-show.ts';
import {
  devChangeCarrier,
  devGetOperstate,
  devSetLinkMode,
  devSetOperstate,
  netifCarrierOff,
  netifCarrierOn,
  netifDormantOff,
  netifDormantOn,
} from './link-watch.ts';
import { Net } from './net.ts';
import { LINK_STATE_PRESENT, type NetDevice, type NetDeviceOps, netifRunning } from './net-device.ts';
import { NetError } from './net-error.ts';
import {
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_PRE_CHANGEADDR,
  NETDEV_PRE_UP,
  NETDEV_PRECHANGEMTU,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
} from './notifier.ts';
import { registerNetdev, unregisterNetdev } from './register.ts';

const errno = (code: string) => expect.objectContaining({ code });

function device(ops: Partial<NetDeviceOps> = {}) {
  const nic = new RingNic(new Net(new VirtualHost()));
  const { dev } = nic;
  dev.netdevOps = { ...dev.netdevOps, ...ops };
  return { dev, net: dev.net };
}

/** Notes every event; vetoes the one it is told to. */
function listen(net: Net, veto = 0, code = 'EBUSY') {
  const heard: number[] = [];
  const stop = net.registerNetdeviceNotifier((event) => {
    heard.push(event);
    return event === veto ? code : undefined;
  });
  return { heard, stop };
}

describe('operational state', () => {
  const state = (dev: NetDevice) => `${printLinkFlags(dev).join(',')} ${OPER_STATES[devGetOperstate(dev)]}`;

  // biome-ignore format: one case a line
  test.each<[string, (dev: NetDevice) => void, string]>([
    ['never signalled: UNKNOWN, and running',  () => {},                                                   'BROADCAST,MULTICAST,UP,LOWER_UP UNKNOWN'],
    ['carrier off: NO-CARRIER and DOWN',       (d) => netifCarrierOff(d),                                  'NO-CARRIER,BROADCAST,MULTICAST,UP DOWN'],
    ['off and on: UP',                         (d) => [netifCarrierOff(d), netifCarrierOn(d)],             'BROADCAST,MULTICAST,UP,LOWER_UP UP'],
    ['dormant: not running',                   (d) => netifDormantOn(d),                                   'NO-CARRIER,BROADCAST,MULTICAST,UP,LOWER_UP,DORMANT DORMANT'],
    ['dormant and off: DOWN wins',             (d) => [netifDormantOn(d), netifCarrierOff(d)],             'NO-CARRIER,BROADCAST,MULTICAST,UP,DORMANT DOWN'],
    ['no longer dormant: UP',                  (d) => [netifDormantOn(d), netifDormantOff(d)],             'BROADCAST,MULTICAST,UP,LOWER_UP UP'],
    ['admin down: DOWN whatever the carrier',  (d) => devClose(d),                                         'BROADCAST,MULTICAST DOWN'],
  ])('%s', (_name, act, want) => {
    const { dev } = device();
    devOpen(dev);
    act(dev);
    expect(state(dev)).toBe(want);
  });

  test('link mode dormant holds a link at DORMANT until user space raises it', () => {
    const { dev } = device();
    devSetLinkMode(dev, IF_LINK_MODE_DORMANT);
    devOpen(dev);
    netifCarrierOff(dev);
    netifCarrierOn(dev);
    expect([dev.operstate, devGetFlags(dev) & IFF_RUNNING]).toEqual([IF_OPER_DORMANT, 0]);
    devSetOperstate(dev, IF_OPER_UP);
    expect([dev.operstate, devGetFlags(dev) & IFF_RUNNING]).toEqual([IF_OPER_UP, IFF_RUNNING]);
  });

  test('without carrier over a device without carrier: LOWERLAYERDOWN, told when the lower one changes', () => {
    const { dev, net } = device();
    const lower = new RingNic(net).dev;
    dev.iflink = lower.ifindex;
    devOpen(dev);
    netifCarrierOff(dev);
    const seen: string[] = [];
    net.registerNetdeviceNotifier((event, d) => {
      if (event === NETDEV_CHANGE && d === dev) seen.push(state(dev));
    });
    netifCarrierOff(lower);
    netifCarrierOn(lower);
    expect(seen).toEqual([
      'NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN LOWERLAYERDOWN',
      'NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN DOWN',
    ]);
  });

  test('only a change of carrier counts and is told; before registration it does not count', () => {
    const { dev, net } = device();
    devOpen(dev);
    const { heard } = listen(net);
    heard.length = 0;
    netifCarrierOff(dev);
    netifCarrierOff(dev);
    netifCarrierOn(dev);
    netifCarrierOn(dev);
    expect([dev.carrierUpCount, dev.carrierDownCount, heard]).toEqual([1, 1, [NETDEV_CHANGE, NETDEV_CHANGE]]);
    const fresh = allocEtherdev(net, 'eth%d');
    netifCarrierOff(fresh);
    expect(fresh.carrierDownCount).toBe(0);
  });

  test('a driver without ndoChangeCarrier does not let its wire be cut', () => {
    expect(() => devChangeCarrier(device().dev, false)).toThrow(errno('EOPNOTSUPP'));
  });
});

describe('MTU', () => {
  // biome-ignore format: one case a line
  test.each([
    [67,   'mtu less than device minimum: eth0 takes 68 to 1500, not 67'],
    [-1,   'mtu less than device minimum: eth0 takes 68 to 1500, not -1'],
    [1501, 'mtu greater than device maximum: eth0 takes 68 to 1500, not 1501'],
  ])('%i is refused: %s', (mtu, message) => {
    const { dev } = device();
    expect(() => devSetMtu(dev, mtu)).toThrow(new NetError('EINVAL', message));
    expect(dev.mtu).toBe(1500);
  });

  test('it changes while the device is up, and is told before and after', () => {
    const { dev, net } = device();
    devOpen(dev);
    const { heard } = listen(net);
    heard.length = 0;
    devSetMtu(dev, 1400);
    devSetMtu(dev, 1400);
    expect([dev.mtu, heard]).toEqual([1400, [NETDEV_PRECHANGEMTU, NETDEV_CHANGEMTU]]);
  });

  test('a veto before the change leaves it; a veto after restores it and tells again', () => {
    const before = device();
    listen(before.net, NETDEV_PRECHANGEMTU);
    expect(() => devSetMtu(before.dev, 1400)).toThrow(errno('EBUSY'));
    const after = device();
    const { heard } = listen(after.net, NETDEV_CHANGEMTU);
    expect(() => devSetMtu(after.dev, 1400)).toThrow(errno('EBUSY'));
    expect([before.dev.mtu, after.dev.mtu]).toEqual([1500, 1500]);
    expect(heard.filter((e) => e === NETDEV_CHANGEMTU).length).toBe(2);
  });

  test('a driver may refuse', () => {
    const { dev } = device({
      ndoChangeMtu: () => {
        throw new NetError('EBUSY', 'rings in use');
      },
    });
    expect(() => devSetMtu(dev, 1400)).toThrow(errno('EBUSY'));
    expect(dev.mtu).toBe(1500);
  });

  test('maximum 0 is no maximum; a device that is not present is ENODEV', () => {
    const { dev } = device();
    dev.maxMtu = 0;
    devSetMtu(dev, 100_000);
    dev.state &= ~LINK_STATE_PRESENT;
    expect(() => devSetMtu(dev, 1400)).toThrow(errno('ENODEV'));
    expect(dev.mtu).toBe(100_000);
  });
});

describe('MAC address', () => {
  // biome-ignore format: one case a line
  test.each([
    ['multicast',  Uint8Array.of(1, 0, 0x5e, 0, 0, 1),   'EADDRNOTAVAIL'],
    ['broadcast',  new Uint8Array(6).fill(0xff),         'EADDRNOTAVAIL'],
    ['all zero',   new Uint8Array(6),                    'EADDRNOTAVAIL'],
    ['five bytes', new Uint8Array(5).fill(2),            'EINVAL'],
  ])('%s is refused', (_name, addr, code) => {
    const { dev } = device();
    const before = dev.devAddr.slice();
    expect(() => devSetMacAddress(dev, addr)).toThrow(errno(code));
    expect(dev.devAddr).toEqual(before);
  });

  test('a running device needs IFF_LIVE_ADDR_CHANGE', () => {
    const { dev } = device();
    devOpen(dev);
    expect(() => devSetMacAddress(dev, mac(9))).toThrow(errno('EBUSY'));
    dev.privFlags |= IFF_LIVE_ADDR_CHANGE;
    devSetMacAddress(dev, mac(9));
    expect([...dev.devAddr]).toEqual([...mac(9)]);
  });

  test('it is told before, with a veto, and after; the permanent address stays', () => {
    const { dev, net } = device({ ndoSetMacAddress: ethMacAddr });
    const perm = dev.permAddr.slice();
    const { heard, stop } = listen(net);
    devSetMacAddress(dev, mac(9));
    expect(heard.slice(1)).toEqual([NETDEV_PRE_CHANGEADDR, NETDEV_CHANGEADDR]);
    stop();
    listen(net, NETDEV_PRE_CHANGEADDR, 'EPERM');
    expect(() => devSetMacAddress(dev, mac(10))).toThrow(errno('EPERM'));
    expect([[...dev.devAddr], dev.permAddr]).toEqual([[...mac(9)], perm]);
  });
});

describe('up and down', () => {
  test('the order of events', () => {
    const { dev, net } = device();
    const { heard } = listen(net);
    devOpen(dev);
    devOpen(dev);
    devClose(dev);
    devClose(dev);
    expect(heard).toEqual([NETDEV_REGISTER, NETDEV_PRE_UP, NETDEV_UP, NETDEV_GOING_DOWN, NETDEV_DOWN]);
  });

  test('a driver or a notifier that refuses leaves the device down', () => {
    const fails = device({
      ndoOpen: () => {
        throw new NetError('ENOMEM', 'no rings');
      },
    });
    expect(() => devOpen(fails.dev)).toThrow(errno('ENOMEM'));
    const vetoed = device();
    listen(vetoed.net, NETDEV_PRE_UP, 'EPERM');
    expect(() => devOpen(vetoed.dev)).toThrow(errno('EPERM'));
    for (const { dev } of [fails, vetoed])
      expect([devGetFlags(dev) & IFF_UP, netifRunning(dev), dev.qdisc.kind]).toEqual([0, false, 'noop']);
  });

  test('promiscuity counts: the flag that user space sees is only its own', () => {
    let modes = 0;
    const { dev } = device({ ndoSetRxMode: () => modes++ });
    devOpen(dev);
    devSetPromiscuity(dev, 1);
    expect([dev.promiscuity, devGetFlags(dev) & IFF_PROMISC]).toEqual([1, 0]);
    devChangeFlags(dev, dev.flags | IFF_PROMISC);
    expect([dev.promiscuity, devGetFlags(dev) & IFF_PROMISC]).toEqual([2, IFF_PROMISC]);
    devChangeFlags(dev, dev.flags & ~IFF_PROMISC);
    devSetPromiscuity(dev, -1);
    expect([dev.promiscuity, devGetFlags(dev) & IFF_PROMISC, modes]).toEqual([0, 0, 3]);
    expect(() => devSetPromiscuity(dev, -1)).toThrow(errno('EOVERFLOW'));
  });

  test('devChangeFlags takes the device up and down', () => {
    const { dev } = device();
    devChangeFlags(dev, dev.flags | IFF_UP);
    expect(devGetFlags(dev) & IFF_UP).toBe(IFF_UP);
    devChangeFlags(dev, dev.flags & ~IFF_UP);
    expect(printLinkFlags(dev)).toEqual(['BROADCAST', 'MULTICAST']);
  });
});

describe('names', () => {
  test('a template takes the lowest free number', () => {
    const { net } = device();
    const next = () => new RingNic(net).dev;
    const eth1 = next();
    next();
    unregisterNetdev(eth1);
    expect([next().name, new RingNic(net, { name: 'a%db' }).dev.name]).toEqual(['eth1', 'a0b']);
  });

  // biome-ignore format: one case a line
  test.each([
    ['',                 'EINVAL'],
    ['.',                'EINVAL'],
    ['..',               'EINVAL'],
    ['a/b',              'EINVAL'],
    ['a:b',              'EINVAL'],
    ['a b',              'EINVAL'],
    ['sixteen-letters!', 'EINVAL'],
    ['eth%d%d',          'EINVAL'],
    ['eth%s',            'EINVAL'],
    ['eth0',             'EEXIST'],
  ])('%o is refused', (name, code) => {
    const { net } = device();
    expect(() => registerNetdev(allocEtherdev(net, name))).toThrow(errno(code));
    expect([...net.devices()].length).toBe(1);
  });

  test('a rename is found under the new name; a veto puts the old one back', () => {
    const { dev, net } = device();
    devChangeName(dev, 'lan%d');
    expect([dev.name, net.devGetByName('lan0') === dev, net.devGetByName('eth0')]).toEqual([
      'lan0',
      true,
      undefined,
    ]);
    const { heard } = listen(net, NETDEV_CHANGENAME);
    expect(() => devChangeName(dev, 'x')).toThrow(errno('EBUSY'));
    expect([dev.name, heard]).toEqual(['lan0', [NETDEV_REGISTER, NETDEV_CHANGENAME, NETDEV_CHANGENAME]]);
  });
});

describe('notifiers', () => {
  test('a new one hears what is there, and hears it leave when it is removed', () => {
    const { dev, net } = device();
    devOpen(dev);
    const { heard, stop } = listen(net);
    stop();
    expect(heard).toEqual([NETDEV_REGISTER, NETDEV_UP, NETDEV_GOING_DOWN, NETDEV_DOWN, NETDEV_UNREGISTER]);
    devClose(dev);
    expect(heard.length).toBe(5);
  });

  test('one that vetoes a device that is there is not added', () => {
    const { dev, net } = device();
    expect(() => listen(net, NETDEV_REGISTER)).toThrow(errno('EBUSY'));
    devOpen(dev);
    expect(devGetFlags(dev) & IFF_UP).toBe(IFF_UP);
  });

  test('a vetoed registration leaves nothing behind', () => {
    const net = new Net(new VirtualHost());
    let uninits = 0;
    listen(net, NETDEV_REGISTER, 'EPERM');
    const dev = allocEtherdev(net, 'eth%d', (d) => {
      d.netdevOps = { ndoStartXmit: () => 0, ndoUninit: () => uninits++ };
    });
    expect(() => registerNetdev(dev)).toThrow(errno('EPERM'));
    expect([[...net.devices()], net.devGetByName('eth0'), uninits]).toEqual([[], undefined, 1]);
  });

  test('in a stopped namespace a driver is not even asked to set itself up', () => {
    const net = new Net(new VirtualHost());
    net.stop();
    let inits = 0;
    const dev = allocEtherdev(net, 'eth%d', (d) => {
      d.netdevOps = { ndoStartXmit: () => 0, ndoInit: () => inits++ };
    });
    expect(() => registerNetdev(dev)).toThrow(errno('ENODEV'));
    expect(inits).toBe(0);
  });

  test('a listener may unregister the device that it hears go down: it goes once', () => {
    let uninits = 0;
    const { dev, net } = device({ ndoUninit: () => uninits++ });
    devOpen(dev);
    net.registerNetdeviceNotifier((event, d) => {
      if (event === NETDEV_DOWN) unregisterNetdev(d);
    });
    const { heard } = listen(net);
    unregisterNetdev(dev);
    const newcomer = new RingNic(net).dev;
    expect(net.devGetByName('eth0')).toBe(newcomer);
    expect(uninits).toBe(1);
    expect(heard.filter((event) => event === NETDEV_UNREGISTER)).toHaveLength(1);
  });

  test('unregistering closes first, and a second time does nothing', () => {
    const { dev, net } = device();
    devOpen(dev);
    const { heard } = listen(net);
    unregisterNetdev(dev);
    unregisterNetdev(dev);
    expect(heard.slice(2)).toEqual([NETDEV_GOING_DOWN, NETDEV_DOWN, NETDEV_UNREGISTER]);
    expect(() => registerNetdev(dev)).toThrow(errno('EEXIST'));
    expect(() => devOpen(dev)).toThrow(errno('ENODEV'));
    expect(() => devSetMtu(dev, 1000)).toThrow(errno('ENODEV'));
  });
});

test('a queue length that is no whole number is ERANGE; an alias has its limit', () => {
  const { dev } = device();
  expect(() => devSetTxQueueLen(dev, -1)).toThrow(errno('ERANGE'));
  expect(() => devSetAlias(dev, 'x'.repeat(256))).toThrow(errno('EINVAL'));
  devSetAlias(dev, 'to the office');
  expect([dev.txQueueLen, dev.ifalias]).toEqual([1000, 'to the office']);
});
