import { describe, expect, test } from 'vitest';
import { InputError, issueText } from './issues.ts';
import { Lab, parseLab } from './lab.ts';
import { mergeLink } from './link.ts';

const three = {
  name: 'three-hosts',
  nodes: {
    h1: { stack: 'user', devices: { eth0: { ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' } } },
    h2: { devices: { eth0: { ip: '10.0.0.2/24' } } },
    h3: { stack: 'kernel', devices: { eth0: { ip: ['10.0.0.3/24', 'fd00::3/64'], mtu: 1400 } } },
  },
  lans: { office: { ageing: 300 } },
  links: [
    { endpoints: ['h1:eth0', 'lan:office'] },
    {
      endpoints: ['h2:eth0', 'lan:office'],
      impair: { forward: { delay: '10ms', jitter: '2ms', loss: '0.5%' }, reverse: { rate: '20mbit' } },
    },
    { name: 'cable-3', endpoints: ['h3:eth0', 'lan:office'] },
  ],
};

/** What parseLab says against a lab, one text an issue. */
function complaints(input: unknown): string[] {
  try {
    parseLab(input);
    return [];
  } catch (error) {
    return error instanceof InputError
      ? error.errors.map((issue) => `${error.code} ${issueText(issue)}`)
      : [`${error}`];
  }
}

describe('a lab is resolved', () => {
  test('its devices get stack, kind, MTU, addresses and a MAC of their own', () => {
    const { nodes } = parseLab(three);
    expect(nodes['h2']).toEqual({
      stack: 'user',
      devices: {
        eth0: { kind: 'wslink', mac: '02:03:f5:67:99:d1', mtu: 1500, ip: ['10.0.0.2/24'], up: true },
      },
    });
    expect(nodes['h3']).toMatchObject({ stack: 'kernel', devices: { eth0: { mtu: 1400 } } });
  });

  test('its links get a name, an MTU that lets everything through, and numbers for what was written with units', () => {
    const [first, second, third] = parseLab(three).links;
    expect([first?.name, second?.name, third?.name]).toEqual([
      'h1-eth0--office',
      'h2-eth0--office',
      'cable-3',
    ]);
    expect(first).toMatchObject({
      mtu: 65_535,
      carrier: true,
      impair: { forward: { delay: 0, loss: 0, rate: 0 } },
    });
    expect(second?.impair.forward).toMatchObject({ delay: 0.01, jitter: 0.002, loss: 0.005, rate: 0 });
    expect(second?.impair.reverse).toMatchObject({ delay: 0, rate: 20_000_000 });
  });

  test('each direction of each link gets a seed of its own, the same every time', () => {
    const seeds = () =>
      parseLab(three).links.flatMap(({ impair }) => [impair.forward.seed, impair.reverse.seed]);
    expect(new Set(seeds()).size).toBe(6);
    expect(seeds()).toEqual(seeds());
  });

  test('and then reads as itself', () => {
    const lab = parseLab(three);
    expect(parseLab(lab)).toEqual(lab);
    expect(parseLab(JSON.parse(JSON.stringify(lab)))).toEqual(lab);
    expect(Lab.parse(lab)).toEqual(lab);
  });

  test('what YAML leaves empty is empty', () => {
    const lab = parseLab({
      nodes: { h1: { devices: { eth0: null } }, h2: null },
      lans: { office: null },
      links: null,
    });
    expect(lab.nodes['h2']).toEqual({ stack: 'user', devices: {} });
    expect(lab.lans).toEqual({ office: { ageing: 300 } });
    expect(parseLab(null)).toEqual({ name: 'lab', nodes: {}, lans: {}, links: [] });
  });

  test('two LANs that do not meet may use one address', () => {
    const devices = { eth0: { ip: '10.0.0.1/24' } };
    const links = [{ endpoints: ['h1:eth0', 'lan:a'] }, { endpoints: ['h2:eth0', 'lan:b'] }];
    expect(
      complaints({ nodes: { h1: { devices }, h2: { devices } }, lans: { a: {}, b: {} }, links }),
    ).toEqual([]);
  });
});

const one = (device: object) => ({ nodes: { h1: { devices: { eth0: device } } } });
const two = (device: object, ...links: object[]) => ({
  nodes: { h1: { devices: { eth0: device } }, h2: { devices: { eth0: device } } },
  lans: { office: {} },
  links,
});
const plug = (a: string, b: string) => ({ endpoints: [a, b] });

// biome-ignore format: one case a line
describe('a lab is refused with the place of what is wrong:', () => {
  test.each([
    ['an unknown key', one({ mtuu: 1 }), 'nodes.h1.devices.eth0.mtuu: unknown key; known here: kind, mac, mtu'],
    ['an unknown key at the top', { node: {} }, 'node: unknown key; known here: name, nodes, lans, links'],
    ['an unknown impairment', { links: [{ ...plug('h1:eth0', 'h2:eth0'), impair: { forward: { lag: 1 } } }] }, 'links[0].impair.forward.lag: unknown key'],
    ['an MTU of 67', one({ mtu: 67 }), 'nodes.h1.devices.eth0.mtu: mtu less than device minimum'],
    ['an MTU of 70000', one({ mtu: 70_000 }), 'nodes.h1.devices.eth0.mtu: mtu greater than device maximum'],
    ['an MTU of 1500.5', one({ mtu: 1500.5 }), 'nodes.h1.devices.eth0.mtu: an MTU is a whole number'],
    ['a multicast MAC', one({ mac: '01:00:5e:00:00:01' }), 'nodes.h1.devices.eth0.mac: 01:00:5e:00:00:01 is a multicast address'],
    ['a zero MAC', one({ mac: '00:00:00:00:00:00' }), 'nodes.h1.devices.eth0.mac: a station cannot have the zero address'],
    ['an address without prefix', one({ ip: '10.0.0.1' }), 'nodes.h1.devices.eth0.ip: write an address with its prefix length'],
    ['a bad address in a list', one({ ip: ['10.0.0.1/24', 'x'] }), 'nodes.h1.devices.eth0.ip[1]: write an address'],
    ['a gateway elsewhere', one({ ip: '10.0.0.1/24', gateway: '10.1.0.1' }), 'nodes.h1.devices.eth0.gateway: 10.1.0.1 is not in a network of this device (it has 10.0.0.1/24)'],
    ['a reserved node name', { nodes: { lan: {} } }, 'nodes.lan: bad name: "lan" is reserved'],
    ['a node name with a slash', { nodes: { 'a/b': {} } }, 'nodes.a/b: bad name: a name is 1 to 63'],
    ['a device name with a space', { nodes: { h1: { devices: { 'a b': {} } } } }, 'nodes.h1.devices.a b: bad name'],
    ['an unknown stack', { nodes: { h1: { stack: 'gvisor' } } }, 'nodes.h1.stack: stack is "user"'],
    ['a delay without unit', { links: [{ ...plug('h1:eth0', 'h2:eth0'), impair: { forward: { delay: '10' } } }] }, 'links[0].impair.forward.delay: "10" is not understood: write a time'],
    ['one endpoint only', { links: [{ endpoints: ['h1:eth0'] }] }, 'links[0].endpoints: endpoints are two'],
    ['three endpoints', { links: [{ endpoints: ['h1:eth0', 'h2:eth0', 'h3:eth0'] }] }, 'links[0].endpoints: endpoints are two'],
    ['no endpoint at all', { links: [plug('h1', 'h2:eth0')] }, 'links[0].endpoints[0]: "h1" is no endpoint'],
    ['no document', [], 'Invalid input: expected object, received array'],
  ])('%s', (_, input, text) => expect(complaints(input)[0]).toContain(`EINVAL ${text}`));

  test.each([
    ['two devices with one MAC', two({ mac: '02:00:00:00:00:01' }), 'nodes.h2.devices.eth0.mac: 02:00:00:00:00:01 is the MAC address of h1:eth0 already'],
    ['two devices of a LAN with one IP', two({ ip: '10.0.0.1/24' }, plug('h1:eth0', 'lan:office'), plug('lan:office', 'h2:eth0')), 'nodes.h2.devices.eth0.ip[0]: 10.0.0.1 is the address of h1:eth0 already'],
    ['two ends of a wire with one IP', two({ ip: 'fd00::1/64' }, plug('h1:eth0', 'h2:eth0')), 'nodes.h2.devices.eth0.ip[0]: fd00::1 is the address of h1:eth0 already'],
    ['a node that does not exist', two({}, plug('h9:eth0', 'lan:office')), 'links[0].endpoints[0]: "h9:eth0" does not exist: no node "h9" (nodes: h1, h2)'],
    ['a device that does not exist', two({}, plug('h1:eth7', 'lan:office')), 'links[0].endpoints[0]: "h1:eth7" does not exist: node "h1" has no device "eth7" (devices: eth0)'],
    ['a LAN that does not exist', two({}, plug('h1:eth0', 'lan:attic')), 'links[0].endpoints[1]: "lan:attic" does not exist: no LAN "attic" (LANs: office)'],
    ['a name of the prototype', two({}, plug('constructor:eth0', 'lan:office')), 'links[0].endpoints[0]: "constructor:eth0" does not exist'],
    ['a raw end in two links', two({}, plug('raw:vm1', 'lan:office'), plug('raw:vm1', 'h1:eth0')), 'links[1].endpoints[0]: raw:vm1 is plugged in already, at links[0].endpoints[0]'],
    ['a device in two links', two({}, plug('h1:eth0', 'h2:eth0'), plug('lan:office', 'h1:eth0')), 'links[1].endpoints[1]: h1:eth0 is plugged in already, at links[0].endpoints[0]'],
    ['a device linked to itself', two({}, plug('h1:eth0', 'h1:eth0')), 'links[0].endpoints[1]: h1:eth0 is plugged in already'],
    ['two links of one name', two({}, { name: 'x', ...plug('h1:eth0', 'lan:office') }, { name: 'x', ...plug('h2:eth0', 'lan:office') }), 'links[1].name: links[0] is called "x" already'],
    ['a dummy with a cable', two({ kind: 'dummy' }, plug('h1:eth0', 'lan:office')), 'links[0].endpoints[0]: "h1:eth0" does not exist: a dummy has no plug'],
  ])('%s', (_, input, text) => expect(complaints(input)).toEqual([expect.stringContaining(`EINVAL ${text}`)]));

  test.each([
    ['a QEMU', two({}, plug('qemu:listen:127.0.0.1:9000', 'lan:office')), 'links[0].endpoints[0]: "qemu:listen:127.0.0.1:9000": qemu endpoints are not supported yet'],
    ['two LANs joined', { lans: { a: {}, b: {} }, links: [plug('lan:a', 'lan:b')] }, 'links[0].endpoints: a link between two LANs is not supported yet'],
  ])('%s, for now', (_, input, text) => expect(complaints(input)).toEqual([expect.stringContaining(`EOPNOTSUPP ${text}`)]));
});

test('everything that is wrong is told at once', () => {
  expect(
    complaints({
      nodes: { h1: { devices: { eth0: { mtu: 1, mac: 'x' } } } },
      links: [{ endpoints: [] }],
      x: 1,
    }),
  ).toHaveLength(4);
});

test('a patch of a link changes what it names and resets nothing', () => {
  const link = parseLab(three).links[1]!;
  const patched = mergeLink(link, { carrier: false, impair: { forward: { loss: 0.1 } } });
  expect(patched).toEqual({
    ...link,
    carrier: false,
    impair: { ...link.impair, forward: { ...link.impair.forward, loss: 0.1 } },
  });
});
