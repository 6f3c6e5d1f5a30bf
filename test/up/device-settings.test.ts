/** What REST sets on a device: the kernel's refusals change nothing, what is taken is merged, kept, and comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InProcessLab } from '../support/in-process.ts';

const H1 = '/v1/nodes/h1/devices/eth0';
const MAC2 = '02:00:00:00:00:02';
const LAB = {
  name: 'settings',
  nodes: {
    h1: { devices: { eth0: { ip: '10.0.0.1/24', altnames: ['uplink'] }, eth1: { kind: 'dummy' } } },
    h2: { devices: { eth0: { ip: '10.0.0.2/24', mac: MAC2 } } },
  },
  lans: { office: {} },
  links: [{ endpoints: ['h1:eth0', 'lan:office'] }, { endpoints: ['h2:eth0', 'lan:office'] }],
};

let lab: InProcessLab;
beforeAll(async () => {
  lab = await InProcessLab.start(LAB);
});
afterAll(() => lab?.stop());

/** All that can be set on h1's device, and the lab: what a refused request must leave alone. Counters are left out. */
async function settings(): Promise<unknown> {
  const paths = [H1, '/v1/nodes/h1/devices/eth1'];
  const seen = paths.map(async (path) => {
    const { stats64: _stats, ...link } = (await lab.rest('GET', path)).body;
    const { stats: _ethtool, ...driver } = (await lab.rest('GET', `${path}/ethtool`)).body;
    const qdiscs = (await lab.rest('GET', `${path}/qdisc`)).body;
    return {
      link,
      driver,
      qdiscs: qdiscs.map(({ kind, handle, options }: Qdisc) => ({ kind, handle, options })),
    };
  });
  return { lab: (await lab.rest('GET', '/v1/lab')).body, devices: await Promise.all(seen) };
}

interface Qdisc {
  kind: string;
  handle: string;
  options: Record<string, unknown>;
}

// biome-ignore format: one refusal a line
test.each([
  // what                                   method   path              body                                                code         text
  ['an altname that is a device\'s name',  'PATCH', '',               { altnames: { add: ['eth1'] } },                    'EEXIST',     /eth1/],
  ['an altname that it has already',       'PATCH', '',               { altnames: { add: ['uplink'] } },                  'EEXIST',     /uplink/],
  ['an altname that is not there',         'PATCH', '',               { altnames: { del: ['nope'] } },                    'ENOENT',     /nope/],
  ['one altname of two that is taken',     'PATCH', '',               { altnames: { add: ['spare', 'eth1'] } },           'EEXIST',     /eth1/],
  ['an altname beside an MTU of 67',       'PATCH', '',               { mtu: 67, altnames: { add: ['spare'] } },          'EINVAL',     /mtu less than device minimum/],
  ['an altname beside a MAC that is taken','PATCH', '',               { address: MAC2, altnames: { add: ['spare'], del: ['uplink'] } }, 'EINVAL', /is the MAC address of h[12]:eth0 already/],
  ['a group that is no number',            'PATCH', '',               { group: 'staff' },                                 'EINVAL',     /a group is a number/],
  ['a link mode that is none',             'PATCH', '',               { mode: 'testing' },                                'EINVAL',     /default.*dormant/],
  ['an RX ring beyond its maximum',        'PATCH', '/ethtool',       { ring: { rx: 1_000_000 } },                        'EINVAL',     /requested ring size exceeds maximum/],
  ['a ring that is negative',              'PATCH', '/ethtool',       { ring: { rx: -1 } },                               'EINVAL',     /ring\.rx/],
  ['coalescing that never interrupts',     'PATCH', '/ethtool',       { coalesce: { 'rx-usecs': 0, 'rx-frames': 0 } },    'EINVAL',     /would never interrupt/],
  ['a feature that nobody has heard of',   'PATCH', '/ethtool',       { features: { warp: true } },                       'EOPNOTSUPP', /bit name not found: warp/],
  ['a good ring beside an unknown feature','PATCH', '/ethtool',       { ring: { rx: 64 }, features: { warp: true } },     'EOPNOTSUPP', /warp/],
  ['a speed that is none',                 'PATCH', '/ethtool',       { settings: { speed: 'fast' } },                    'EINVAL',     /settings\.speed/],
  ['a qdisc of an unknown kind',           'PUT',    '/qdisc',        { kind: 'warp' },                                   'ENOENT',     /Specified qdisc kind is unknown/],
  ['a loss of 101 %',                      'PUT',    '/qdisc',        { kind: 'netem', options: { 'loss-random': { loss: '101%' } } }, 'EINVAL', /options\.loss-random\.loss: "101%" is outside 0 to 1/],
  ['a negative delay',                     'PUT',    '/qdisc',        { kind: 'netem', options: { delay: { delay: '-5ms' } } }, 'EINVAL', /"-5ms" is not understood/],
  ['a tbf without a rate',                 'PUT',    '/qdisc',        { kind: 'tbf', options: { burst: '10kb', lat: '50ms' } }, 'EINVAL', /"rate" parameter is mandatory/],
  ['a tbf without latency or limit',       'PUT',    '/qdisc',        { kind: 'tbf', options: { rate: '1mbit', burst: '10kb' } }, 'EINVAL', /either "limit" or "latency" is required/],
  ['an fq_codel with no flows',            'PUT',    '/qdisc',        { kind: 'fq_codel', options: { flows: 0 } },        'EINVAL',     /flows/],
  ['a prio with one band',                 'PUT',    '/qdisc',        { kind: 'prio', options: { bands: 1 } },            'EINVAL',     /bands/],
  ['an option of another kind',            'PUT',    '/qdisc',        { kind: 'pfifo', options: { rate: '1mbit' } },      'EINVAL',     /unknown key; known here: limit/],
  ['a change of what is not there',        'PUT',    '/qdisc',        { kind: 'netem', mode: 'change', options: {} },     'ENOENT',     /Qdisc not found\. To create specify NLM_F_CREATE flag/],
  ['a parent that does not exist',         'PUT',    '/qdisc',        { kind: 'pfifo', parent: '7:1' },                   'ENOENT',     /Failed to find specified qdisc/],
  ['a handle that is a class',             'PUT',    '/qdisc',        { kind: 'pfifo', handle: '1:2' },                   'EINVAL',     /a handle is a hexadecimal number/],
  ['a patch of a qdisc that is not there', 'PATCH',  '/qdisc',        { handle: '99:', options: { limit: 10 } },          'ENOENT',     /no such qdisc: it has pfifo_fast 0:/],
  ['a patch of a default',                 'PATCH',  '/qdisc',        { kind: 'netem', options: { limit: 10 } },          'ENOENT',     /Qdisc not found/],
  ['the removal of a default',             'DELETE', '/qdisc',        undefined,                                          'ENOENT',     /Cannot delete qdisc with handle of zero/],
  ['the removal of an unknown handle',     'DELETE', '/qdisc?handle=99:', undefined,                                      'ENOENT',     /Failed to find qdisc with specified handle/],
  ['an unknown section of ethtool',        'PATCH', '/ethtool',       { rings: { rx: 1 } },                               'EINVAL',     /unknown key.*ring/],
] as const)('%s is refused, and nothing has changed', async (_what, method, path, body, code, text) => {
  const before = await settings();
  const answer = await lab.rest(method, H1 + path, body);
  const { errors = [], detail } = answer.body;
  const words = [detail, ...errors.map((error: { path: string; message: string }) => `${error.path}: ${error.message}`)].join('\n');
  expect([answer.body.code, words]).toEqual([code, expect.stringMatching(text)]);
  expect(await settings()).toEqual(before);
});

test('what is set is merged, a repeated request changes nothing, and all of it survives the node and control', async () => {
  const patches: [string, object][] = [
    ['', { group: 4, altnames: { add: ['wan0'], del: ['uplink'] } }],
    ['', { mode: 'dormant', allmulticast: true }],
    ['/ethtool', { ring: { rx: 128 } }],
    ['/ethtool', { ring: { tx: 64 }, coalesce: { 'rx-usecs': 50 } }],
    ['/ethtool', { settings: { speed: 2500 } }],
  ];
  for (const [path, body] of patches) {
    expect(await lab.rest('PATCH', H1 + path, body)).toMatchObject({ status: 200 });
  }
  const link = {
    group: '4',
    linkmode: 'DORMANT',
    altnames: ['wan0'],
    flags: expect.arrayContaining(['ALLMULTI']),
  };
  const driver = { ring: { rx: 128, tx: 64 }, coalesce: { 'rx-usecs': 50 }, settings: { speed: 2500 } };
  const look = async () => {
    expect((await lab.rest('GET', H1)).body).toMatchObject(link);
    expect((await lab.rest('GET', `${H1}/ethtool`)).body).toMatchObject(driver);
  };
  await look();
  const before = await lab.rest('GET', '/v1/lab');
  expect(before).toMatchObject({ status: 200, body: { nodes: { h1: { devices: { eth0: { group: 4 } } } } } });
  for (const [path, body] of patches.slice(1)) await lab.rest('PATCH', H1 + path, body);
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(before.body);
  await lab.restartNode('h1');
  await look();
  await lab.restartControl();
  await look();
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(before.body);
});

test('qdiscs are set, merged, kept across restarts of node and control, and gone when they are deleted', async () => {
  const put = await lab.rest('PUT', `${H1}/qdisc`, { kind: 'netem', options: { delay: '10ms', seed: 7 } });
  expect(put.body).toMatchObject([
    { kind: 'netem', root: true, options: { delay: { delay: 0.01 }, limit: 1000, seed: 7 } },
  ]);
  const patch = { options: { delay: { jitter: '2ms' }, 'loss-random': '0.5%' } };
  const patched = await lab.rest('PATCH', `${H1}/qdisc`, patch);
  const options = {
    delay: { delay: 0.01, jitter: 0.002 },
    'loss-random': { loss: 0.005 },
    limit: 1000,
    seed: 7,
  };
  const [{ handle }] = put.body;
  expect(patched.body).toMatchObject([{ kind: 'netem', handle, options }]);
  const before = (await lab.rest('GET', '/v1/lab')).body;
  expect(before.nodes.h1.devices.eth0.qdisc).toMatchObject([{ kind: 'netem', handle, options }]);
  expect((await lab.rest('PATCH', `${H1}/qdisc`, patch)).body).toMatchObject([{ handle, options }]);
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(before);
  expect((await lab.rest('PUT', '/v1/lab', before)).body.changes).toEqual([]);
  await lab.restartNode('h1');
  expect((await lab.rest('GET', `${H1}/qdisc`)).body).toMatchObject([{ kind: 'netem', handle, options }]);
  await lab.restartControl();
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(before);
  expect((await lab.rest('DELETE', `${H1}/qdisc`)).body).toMatchObject([
    { kind: 'pfifo_fast', handle: '0:' },
  ]);
  expect((await lab.rest('GET', '/v1/lab')).body.nodes.h1.devices.eth0.qdisc).toBeUndefined();
});

test.each([
  ['netem', { delay: { delay: '5ms' } }],
  ['tbf', { rate: '20mbit', burst: '10kb', lat: '50ms' }],
  ['bfifo', { limit: '100kb' }],
  ['prio', { bands: 5 }],
  ['fq_codel', { limit: 500, target: '2ms' }],
])('a %s that is put again is the same, its handle too', async (kind, options) => {
  const path = '/v1/nodes/h1/devices/eth1/qdisc';
  const first = await lab.rest('PUT', path, { kind, options });
  expect(first).toMatchObject({ status: 200, body: [{ kind, root: true }] });
  const kept = (await lab.rest('GET', '/v1/lab')).body;
  expect((await lab.rest('PUT', path, { kind, options })).body).toEqual(first.body);
  expect((await lab.rest('PATCH', path, { options })).body).toEqual(first.body);
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(kept);
  const back = await lab.rest('DELETE', path);
  expect(back.body.map(({ handle }: Qdisc) => handle).filter((handle: string) => handle !== '0:')).toEqual(
    [],
  );
});

test('a device answers to its altnames, whatever is asked of it', async () => {
  const altname = 'the-second-device-of-h1';
  const path = `/v1/nodes/h1/devices/${altname}`;
  expect((await lab.rest('GET', path)).body).toMatchObject({ code: 'ENODEV' });
  await lab.rest('PATCH', '/v1/nodes/h1/devices/eth1', { altnames: { add: [altname] } });
  expect((await lab.rest('PATCH', path, { ifalias: 'by its altname' })).body).toMatchObject({
    ifname: 'eth1',
  });
  expect((await lab.rest('PUT', `${path}/qdisc`, { kind: 'pfifo' })).body).toMatchObject([{ dev: 'eth1' }]);
  expect((await lab.rest('DELETE', `${path}/qdisc`)).status).toBe(200);
  const { eth1 } = (await lab.rest('GET', '/v1/lab')).body.nodes.h1.devices;
  expect(eth1).toMatchObject({ ifalias: 'by its altname', altnames: [altname] });
  expect((await lab.rest('PATCH', path, { altnames: { del: [altname] } })).body).not.toHaveProperty(
    'altnames',
  );
});

test('lo gets back the MTU it had, which no other device may have', async () => {
  const lo = '/v1/nodes/h1/devices/lo';
  expect((await lab.rest('PATCH', lo, { mtu: 1000 })).body).toMatchObject({ mtu: 1000 });
  expect((await lab.rest('PATCH', lo, { mtu: 65_536 })).body).toMatchObject({ mtu: 65_536 });
  expect((await lab.rest('PATCH', H1, { mtu: 65_536 })).body).toMatchObject({
    code: 'EINVAL',
    detail: expect.stringContaining('mtu greater than device maximum: eth0 takes 68 to 65535'),
  });
});

test('pfifo_fast needs a queue length, as in Linux', async () => {
  const path = '/v1/nodes/h1/devices/eth1';
  await lab.rest('PATCH', path, { txqlen: 0 });
  expect((await lab.rest('PUT', `${path}/qdisc`, { kind: 'pfifo_fast' })).body).toMatchObject({
    code: 'EINVAL',
  });
  await lab.rest('PATCH', path, { txqlen: 1000 });
  expect((await lab.rest('PUT', `${path}/qdisc`, { kind: 'pfifo_fast' })).body).toMatchObject([
    { kind: 'pfifo_fast', options: { bands: 3 } },
  ]);
  await lab.rest('DELETE', `${path}/qdisc`);
});

test('a tree of qdiscs comes back whole, and a lab without it takes the device back to its default', async () => {
  const before = (await lab.rest('GET', '/v1/lab')).body;
  await lab.rest('PUT', `${H1}/qdisc`, { kind: 'prio', handle: '1:', options: { bands: 4 } });
  const child = {
    kind: 'tbf',
    parent: '1:2',
    handle: '20:',
    options: { rate: '20mbit', burst: '10kb', lat: '50ms' },
  };
  expect((await lab.rest('PUT', `${H1}/qdisc`, { ...child, mode: 'add' })).status).toBe(200);
  const again = await lab.rest('PUT', `${H1}/qdisc`, { ...child, mode: 'add' });
  expect(again.body).toMatchObject({ code: 'EEXIST', detail: expect.stringMatching(/Exclusivity flag on/) });
  await lab.rest('PATCH', `${H1}/qdisc`, { handle: '20:', options: { rate: '10mbit' } });
  const tree = [
    { kind: 'prio', handle: '1:', root: true, options: { bands: 4 } },
    { kind: 'tbf', handle: '20:', parent: '1:2', options: { rate: 1_250_000, burst: 10240 } },
  ];
  expect((await lab.rest('GET', `${H1}/qdisc`)).body).toMatchObject(tree);
  await lab.restartNode('h1');
  expect((await lab.rest('GET', `${H1}/qdisc`)).body).toMatchObject(tree);
  expect((await lab.rest('DELETE', `${H1}/qdisc?parent=1:2`)).body).toMatchObject([tree[0]]);
  expect((await lab.rest('PUT', '/v1/lab', before)).status).toBe(200);
  expect((await lab.rest('GET', `${H1}/qdisc`)).body).toMatchObject([{ kind: 'pfifo_fast', handle: '0:' }]);
});

test('a tree of qdiscs has an end, and a lab beyond it is a mistake of who wrote it', async () => {
  const before = (await lab.rest('GET', '/v1/lab')).body;
  const shown = (await lab.rest('GET', `${H1}/qdisc`)).body;
  const wanted = structuredClone(before);
  wanted.nodes.h1.devices.eth0.qdisc = Array.from({ length: 65 }, (_, depth) => ({
    kind: 'prio',
    handle: `${(depth + 1).toString(16)}:`,
    ...(depth === 0 ? {} : { parent: `${depth.toString(16)}:1` }),
  }));
  const answer = await lab.rest('PUT', '/v1/lab', wanted);
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'ELOOP', detail: expect.stringContaining('64 deep') },
  });
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(before);
  expect((await lab.rest('GET', `${H1}/qdisc`)).body).toEqual(shown);
});

test('a lab file with qdiscs is applied at start; one with a wrong qdisc is refused whole', async () => {
  const before = (await lab.rest('GET', '/v1/lab')).body;
  const wanted = structuredClone(before);
  wanted.nodes.h2.devices.eth0.qdisc = [{ kind: 'netem', options: { delay: '3ms' } }];
  expect((await lab.rest('PUT', '/v1/lab', wanted)).status).toBe(200);
  const path = '/v1/nodes/h2/devices/eth0/qdisc';
  const set = (await lab.rest('GET', path)).body;
  expect(set).toMatchObject([{ kind: 'netem', options: { delay: { delay: 0.003 } } }]);
  expect((await lab.rest('PUT', '/v1/lab', wanted)).body.changes).toEqual([]);
  const wrong = structuredClone(wanted);
  wrong.nodes.h2.devices.eth0.qdisc = [{ kind: 'prio' }, { kind: 'netem', parent: '9:1' }];
  expect((await lab.rest('PUT', '/v1/lab', wrong)).body).toMatchObject({ code: 'ENOENT' });
  const now = (await lab.rest('GET', path)).body;
  expect(now).toMatchObject([{ kind: 'netem', options: set[0].options }]);
  expect((await lab.rest('PUT', '/v1/lab', before)).status).toBe(200);
});

test('a feature that only a cable brings is off again when the node comes back', async () => {
  const features = { 'generic-receive-offload': false };
  const asked = await lab.rest('PATCH', `${H1}/ethtool`, { features });
  expect(asked).toMatchObject({ status: 200 });
  await lab.restartNode('h1');
  const { body } = await lab.rest('GET', `${H1}/ethtool`);
  expect(body.features['generic-receive-offload']).toMatchObject({ active: false });
});

test('addresses and neighbours have the shape of ip -j addr and ip -j neigh', async () => {
  expect((await lab.rest('POST', '/v1/nodes/h1/ping', { target: '10.0.0.2', count: 1 })).body.received).toBe(
    1,
  );
  const addresses = (await lab.rest('GET', '/v1/nodes/h1/addresses')).body;
  expect(addresses.map(({ ifname }: { ifname: string }) => ifname)).toEqual(['lo', 'eth0', 'eth1']);
  expect(addresses[1].addr_info).toMatchObject([
    { family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global' },
  ]);
  const mac = (await lab.rest('GET', '/v1/nodes/h2/devices/eth0')).body.address;
  const neighbours = (await lab.rest('GET', '/v1/nodes/h1/neighbours')).body;
  expect(neighbours).toMatchObject([{ dst: '10.0.0.2', dev: 'eth0', lladdr: mac, state: ['REACHABLE'] }]);
  expect(Object.keys(neighbours[0])).toEqual(
    expect.arrayContaining(['used', 'confirmed', 'updated', 'probes']), // as with -s
  );
});
