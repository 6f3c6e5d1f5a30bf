/** A frame followed through a real lab: two nodes, a LAN between them, and each way to lose one on the way. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'trace-'));
let lab: Up;

beforeAll(async () => {
  const file = join(folder, 'lab.yaml');
  writeFileSync(
    file,
    `nodes:
  h1: { devices: { eth0: { ip: 10.0.0.1/24 } } }
  h2: { devices: { eth0: { ip: 10.0.0.2/24 } } }
lans:
  office: {}
links:
  - { name: one, endpoints: ["h1:eth0", "lan:office"] }
  - { name: two, endpoints: ["h2:eth0", "lan:office"] }
`,
  );
  lab = await up(file);
});

afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

interface Event {
  readonly at: number;
  readonly agent: string;
  readonly place: string;
  readonly where: string;
  readonly verdict?: string;
  readonly reason?: string;
}
interface Frame {
  readonly summary: string;
  readonly fate: string;
  readonly events: readonly Event[];
}

const ping = (more: object = {}) =>
  lab.rest('POST', '/v1/nodes/h1/ping', { target: '10.0.0.2', count: 1, timeout: '500ms', ...more });

const allEnded = (frames: readonly Frame[]) =>
  frames.length > 0 && frames.every(({ fate }) => fate !== 'unknown');

/** The frames of one ping that the filter lets in, once what was seen of them is all there is to see. */
async function traced(
  filter: object,
  act: () => Promise<unknown> = () => ping(),
  whole: (frames: readonly Frame[]) => boolean = allEnded,
): Promise<Frame[]> {
  const { status, body } = await lab.rest('POST', '/v1/traces', { filter, count: 20, timeout: '60s' });
  expect(status).toBe(201);
  await act();
  const seen = async (): Promise<Frame[]> => (await lab.rest('GET', `/v1/traces/${body.id}`)).body.frames;
  await until('the frames are seen to their end', async () => whole(await seen()));
  const frames = await seen();
  expect((await lab.rest('DELETE', `/v1/traces/${body.id}`)).status).toBe(204);
  return frames;
}

/** The last word on the first frame. */
function end([frame]: readonly Frame[]) {
  const drop = frame?.events.findLast(({ verdict }) => verdict === 'dropped');
  return { fate: frame?.fate, reason: drop?.reason, place: drop?.place, agent: drop?.agent };
}

test('a ping is seen at every hop in order of time, there and back', async () => {
  await ping();
  const both = (frames: readonly Frame[]) => frames.length === 2 && allEnded(frames);
  const [request, reply] = await traced({ proto: 'icmp' }, () => ping(), both);
  expect(request?.summary).toMatch(/^IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request/);
  expect(reply?.summary).toMatch(/^IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply/);
  expect(request?.events.map(({ agent, place }) => `${agent} ${place}`)).toEqual([
    'h1 ip_output',
    'h1 __dev_queue_xmit',
    'h1 sch_direct_xmit',
    'h1 wslink_start_xmit',
    'h1 wslink_wire',
    'switch link_take',
    'switch link_pass',
    'switch br_handle_frame',
    'switch link_take',
    'switch link_pass',
    'switch egress_enqueue',
    'switch socket_send',
    'h2 napi_gro_receive',
    'h2 __netif_receive_skb_core',
    'h2 ip_rcv',
    'h2 ip_local_deliver',
    'h2 icmp_rcv',
  ]);
  for (const { events, fate } of [request!, reply!]) {
    expect(fate).toBe('delivered');
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
  expect(request?.events.find(({ place }) => place === 'br_handle_frame')?.verdict).toMatch(
    /^forwarded to port \d \(h2:eth0\)$/,
  );
});

test('a frame that an impairment loses is dropped by NETEM_LOSS where it entered the link', async () => {
  await lab.rest('PATCH', '/v1/links/one', { impair: { forward: { loss: '100%' } } });
  const frames = await traced({ proto: 'icmp' });
  await lab.rest('PATCH', '/v1/links/one', { impair: { forward: null } });
  expect(end(frames)).toEqual({ fate: 'dropped', reason: 'NETEM_LOSS', place: 'link_take', agent: 'switch' });
});

test('a frame above the MTU of a link is dropped by PKT_TOO_BIG there', async () => {
  await lab.rest('PATCH', '/v1/links/two', { mtu: 1000 });
  const frames = await traced({ proto: 'icmp' }, () => ping({ size: 1300 }));
  await lab.rest('PATCH', '/v1/links/two', { mtu: 1500 });
  expect(end(frames)).toEqual({
    fate: 'dropped',
    reason: 'PKT_TOO_BIG',
    place: 'link_take',
    agent: 'switch',
  });
});

test('a frame for a station whose link is off is dropped with the name of the reason', async () => {
  await lab.rest('PATCH', '/v1/links/two', { carrier: false });
  await until('the port is disabled', async () => (await ping()).body.received === 0);
  const atSwitch = ([frame]: readonly Frame[]) =>
    frame?.events.some(({ agent }) => agent === 'switch') === true;
  const [frame] = await traced({ host: '10.0.0.2' }, () => ping(), atSwitch);
  await lab.rest('PATCH', '/v1/links/two', { carrier: true });
  await until('h2 answers', async () => (await ping()).body.received === 1);
  expect(frame?.fate).not.toBe('delivered');
});

test('a frame on a device without carrier is dropped by QDISC_DROP in noop_enqueue', async () => {
  await lab.rest('PATCH', '/v1/links/one', { carrier: false });
  const device = async () => (await lab.rest('GET', '/v1/nodes/h1/devices/eth0')).body;
  await until('h1 sees no carrier', async () => (await device()).operstate === 'DOWN');
  const oneDropped = (frames: readonly Frame[]) => frames.some(({ fate }) => fate === 'dropped');
  const frames = await traced({}, () => ping(), oneDropped);
  await lab.rest('PATCH', '/v1/links/one', { carrier: true });
  await until('h2 answers', async () => (await ping()).body.received === 1);
  expect(end(frames.filter(({ fate }) => fate === 'dropped'))).toEqual({
    fate: 'dropped',
    reason: 'QDISC_DROP',
    place: 'noop_enqueue',
    agent: 'h1',
  });
});

test('a frame that a qdisc has no room for is dropped by QDISC_DROP in its enqueue', async () => {
  const qdisc = '/v1/nodes/h1/devices/eth0/qdisc';
  const put = await lab.rest('PUT', qdisc, { kind: 'bfifo', options: { limit: 50 } });
  expect(put.status).toBe(200);
  const frames = await traced({ proto: 'icmp' });
  await lab.rest('DELETE', qdisc);
  expect(end(frames)).toEqual({ fate: 'dropped', reason: 'QDISC_DROP', place: 'bfifo_enqueue', agent: 'h1' });
});

test.each([
  [{ filter: { proto: 'sctp' } }, /a protocol is one of arp, icmp/],
  [{ filter: { src: 'h1' } }, /an IP address/],
  [{ filter: { device: 'eth0' } }, /name it with "node"/],
  [{ filter: { node: 'h9' } }, /node h9 is not connected/],
  [{ filter: { port: 70000 } }, /65535/],
  [{ count: 0 }, /count/],
])('%j is refused in words', async (body, text) => {
  const answer = await lab.rest('POST', '/v1/traces', body);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.body.detail).toMatch(text);
});

test('etherloom trace --ping shows both ways as tables, and a bad filter is refused with the grammar', async () => {
  const { stdout, code } = await lab.cli('trace', '--ping', 'h1', 'h2');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /ICMP echo request.*delivered to h2 eth0 after.*ICMP echo reply.*delivered to h1 eth0/s,
  );
  const bad = await lab.cli('trace', 'icmp', 'from', '10.0.0.2');
  expect(bad.stderr).toMatch(/^etherloom trace: "from" is no word of a filter; a filter is \[arp\|icmp/);
  expect(bad.code).toBe(1);
});

test('eight traces are followed at once; one whose time is over gives way to another', async () => {
  const start = (timeout: string) => lab.rest('POST', '/v1/traces', { filter: { proto: 'udp' }, timeout });
  const long = await Promise.all(Array.from({ length: 7 }, () => start('20s')));
  const short = await start('300ms');
  expect([...long, short].map(({ status }) => status)).toEqual(Array(8).fill(201));
  expect(await start('300ms')).toMatchObject({ status: 409, body: { code: 'EBUSY' } });
  const next = await until('there is room', async () => {
    const answer = await start('20s');
    return answer.status === 201 ? answer : undefined;
  });
  expect((await lab.rest('GET', `/v1/traces/${short.body.id}`)).status).toBe(404);
  const all = [...long, next].map(({ body }) => lab.rest('DELETE', `/v1/traces/${body.id}`));
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(8).fill(204));
});

test.each([
  ['-w 400', ['-w', '400', 'arp'], /seconds, from 0\.1 to 300/],
  ['-c 2.5', ['-c', '2.5', 'arp'], /a whole number from 1 to 1000/],
])('etherloom trace %s is refused with the bounds', async (_words, words, text) => {
  const { code, stderr } = await lab.cli('trace', ...words);
  expect([code, stderr]).toEqual([1, expect.stringMatching(text)]);
});
