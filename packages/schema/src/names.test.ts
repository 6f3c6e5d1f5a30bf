import { expect, test } from 'vitest';
import { deriveLinkName, parseEndpoint } from './endpoint.ts';
import { DeviceName, Ifname, LinkName, Name, NodeName } from './names.ts';

test.each(['h1', 'Office', '10', 'a.b_c-d', 'a'.repeat(63)])('%s is a name', (name) => {
  expect(Name.safeParse(name).success).toBe(true);
});

test.each(['', '-a', '.', 'a/b', 'a b', 'a:b', 'ä', 'a'.repeat(64), 'a\n', '__proto__'])(
  '%j is no name',
  (name) => {
    expect(Name.safeParse(name).success).toBe(false);
  },
);

test.each(['lan', 'qemu', 'vde', 'pcap', 'LAN'])('%s is no node, for it begins another endpoint', (name) => {
  expect(NodeName.safeParse(name).error?.issues[0]?.message).toContain('reserved');
});

test.each(['eth0', 'eth0.100', 'br-lan', 'veth@x', 'a'.repeat(15)])('%s is an interface name', (name) => {
  expect(Ifname.safeParse(name).success).toBe(true);
});

test.each(['', '.', '..', 'a/b', 'a:b', 'a b', 'a%d', 'a'.repeat(16), 'a\t', '__proto__'])(
  '%j is no interface name',
  (name) => {
    expect(Ifname.safeParse(name).success).toBe(false);
  },
);

test('no device of a lab is called lo, which every node has', () => {
  expect(DeviceName.safeParse('eth0').success).toBe(true);
  expect(DeviceName.safeParse('lo').error?.issues[0]?.message).toContain('every node has');
});

test('an endpoint is a device of a node or a LAN', () => {
  expect(parseEndpoint('h1:eth0')).toEqual({ kind: 'device', node: 'h1', device: 'eth0' });
  expect(parseEndpoint('lan:office')).toEqual({ kind: 'lan', lan: 'office' });
});

test.each(['h1', ':eth0', 'h1:', 'lan:', 'h1:eth0:x', '', 'a b:eth0'])('%j is no endpoint', (text) => {
  expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test.each(['qemu:listen:127.0.0.1:9000', 'vde:/run/vde', 'pcap:x.pcap'])(
  '%s is known and not supported',
  (text) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }));
  },
);

test('a derived link name is a link name, even of the longest and oddest endpoints', () => {
  expect(deriveLinkName('h1:eth0', 'lan:office')).toBe('h1-eth0--office');
  const long = deriveLinkName(
    `${'n'.repeat(63)}:veth@12345678901`.slice(0, 79),
    `${'m'.repeat(63)}:${'e'.repeat(15)}`,
  );
  expect(LinkName.parse(long)).toBe(long);
});
