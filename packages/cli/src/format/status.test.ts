import { IpLink, type LinkView, parseLab } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { links as fixtures } from './ip-link.fixture.ts';
import { carrierText, formatStatus, type StatusView } from './status.ts';

const lab = parseLab({
  name: 'three-hosts',
  nodes: {
    h1: { devices: { eth0: { ip: '10.0.0.1/24' } } },
    h2: { devices: { eth0: { ip: '10.0.0.2/24' } } },
  },
  lans: { office: {} },
  links: [
    { endpoints: ['h1:eth0', 'lan:office'] },
    {
      endpoints: ['h2:eth0', 'lan:office'],
      impair: { forward: { delay: '10ms', jitter: '2ms', loss: '0.5%' }, reverse: { rate: '20mbit' } },
    },
  ],
});

const veth = IpLink.parse(fixtures[2]);
const eth0 = { ...veth, ifname: 'eth0' };

function end(endpoint: string, given: object = {}) {
  return { endpoint, attached: true, up: true, carrier: true, ...given };
}

const links: LinkView[] = lab.links.map((link) => ({
  ...link,
  ends: link.endpoints.map((text) => end(text)),
}));

function direction(rx: number, drops: Record<string, number> = {}) {
  return { tx: rx, rx, txBytes: 0, rxBytes: 0, drops, queue: 0 };
}

const view: StatusView = {
  url: 'http://127.0.0.1:8080',
  lab,
  nodes: [
    { name: 'h1', connected: true, stack: 'user', devices: ['eth0'] },
    { name: 'h2', connected: false, stack: 'user', devices: ['eth0'] },
  ],
  devices: new Map([['h1', [eth0]]]),
  lans: [{ name: 'office', ageing: 300, ports: 2 }],
  links,
  stats: new Map([
    [
      'h2-eth0--office',
      {
        name: 'h2-eth0--office',
        forward: direction(1_234_567, { NETEM_LOSS: 12 }),
        reverse: direction(8),
        balanced: true,
      },
    ],
  ]),
  waiting: ['node h2 is not connected'],
};

test('the whole lab fits 100 columns and reads at a glance', () => {
  const text = formatStatus(view);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(text).toMatchInlineSnapshot(`
    "three-hosts  http://127.0.0.1:8080  2 nodes, 1 LAN, 2 links  not converged:
      node h2 is not connected

    NODE  STACK  CONN  DEVICE  STATE   MTU  MAC                RX  TX  IP
    h1    user   yes   eth0    UP     1400  02:00:00:00:00:01   3   2  10.0.0.1/24
    h2    user   NO    eth0    -

    LAN     PORTS  AGEING
    office      2   300 s

    LINK             FROM     TO          CARRIER     ->  <-  DROPS
    h1-eth0--office  h1:eth0  lan:office  on           -   -      -
    h2-eth0--office  h2:eth0  lan:office  on       1.23M   8     12
      -> delay 10ms ±2ms, loss 0.5%; dropped 12 NETEM_LOSS
      <- rate 20mbit"
  `);
});

test('a device the node cannot make has the reason under it, and lo has no row', () => {
  const why = 'eth1: cannot add fd00::1/64: EACCES: IPv6 is off here';
  const h1 = { ...view.nodes[0]!, problems: [{ device: 'eth1', code: 'EACCES', message: why }] };
  const nodes = {
    h1: {
      ...lab.nodes['h1']!,
      devices: { ...lab.nodes['h1']!.devices, eth1: lab.nodes['h1']!.devices['eth0']! },
    },
  };
  const lo = IpLink.parse(fixtures[0]);
  const text = formatStatus({
    ...view,
    lab: { ...lab, nodes },
    nodes: [h1],
    devices: new Map([['h1', [lo, eth0]]]),
    lans: [],
    links: [],
    waiting: [`node h1, eth1: ${why} (EACCES)`],
  });
  expect(text).toMatchInlineSnapshot(`
    "three-hosts  http://127.0.0.1:8080  1 node, 0 LANs, 0 links  not converged

    NODE  STACK  CONN  DEVICE  STATE   MTU  MAC                RX  TX  IP
    h1    user   yes   eth0    UP     1400  02:00:00:00:00:01   3   2  10.0.0.1/24
                       eth1    -
      ! eth1: cannot add fd00::1/64: EACCES: IPv6 is off here"
  `);
});

// biome-ignore format: one state a line
test.each([
  ['a link that works is on',                {},                                               'on'],
  ['one switched off says so',               { carrier: false },                               'off'],
  ['one whose far end is missing names it',  { ends: [end('h1:eth0', { attached: false, carrier: false }), end('lan:office')] }, 'no h1:eth0'],
  ['one whose device is down names it',      { ends: [end('h1:eth0', { up: false }), end('lan:office')] }, 'h1:eth0 is down'],
  ['one without a switch says so',           { ends: [] },                                     'no switch'],
])('%s', (_name, given, text) => {
  expect(carrierText({ ...links[0]!, ...given })).toBe(text);
});
