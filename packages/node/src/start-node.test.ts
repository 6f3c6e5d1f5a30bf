import { AGENT_PATH, AGENT_PROTOCOL, type IpLink } from '@etherloom/schema';
import {
  createServer,
  createUpgradeRouter,
  listen,
  type RpcPeer,
  requestHasToken,
} from '@etherloom/transport-ws';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { type RunningNode, startNode } from './start-node.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A control that takes in one agent of each name and hands out what it hears. */
async function fakeControl(token?: string, port = 0) {
  const server = createServer();
  const peers: RpcPeer[] = [];
  const names = new Set<unknown>();
  const waiting: ((peer: RpcPeer) => void)[] = [];
  const changed: IpLink[] = [];
  const accept = (peer: RpcPeer) => {
    peer.handle('device.changed', (params) => void changed.push((params as { device: IpLink }).device));
    peer.handle('agent.hello', (params) => {
      const { name } = params as { name: string };
      if (names.has(name))
        throw Object.assign(new Error(`node ${name} is connected already`), { code: 'EEXIST' });
      names.add(name);
      peer.onclose = () => names.delete(name);
      peers.push(peer);
      setImmediate(() => waiting.shift()?.(peer));
      return {};
    });
  };
  const router = createUpgradeRouter({
    server,
    authorize: (req) => token === undefined || requestHasToken(req, token),
    routes: [{ kind: 'rpc', path: AGENT_PATH, protocol: AGENT_PROTOCOL, accept }],
  });
  const address = await listen(server, { port });
  const close = async () => {
    await router.close();
    await new Promise((resolve) => server.close(resolve));
  };
  const joined = () => new Promise<RpcPeer>((resolve) => waiting.push(resolve));
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, joined, changed, close };
}

function start(controlUrl: string, name = 'h1', token?: string): RunningNode {
  const node = startNode({ name, controlUrl, token, log: pino({ level: 'silent' }) });
  closing.push(() => node.close());
  return node;
}

const LAB = {
  lab: 'test',
  stack: 'user',
  devices: [
    {
      name: 'eth0',
      kind: 'wslink',
      mac: '02:00:00:00:00:01',
      mtu: 1500,
      ip: ['10.0.0.1/24'],
      up: true,
      dataUrl: null,
    },
  ],
};

test('a node does what control asks and tells what changes', async () => {
  const control = await fakeControl();
  closing.push(control.close);
  const joined = control.joined();
  start(control.url);
  const peer = await joined;
  expect(await peer.call('node.apply', LAB)).toEqual({ results: [{ device: 'eth0' }] });
  expect(await peer.call('device.set', { device: 'eth0', patch: { mtu: 1400 } })).toMatchObject({
    mtu: 1400,
  });
  await peer.call('device.list', {});
  expect(control.changed.at(-1)).toMatchObject({ ifname: 'eth0', mtu: 1400 });
});

test('what makes no sense is refused with its errno, before anything is done', async () => {
  const control = await fakeControl();
  closing.push(control.close);
  const joined = control.joined();
  start(control.url);
  const peer = await joined;
  const refused = (code: string) => expect.objectContaining({ code });
  await expect(peer.call('device.set', { device: 'eth9', patch: { mtu: 1400 } })).rejects.toEqual(
    refused('ENODEV'),
  );
  await expect(peer.call('device.set', { device: 'eth0', patch: { mtu: 67 } })).rejects.toEqual(
    refused('EINVAL'),
  );
  await expect(peer.call('node.apply', { ...LAB, stack: 'linux' })).rejects.toEqual(refused('EINVAL'));
  expect(await peer.call('device.list', {})).toMatchObject([{ ifname: 'lo' }]);
  expect(await peer.call('device.list', {})).toHaveLength(1);
});

test('losing control changes nothing; when it is back the node joins again with its devices', async () => {
  const control = await fakeControl();
  const joined = control.joined();
  const { net } = start(control.url);
  const peer = await joined;
  await peer.call('node.apply', LAB);
  const devices = [...net.devices()];
  await control.close();
  const back = await fakeControl(undefined, control.port);
  closing.push(back.close);
  const again = await back.joined();
  await again.call('device.list', {});
  expect([...net.devices()]).toEqual(devices);
  expect(back.changed).toMatchObject([{ ifname: 'lo' }, { ifname: 'eth0' }]);
});

test('a node whose name is in use is told so, and so is one with a wrong token', async () => {
  const control = await fakeControl('right');
  closing.push(control.close);
  const joined = control.joined();
  start(control.url, 'h1', 'right');
  await joined;
  expect((await start(control.url, 'h1', 'right').refused).message).toMatch(/h1 is connected already/);
  expect((await start(control.url, 'h2', 'wrong').refused).message).toMatch(/token/);
});
