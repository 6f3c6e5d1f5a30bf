import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

let lab: Up;

beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml', [], 10);
});

afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
});

const ping = async (node: string, target: string, more: object = {}) =>
  (
    await lab.rest('POST', `/v1/nodes/${node}/ping`, {
      target,
      count: 3,
      interval: '10ms',
      timeout: '5s',
      ...more,
    })
  ).body;

/** For those that nobody answers: not long. */
const unanswered = (node: string, target: string, more: object = {}) =>
  ping(node, target, { timeout: '300ms', ...more });

const device = async (node: string) => (await lab.rest('GET', `/v1/nodes/${node}/devices/eth0`)).body;

async function linkOf(node: string) {
  const links = (await lab.rest('GET', '/v1/links')).body as { name: string; endpoints: string[] }[];
  const link = links.find((each) => each.endpoints.includes(`${node}:eth0`));
  if (link === undefined) throw new Error(`no link at ${node}:eth0`);
  return link.name;
}

test.each([
  ['h1', '10.0.0.2'],
  ['h1', '10.0.0.3'],
  ['h3', '10.0.0.1'],
])('%s pings %s over REST', async (node, target) => {
  const result = await ping(node, target);
  expect(result).toMatchObject({ sent: 3, received: 3 });
  expect(result.rtt.min).toBeGreaterThan(0);
  expect(result.rtt.max).toBeGreaterThanOrEqual(result.rtt.avg);
});

test('the ping command prints what ping prints, and its exit code tells', async () => {
  const good = await lab.cli('ping', 'h1', '10.0.0.2', '-c', '2', '-i', '0.01');
  expect(good.stderr).toBe('');
  expect(good.stdout).toMatch(/2 packets transmitted, 2 received, 0% packet loss/);
  expect(good.stdout).toMatch(/rtt min\/avg\/max\/mdev = /);
  expect(good.code).toBe(0);
  const nobody = await lab.cli('ping', 'h1', '10.0.0.99', '-c', '1');
  expect(nobody.stdout).toMatch(/1 packets transmitted, 0 received, .*100% packet loss/);
  expect(nobody.code).toBe(1);
});

test('a link without carrier passes nothing, both ends say so, and it heals without help', async () => {
  const link = await linkOf('h2');
  expect((await lab.rest('PATCH', `/v1/links/${link}`, { carrier: false })).status).toBe(200);
  await until('h2 sees no carrier', async () => (await device('h2')).operstate === 'DOWN');
  const h2 = await device('h2');
  expect(h2.flags).toContain('NO-CARRIER');
  expect(h2.flags).not.toContain('LOWER_UP');
  const ports = (await lab.rest('GET', '/v1/lans/office/ports')).body as { link?: string; state: string }[];
  expect(ports.find((port) => port.link === link)?.state).toBe('disabled');
  expect(await unanswered('h1', '10.0.0.2', { count: 2 })).toMatchObject({ sent: 2, received: 0 });
  expect(await ping('h1', '10.0.0.3')).toMatchObject({ received: 3 });

  await lab.rest('PATCH', `/v1/links/${link}`, { carrier: true });
  await until('h2 is up', async () => (await device('h2')).operstate === 'UP');
  await until('h2 answers', async () => (await ping('h1', '10.0.0.2')).received === 3);
  expect((await device('h2')).stats64.tx.carrier_changes).toBeGreaterThanOrEqual(2);
});

test('what a link of MTU 1400 refuses is counted, and nothing else is lost', async () => {
  const link = await linkOf('h2');
  const stats = async () => (await lab.rest('GET', `/v1/links/${link}/stats`)).body;
  await lab.rest('PATCH', `/v1/links/${link}`, { mtu: 1400 });
  const before = await stats();
  const refused = await unanswered('h2', '10.0.0.1', { count: 5, size: 1450 });
  expect(refused).toMatchObject({ sent: 5, received: 0 });
  const after = await stats();
  expect((after.forward.drops.PKT_TOO_BIG ?? 0) - (before.forward.drops.PKT_TOO_BIG ?? 0)).toBe(5);
  expect(after.balanced).toBe(true);
  expect(await ping('h2', '10.0.0.1', { size: 1372 })).toMatchObject({ received: 3 });
  await lab.rest('PATCH', `/v1/links/${link}`, { mtu: 65535 });
  expect(await ping('h2', '10.0.0.1', { size: 1450 })).toMatchObject({ received: 3 });
});

test('a device with MTU 1400 refuses what is longer and counts it; with both ends at 1400 fragments carry the whole', async () => {
  const set = await lab.rest('PATCH', '/v1/nodes/h2/devices/eth0', { mtu: 1400 });
  expect(set).toMatchObject({ status: 200, body: { mtu: 1400 } });
  const before = (await device('h2')).stats64;
  expect(await unanswered('h1', '10.0.0.2', { count: 4, size: 1450 })).toMatchObject({ received: 0 });
  const refused = (await device('h2')).stats64;
  expect(refused.rx.length_errors - before.rx.length_errors).toBe(4);
  expect(refused.rx.errors - before.rx.errors).toBe(4);

  await lab.rest('PATCH', '/v1/nodes/h1/devices/eth0', { mtu: 1400 });
  expect(await ping('h2', '10.0.0.1', { count: 2, size: 3000 })).toMatchObject({ received: 2 });
  const after = (await device('h2')).stats64;
  expect(after.tx.packets - refused.tx.packets).toBeGreaterThanOrEqual(6);
  for (const node of ['h1', 'h2']) {
    expect((await lab.rest('PATCH', `/v1/nodes/${node}/devices/eth0`, { mtu: 1500 })).body.mtu).toBe(1500);
  }
});

test('the statistics of both ends and of the switch add up', async () => {
  await ping('h1', '10.0.0.2', { count: 20, interval: '1ms' });
  for (const node of ['h1', 'h2', 'h3']) {
    const link = (await lab.rest('GET', `/v1/links/${await linkOf(node)}/stats`)).body;
    const { stats64 } = await device(node);
    expect(link.balanced).toBe(true);
    for (const way of [link.forward, link.reverse]) {
      const dropped = Object.values<number>(way.drops).reduce((sum, n) => sum + n, 0);
      expect(way.tx).toBe(way.rx + dropped + way.queue);
    }
    expect(stats64.tx.packets).toBe(link.forward.tx);
    expect(stats64.rx.packets + stats64.rx.errors + stats64.rx.dropped).toBe(link.reverse.rx);
  }
});

test('an impaired link delays as told, PATCH keeps what it does not name, and all of it is counted', async () => {
  const link = await linkOf('h2');
  const path = `/v1/links/${link}`;
  await lab.rest('PATCH', path, { impair: { reverse: { delay: '40ms' } } });
  const patched = (await lab.rest('PATCH', path, { impair: { reverse: { loss: '50%', seed: 7 } } })).body;
  expect(patched.impair.reverse).toMatchObject({ delay: 0.04, loss: 0.5 });
  await lab.rest('PATCH', path, { impair: { reverse: { loss: 0 } } });
  const slow = await ping('h1', '10.0.0.2');
  expect(slow.received).toBe(3);
  expect(slow.rtt.min).toBeGreaterThan(0.039);
  await lab.rest('PATCH', path, { impair: { reverse: { loss: 1 } } });
  expect(await unanswered('h1', '10.0.0.2')).toMatchObject({ received: 0 });
  const stats = (await lab.rest('GET', `${path}/stats`)).body;
  expect(stats.balanced).toBe(true);
  expect(Object.entries(stats.reverse.drops).filter(([name]) => /LOSS/.test(name))).not.toEqual([]);
  await lab.rest('PATCH', path, { impair: { reverse: { loss: 0, delay: 0 } } });
  expect(await ping('h1', '10.0.0.2')).toMatchObject({ received: 3 });
});

test('putting the same lab again changes nothing, and the plan says so', async () => {
  const current = (await lab.rest('GET', '/v1/lab')).body;
  const dry = await lab.rest('PUT', '/v1/lab?dryRun=true', current);
  expect(dry.status).toBe(200);
  expect(dry.body.changes).toEqual([]);
  const links = await Promise.all(['h1', 'h2', 'h3'].map(linkOf));
  const counters = async () =>
    Promise.all(
      links.map(async (link) => (await lab.rest('GET', `/v1/links/${link}/stats`)).body.forward.tx),
    );
  const before = await counters();
  expect((await lab.rest('PUT', '/v1/lab', current)).status).toBe(200);
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(current);
  const after = await counters();
  after.forEach((tx, i) => {
    expect(tx).toBeGreaterThanOrEqual(before[i]!);
  });
});

test('the switch learns the three hosts, and its table has the shape of bridge fdb', async () => {
  await ping('h1', '10.0.0.2');
  await ping('h1', '10.0.0.3');
  const fdb = (await lab.rest('GET', '/v1/lans/office/fdb')).body as {
    mac: string;
    ifname: string;
    state: string;
  }[];
  for (const node of ['h1', 'h2', 'h3']) {
    const { address } = await device(node);
    expect(fdb.find((entry) => entry.mac === address)).toMatchObject({ state: '' });
  }
});

test('status is a table that names each node, device and link', async () => {
  const shown = await lab.cli('status');
  expect(shown.code).toBe(0);
  for (const word of ['h1', 'h2', 'h3', 'office', 'eth0', 'UP', '10.0.0.1/24'])
    expect(shown.stdout).toContain(word);
  expect(Math.max(...shown.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});

test('ip link set on a node is what REST says afterwards', async () => {
  expect((await lab.cli('ip', '-n', 'h3', 'link', 'set', 'eth0', 'mtu', '1300')).code).toBe(0);
  expect((await device('h3')).mtu).toBe(1300);
  const shown = await lab.cli('ip', '-n', 'h3', '-j', 'link', 'show', 'eth0');
  expect(JSON.parse(shown.stdout)[0]).toMatchObject({
    ifname: 'eth0',
    mtu: 1300,
    operstate: 'UP',
    link_type: 'ether',
  });
  const refused = await lab.cli('ip', '-n', 'h3', 'link', 'set', 'eth0', 'mtu', '67');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/mtu less than device minimum/);
  await lab.cli('ip', '-n', 'h3', 'link', 'set', 'eth0', 'mtu', '1500');
});

test('OpenAPI 3.1 describes every path of the contract', async () => {
  const { body } = await lab.rest('GET', '/openapi.json');
  expect(body.openapi).toMatch(/^3\.1/);
  for (const path of [
    '/v1/lab',
    '/v1/nodes/{node}/devices/{dev}',
    '/v1/links/{link}/stats',
    '/v1/lans/{lan}/fdb',
  ]) {
    expect(Object.keys(body.paths)).toContain(path);
  }
});

test('Ctrl-C leaves no process', async () => {
  expect(lab.program.processes().length).toBeGreaterThanOrEqual(4);
  expect(await lab.stop('SIGINT')).toBe(0);
  expect(lab.program.processes()).toEqual([]);
});
