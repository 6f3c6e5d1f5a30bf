import { RingNic, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devClose, devGetFlags, devOpen } from './dev-flags.ts';
import { netifDeviceAttach, netifDeviceDetach } from './dev-presence.ts';
import {
  IF_LINK_MODE_DEFAULT,
  IF_LINK_MODE_DORMANT,
  IF_LINK_MODE_TESTING,
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_NOTPRESENT,
  IF_OPER_TESTING,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_DORMANT,
  IFF_LOWER_UP,
  IFF_RUNNING,
  IFF_UP,
  LINK_MODES,
  OPER_STATES,
} from './if.ts';
import { ipLinkShow } from './link-show.ts';
import {
  devChangeCarrier,
  devGetOperstate,
  devSetLinkMode,
  devSetOperstate,
  linkwatchFireEvent,
  netifCarrierOff,
  netifCarrierOn,
  netifDormantOff,
  netifDormantOn,
  netifLowerLayerDown,
  netifTestingOff,
  netifTestingOn,
} from './link-watch.ts';
import { Net } from './net.ts';
import type { NetDevice, NetDeviceOps } from './net-device.ts';
import { carrierShow, carrierStore } from './net-sysfs.ts';
import { NETDEV_CHANGE } from './notifier.ts';
import { netifTxQueueStopped } from './tx-queue.ts';

const errno = (code: string) => expect.objectContaining({ code });

/** A device that is up and has said that its carrier is there: UP. */
function device(ops: Partial<NetDeviceOps> = {}, net = new Net(new VirtualHost())) {
  const { dev } = new RingNic(net);
  dev.netdevOps = { ...dev.netdevOps, ...ops };
  devOpen(dev);
  netifCarrierOff(dev);
  netifCarrierOn(dev);
  return dev;
}

test('the numbers and words of the states and modes are those of RFC 2863 and if.h', () => {
  expect(OPER_STATES).toEqual([
    'UNKNOWN',
    'NOTPRESENT',
    'DOWN',
    'LOWERLAYERDOWN',
    'TESTING',
    'DORMANT',
    'UP',
  ]);
  expect([
    IF_OPER_UNKNOWN,
    IF_OPER_NOTPRESENT,
    IF_OPER_DOWN,
    IF_OPER_LOWERLAYERDOWN,
    IF_OPER_TESTING,
    IF_OPER_DORMANT,
    IF_OPER_UP,
  ]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(LINK_MODES).toEqual(['DEFAULT', 'DORMANT', 'TESTING']);
});

describe('what the state is made of', () => {
  const run = (dev: NetDevice) => devGetFlags(dev) & (IFF_UP | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT);
  const ALL = IFF_UP | IFF_RUNNING | IFF_LOWER_UP;

  // biome-ignore format: one case a line
  test.each<[string, (d: NetDevice) => unknown, string, number]>([
    ['carrier on',                               ()  => 0,                                                    'UP',      ALL],
    ['carrier off',                              (d) => netifCarrierOff(d),                                   'DOWN',    IFF_UP],
    ['dormant',                                  (d) => netifDormantOn(d),                                    'DORMANT', IFF_UP | IFF_LOWER_UP | IFF_DORMANT],
    ['dormant no more',                          (d) => [netifDormantOn(d), netifDormantOff(d)],              'UP',      ALL],
    ['testing',                                  (d) => netifTestingOn(d),                                    'TESTING', IFF_UP | IFF_LOWER_UP],
    ['testing no more',                          (d) => [netifTestingOn(d), netifTestingOff(d)],              'UP',      ALL],
    ['testing wins over no carrier',             (d) => [netifTestingOn(d), netifCarrierOff(d)],              'TESTING', IFF_UP],
    ['testing wins over dormant',                (d) => [netifDormantOn(d), netifTestingOn(d)],               'TESTING', IFF_UP | IFF_LOWER_UP | IFF_DORMANT],
    ['no carrier wins over dormant',             (d) => [netifDormantOn(d), netifCarrierOff(d)],              'DOWN',    IFF_UP | IFF_DORMANT],
    ['admin down is DOWN, whatever it was',      (d) => devClose(d),                                          'DOWN',    0],
    ['and what it was when it is up again',      (d) => [devClose(d), devOpen(d)],                            'UP',      ALL],
    ['the carrier may go while it is down',      (d) => [devClose(d), netifCarrierOff(d), devOpen(d)],        'DOWN',    IFF_UP],
  ])('%s', (_name, act, state, flags) => {
    const dev = device();
    act(dev);
    expect([OPER_STATES[devGetOperstate(dev)], run(dev)]).toEqual([state, flags]);
  });

  // biome-ignore format: one case a line
  test.each<[string, boolean, boolean, string]>([
    ['the lower device has none either: LOWERLAYERDOWN', true,  true,  'LOWERLAYERDOWN'],
    ['the lower device has one: DOWN',                   true,  false, 'DOWN'],
    ['the lower device is gone: DOWN',                   false, false, 'DOWN'],
  ])('without carrier, and %s', (_name, there, off, state) => {
    const dev = device();
    const lower = device({}, dev.net);
    dev.iflink = there ? lower.ifindex : 99;
    if (off) netifCarrierOff(lower);
    netifCarrierOff(dev);
    expect(OPER_STATES[devGetOperstate(dev)]).toBe(state);
  });
});

test('a driver that hears of the far end turns DOWN into LOWERLAYERDOWN and back, told once each; with carrier it is UP', () => {
  const dev = device();
  const seen: string[] = [];
  dev.net.registerNetdeviceNotifier((event) => {
    if (event === NETDEV_CHANGE) seen.push(OPER_STATES[dev.operstate]!);
  });
  netifLowerLayerDown(dev, true);
  netifCarrierOff(dev);
  netifLowerLayerDown(dev, true);
  netifLowerLayerDown(dev, false);
  netifLowerLayerDown(dev, true);
  netifCarrierOn(dev);
  netifLowerLayerDown(dev, false);
  expect(seen).toEqual(['LOWERLAYERDOWN', 'DOWN', 'LOWERLAYERDOWN', 'UP']);
});

describe('link mode: the policy for a link that comes up', () => {
  const flap = (d: NetDevice) => [netifCarrierOff(d), netifCarrierOn(d)];

  // biome-ignore format: one case a line
  test.each<[string, number, (d: NetDevice) => unknown, string]>([
    ['default lets it be UP',                              IF_LINK_MODE_DEFAULT, flap,                                               'UP'],
    ['dormant changes nothing by itself',                  IF_LINK_MODE_DORMANT, () => 0,                                            'UP'],
    ['nor at an event that leaves the link as it is',      IF_LINK_MODE_DORMANT, linkwatchFireEvent,                                 'UP'],
    ['dormant holds it at DORMANT',                        IF_LINK_MODE_DORMANT, flap,                                               'DORMANT'],
    ['testing holds it at TESTING',                        IF_LINK_MODE_TESTING, flap,                                               'TESTING'],
    ['dormant, until user space says up',                  IF_LINK_MODE_DORMANT, (d) => [flap(d), devSetOperstate(d, IF_OPER_UP)],    'UP'],
    ['testing, until user space says up',                  IF_LINK_MODE_TESTING, (d) => [flap(d), devSetOperstate(d, IF_OPER_UP)],    'UP'],
    ['without carrier it does not matter',                 IF_LINK_MODE_DORMANT, (d) => netifCarrierOff(d),                          'DOWN'],
    ['back to default, a DORMANT link stays so until it changes', IF_LINK_MODE_DORMANT, (d) => [flap(d), devSetLinkMode(d, IF_LINK_MODE_DEFAULT)], 'DORMANT'],
  ])('%s', (_name, mode, act, state) => {
    const dev = device();
    devSetLinkMode(dev, mode);
    act(dev);
    expect([OPER_STATES[dev.operstate], ipLinkShow(dev).operstate]).toEqual([state, state]);
  });

  test('a mode that is none is EINVAL', () => {
    const dev = device();
    expect(() => devSetLinkMode(dev, 3)).toThrow(errno('EINVAL'));
    expect(dev.linkMode).toBe(IF_LINK_MODE_DEFAULT);
  });
});

describe('what user space may say (IFLA_OPERSTATE)', () => {
  // biome-ignore format: one case a line
  test.each<[string, (d: NetDevice) => unknown, number, string]>([
    ['UP to dormant',                      ()  => 0,                                                   IF_OPER_DORMANT,        'DORMANT'],
    ['UP to testing',                      ()  => 0,                                                   IF_OPER_TESTING,        'TESTING'],
    ['UP to down: not its to say',         ()  => 0,                                                   IF_OPER_DOWN,           'UP'],
    ['UP to lowerlayerdown: nor this',     ()  => 0,                                                   IF_OPER_LOWERLAYERDOWN, 'UP'],
    ['DORMANT to up',                      (d) => devSetOperstate(d, IF_OPER_DORMANT),                 IF_OPER_UP,             'UP'],
    ['TESTING to up',                      (d) => devSetOperstate(d, IF_OPER_TESTING),                 IF_OPER_UP,             'UP'],
    ['DORMANT to testing: first up',       (d) => devSetOperstate(d, IF_OPER_DORMANT),                 IF_OPER_TESTING,        'DORMANT'],
    ['up while the driver says dormant',   (d) => netifDormantOn(d),                                   IF_OPER_UP,             'DORMANT'],
    ['up while the driver tests',          (d) => netifTestingOn(d),                                   IF_OPER_UP,             'TESTING'],
    ['up without carrier',                 (d) => netifCarrierOff(d),                                  IF_OPER_UP,             'DOWN'],
  ])('%s', (_name, before, say, state) => {
    const dev = device();
    before(dev);
    devSetOperstate(dev, say);
    expect(OPER_STATES[dev.operstate]).toBe(state);
  });

  test('each change is told once, and what changes nothing is not', () => {
    const dev = device();
    let told = 0;
    dev.net.registerNetdeviceNotifier((event) => {
      if (event === NETDEV_CHANGE) told++;
    });
    for (const state of [IF_OPER_UP, IF_OPER_DORMANT, IF_OPER_DORMANT, IF_OPER_UP])
      devSetOperstate(dev, state);
    for (const mode of [IF_LINK_MODE_DORMANT, IF_LINK_MODE_DORMANT]) devSetLinkMode(dev, mode);
    expect(told).toBe(3);
  });
});

describe('setting the carrier', () => {
  const settable = {
    ndoChangeCarrier: (d: NetDevice, on: boolean) => (on ? netifCarrierOn(d) : netifCarrierOff(d)),
  };
  const gone = (d: NetDevice) => netifDeviceDetach(d);

  // biome-ignore format: one case a line
  test.each<[string, Partial<NetDeviceOps>, (d: NetDevice) => unknown, (d: NetDevice) => unknown, string]>([
    ['IFLA_CARRIER without ndo_change_carrier',   {},       () => 0, (d) => devChangeCarrier(d, false), 'EOPNOTSUPP'],
    ['the driver is asked for before the device', {},       gone,    (d) => devChangeCarrier(d, false), 'EOPNOTSUPP'],
    ['IFLA_CARRIER of a device not present',      settable, gone,    (d) => devChangeCarrier(d, false), 'ENODEV'],
    ['sysfs, written while it is down',           settable, devClose, (d) => carrierStore(d, false),    'EINVAL'],
    ['sysfs, read while it is down',              settable, devClose, (d) => carrierShow(d),            'EINVAL'],
    ['sysfs without ndo_change_carrier',          {},       () => 0, (d) => carrierStore(d, false),     'EOPNOTSUPP'],
  ])('%s: refused, and nothing changed', (_name, ops, before, act, code) => {
    const dev = device(ops);
    before(dev);
    const { carrierUpCount, carrierDownCount } = dev;
    expect(() => act(dev)).toThrow(errno(code));
    expect([dev.carrierUpCount, dev.carrierDownCount]).toEqual([carrierUpCount, carrierDownCount]);
  });

  test('IFLA_CARRIER works on a device that is down, sysfs on one that is up', () => {
    const dev = device(settable);
    carrierStore(dev, false);
    expect(carrierShow(dev)).toBe(0);
    devClose(dev);
    devChangeCarrier(dev, true);
    devOpen(dev);
    expect([carrierShow(dev), OPER_STATES[dev.operstate]]).toEqual([1, 'UP']);
  });
});

test('only changes of carrier count, up and down apart, and carrier_changes is their sum', () => {
  const dev = device();
  for (let i = 0; i < 3; i++) netifCarrierOff(dev);
  for (let i = 0; i < 3; i++) netifCarrierOn(dev);
  netifCarrierOff(dev);
  expect([dev.carrierUpCount, dev.carrierDownCount]).toEqual([2, 3]);
  expect(ipLinkShow(dev).stats64.tx['carrier_changes']).toBe(5);
});

test('a detached device stops its queues until it is attached; down it has none to stop', () => {
  const dev = device();
  const stopped = () => netifTxQueueStopped(dev.txq[0]!);
  netifDeviceDetach(dev);
  netifDeviceDetach(dev);
  expect(stopped()).toBe(true);
  netifDeviceAttach(dev);
  expect(stopped()).toBe(false);
  devClose(dev);
  netifDeviceDetach(dev);
  expect(() => devOpen(dev)).toThrow(errno('ENODEV'));
  netifDeviceAttach(dev);
  devOpen(dev);
  expect(stopped()).toBe(false);
});
