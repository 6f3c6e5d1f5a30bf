import { RingNic, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devAddAltname, devDelAltname } from './dev-altname.ts';
import { devOpen } from './dev-flags.ts';
import { devChangeName } from './dev-name.ts';
import { allocEtherdev } from './ethernet.ts';
import { ALTIFNAMSIZ, IFNAMSIZ } from './if.ts';
import { ipLinkShow } from './link-show.ts';
import { Net } from './net.ts';
import { NET_NAME_ENUM, NET_NAME_RENAMED, NET_NAME_USER, type NetDevice } from './net-device.ts';
import { NETDEV_CHANGE, NETDEV_CHANGENAME } from './notifier.ts';
import { registerNetdev, unregisterNetdev } from './register.ts';

const errno = (code: string) => expect.objectContaining({ code });
const LONG = 'x'.repeat(ALTIFNAMSIZ - 1);

/** eth0, with the altname wan, and eth1. */
function pair() {
  const log: string[] = [];
  const net = new Net(new VirtualHost(), { printk: (text) => log.push(text) });
  const eth0 = new RingNic(net).dev;
  const eth1 = new RingNic(net).dev;
  devAddAltname(eth0, 'wan');
  return { net, eth0, eth1, log };
}

type Pair = ReturnType<typeof pair>;

test('a name has up to 15 bytes, an altname up to 127', () => {
  expect([IFNAMSIZ, ALTIFNAMSIZ]).toEqual([16, 128]);
});

describe('altnames', () => {
  // biome-ignore format: one case a line
  test.each<[string, (p: Pair) => void, string]>([
    ['add: its own altname',                       ({ eth0 }) => devAddAltname(eth0, 'wan'),            'EEXIST'],
    ['add: its own name',                          ({ eth0 }) => devAddAltname(eth0, 'eth0'),           'EEXIST'],
    ["add: another's altname",                     ({ eth1 }) => devAddAltname(eth1, 'wan'),            'EEXIST'],
    ["add: another's name",                        ({ eth1 }) => devAddAltname(eth1, 'eth0'),           'EEXIST'],
    ['add: 128 bytes',                             ({ eth1 }) => devAddAltname(eth1, `${LONG}x`),       'ERANGE'],
    ['add: 128 bytes of 64 letters',               ({ eth1 }) => devAddAltname(eth1, 'ü'.repeat(64)),   'ERANGE'],
    ['add: empty',                                 ({ eth1 }) => devAddAltname(eth1, ''),               'EINVAL'],
    ['add: with a slash',                          ({ eth1 }) => devAddAltname(eth1, 'a/b'),            'EINVAL'],
    ['add: with a space',                          ({ eth1 }) => devAddAltname(eth1, 'a b'),            'EINVAL'],
    ['del: one that is none',                      ({ eth0 }) => devDelAltname(eth0, 'lan'),            'ENOENT'],
    ['del: its own name',                          ({ eth0 }) => devDelAltname(eth0, 'eth0'),           'EINVAL'],
    ["del: another's altname",                     ({ eth1 }) => devDelAltname(eth1, 'wan'),            'EINVAL'],
    ["del: another's name",                        ({ eth1 }) => devDelAltname(eth1, 'eth0'),           'EINVAL'],
    ["rename to another's altname",                ({ eth1 }) => devChangeName(eth1, 'wan'),            'EEXIST'],
    ['rename to its own altname',                  ({ eth0 }) => devChangeName(eth0, 'wan'),            'EEXIST'],
    ['a new device by an altname',                 ({ net }) => registerNetdev(allocEtherdev(net, 'wan')), 'EEXIST'],
    ['add to a device that is not registered',     ({ net }) => devAddAltname(allocEtherdev(net, 'x'), 'y'), 'ENODEV'],
  ])('%s is refused, and changes nothing', (_name, act, code) => {
    const p = pair();
    expect(() => act(p)).toThrow(errno(code));
    expect([p.eth0.name, p.eth0.altnames, p.eth1.name, p.eth1.altnames]).toEqual(['eth0', ['wan'], 'eth1', []]);
    expect([p.net.devGetByName('wan'), [...p.net.devices()].length]).toEqual([p.eth0, 2]);
  });

  test('too long has the words of the netlink policy', () => {
    expect(() => devAddAltname(pair().eth0, `${LONG}x`)).toThrow('Attribute failed policy validation');
  });

  test('a device is found by each, shows them in the order they came, and a template passes them by', () => {
    const { net, eth1 } = pair();
    for (const name of [LONG, 'a%d', 'eth2']) devAddAltname(eth1, name);
    expect([net.devGetByName(LONG), net.devGetByName('a%d')]).toEqual([eth1, eth1]);
    expect(ipLinkShow(eth1).altnames).toEqual([LONG, 'a%d', 'eth2']);
    expect(Object.keys(ipLinkShow(eth1)).at(-1)).toBe('altnames');
    expect(new RingNic(net).dev.name).toBe('eth3');
  });

  test('they stay through a rename, go one by one, and all with their device', () => {
    const { net, eth0 } = pair();
    devAddAltname(eth0, 'uplink');
    devChangeName(eth0, 'lan0');
    devDelAltname(eth0, 'wan');
    expect([net.devGetByName('wan'), net.devGetByName('uplink')]).toEqual([undefined, eth0]);
    unregisterNetdev(eth0);
    expect(net.devGetByName('uplink')).toBe(undefined);
    expect(ipLinkShow(pair().eth1).altnames).toBe(undefined);
  });

  test('a change is told while the device is up', () => {
    const { net, eth0 } = pair();
    const heard: number[] = [];
    devOpen(eth0);
    const stop = net.registerNetdeviceNotifier((event) => void heard.push(event));
    heard.length = 0;
    devAddAltname(eth0, 'a');
    devDelAltname(eth0, 'a');
    expect(heard).toEqual([NETDEV_CHANGE, NETDEV_CHANGE]);
    stop();
  });
});

describe('names', () => {
  // biome-ignore format: one case a line
  test.each([
    ['',                 'EINVAL'],
    ['.',                'EINVAL'],
    ['..',               'EINVAL'],
    ['a/b',              'EINVAL'],
    ['a:b',              'EINVAL'],
    ['a\tb',             'EINVAL'],
    ['sixteen-letters!', 'EINVAL'],
    ['q%s',              'EINVAL'],
    ['ü'.repeat(8),      'EINVAL'],
    ['q%dx%d',           'EINVAL'],
    ['q%',               'EINVAL'],
    ['eth1',             'EEXIST'],
  ])('a rename to %o is %s, and the old name stays', (want, code) => {
    const { net, eth0, log } = pair();
    expect(() => devChangeName(eth0, want)).toThrow(errno(code));
    expect([eth0.name, net.devGetByName('eth0'), eth0.nameAssignType, log]).toEqual(['eth0', eth0, NET_NAME_ENUM, []]);
  });

  // biome-ignore format: one case a line
  test.each<[string, string, string, boolean, string]>([
    ['a name',                    'lan0',            'lan0',            false, 'lan0: renamed from eth0'],
    ['a running device too',      'lan0',            'lan0',            true,  'lan0: renamed from eth0 (while UP)'],
    ['15 bytes',                  'fünfzehn-bytes',  'fünfzehn-bytes',  false, 'fünfzehn-bytes: renamed from eth0'],
    ['15 characters',             'fifteen-letters', 'fifteen-letters', false, 'fifteen-letters: renamed from eth0'],
    ['a template',                'lan%d',           'lan0',            false, 'lan0: renamed from eth0'],
    ['a template in the middle',  'a%db',            'a0b',             false, 'a0b: renamed from eth0'],
    ['the lowest free number',    'eth%d',           'eth2',            false, 'eth2: renamed from eth0'],
  ])('a rename to %s', (_what, want, name, up, said) => {
    const { net, eth0, log } = pair();
    if (up) devOpen(eth0);
    devChangeName(eth0, want);
    expect([eth0.name, net.devGetByName(name), net.devGetByName('eth0')]).toEqual([name, eth0, undefined]);
    expect([eth0.nameAssignType, log]).toEqual([NET_NAME_RENAMED, [said]]);
  });

  test('a rename to the name it has does nothing', () => {
    const { eth0, log } = pair();
    devChangeName(eth0, 'eth0');
    expect([eth0.nameAssignType, log]).toEqual([NET_NAME_ENUM, []]);
  });

  test('where a name came from is kept: a template or a user', () => {
    const { net, eth0 } = pair();
    const named: NetDevice = new RingNic(net, { name: 'mine' }).dev;
    expect([eth0.nameAssignType, named.nameAssignType]).toEqual([NET_NAME_ENUM, NET_NAME_USER]);
  });

  test('a veto puts name and where it came from back, and is told again', () => {
    const { net, eth0 } = pair();
    const names: string[] = [];
    net.registerNetdeviceNotifier((event, dev) => {
      if (event !== NETDEV_CHANGENAME) return undefined;
      names.push(dev.name);
      return dev.name === 'lan0' ? 'EPERM' : undefined;
    });
    expect(() => devChangeName(eth0, 'lan0')).toThrow(errno('EPERM'));
    expect([names, net.devGetByName('eth0'), net.devGetByName('lan0')]).toEqual([
      ['lan0', 'eth0'],
      eth0,
      undefined,
    ]);
    expect(eth0.nameAssignType).toBe(NET_NAME_ENUM);
  });

  test('when every number of a template is taken there is no name: ENFILE', () => {
    const net = new Net(new VirtualHost());
    for (let i = 0; i < 100; i++) new RingNic(net, { name: 'fourteen-char%d' });
    expect(() => new RingNic(net, { name: 'fourteen-char%d' })).toThrow(errno('ENFILE'));
  });
});
