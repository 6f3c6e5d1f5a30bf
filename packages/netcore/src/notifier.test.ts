import { RingNic, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { devClose, devOpen } from './dev-flags.ts';
import { devSetMtu } from './dev-settings.ts';
import { Net } from './net.ts';
import {
  NETDEV_CHANGEMTU,
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_PRE_UP,
  NETDEV_PRECHANGEMTU,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
} from './notifier.ts';

const errno = (code: string) => expect.objectContaining({ code });

function namespace(devices: number) {
  const net = new Net(new VirtualHost());
  const devs = Array.from({ length: devices }, () => new RingNic(net).dev);
  const heard: string[] = [];
  /** Notes events as `name event device`; vetoes one of one device. */
  const listen = (name: string, veto = 0, of = '') =>
    net.registerNetdeviceNotifier((event, dev) => {
      heard.push(`${name} ${event} ${dev.name}`);
      return event === veto && (of === '' || of === dev.name) ? 'EPERM' : undefined;
    });
  return { net, devs, heard, listen };
}

test('they are called in the order they came, and a veto ends the round', () => {
  const one = namespace(1);
  one.listen('a');
  one.listen('b', NETDEV_PRE_UP);
  one.listen('c');
  one.heard.length = 0;
  expect(() => devOpen(one.devs[0]!)).toThrow(errno('EPERM'));
  expect(one.heard).toEqual([`a ${NETDEV_PRE_UP} eth0`, `b ${NETDEV_PRE_UP} eth0`]);
});

test('one that comes late hears of each device and that it is up; one that goes hears them leave', () => {
  const { devs, heard, listen } = namespace(2);
  devOpen(devs[1]!);
  const stop = listen('a');
  const came = [`a ${NETDEV_REGISTER} eth0`, `a ${NETDEV_REGISTER} eth1`, `a ${NETDEV_UP} eth1`];
  expect(heard).toEqual(came);
  heard.length = 0;
  stop();
  const eth1 = [NETDEV_GOING_DOWN, NETDEV_DOWN, NETDEV_UNREGISTER].map((event) => `a ${event} eth1`);
  expect(heard).toEqual([`a ${NETDEV_UNREGISTER} eth0`, ...eth1]);
  heard.length = 0;
  devClose(devs[1]!);
  expect(heard).toEqual([]);
});

test('one that vetoes a device hears those before it leave again, last first, and is not added', () => {
  const { devs, heard, listen } = namespace(3);
  expect(() => listen('a', NETDEV_REGISTER, 'eth2')).toThrow(errno('EPERM'));
  expect(heard.slice(-2)).toEqual([`a ${NETDEV_UNREGISTER} eth1`, `a ${NETDEV_UNREGISTER} eth0`]);
  heard.length = 0;
  devOpen(devs[0]!);
  expect(heard).toEqual([]);
});

test('a veto after the fact is told to those too that had agreed', () => {
  const { devs, heard, listen } = namespace(1);
  listen('a');
  listen('b', NETDEV_CHANGEMTU);
  heard.length = 0;
  expect(() => devSetMtu(devs[0]!, 1400)).toThrow(errno('EPERM'));
  const round = [`a ${NETDEV_CHANGEMTU} eth0`, `b ${NETDEV_CHANGEMTU} eth0`];
  const asked = [`a ${NETDEV_PRECHANGEMTU} eth0`, `b ${NETDEV_PRECHANGEMTU} eth0`];
  expect(heard).toEqual([...asked, ...round, ...round]);
});

test('one that removes itself while it is called does not disturb the round', () => {
  const { net, devs, heard, listen } = namespace(1);
  const stop = net.registerNetdeviceNotifier((event) => {
    if (event === NETDEV_UP) stop();
  });
  listen('b');
  heard.length = 0;
  devOpen(devs[0]!);
  expect(heard).toEqual([`b ${NETDEV_PRE_UP} eth0`, `b ${NETDEV_UP} eth0`]);
});
