import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseLab } from '@etherloom/schema';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ControlTest, LAB } from '../test/control-test.ts';
import { FakeNode } from '../test/fake-agents.ts';
import type { LaunchedNode, NodeLauncher } from './launcher.ts';

/** As soon as it is so; long only where the machine is busy. */
const eventually = <T>(look: () => T) => vi.waitFor(look, 4_000);

const t = new ControlTest();
beforeEach(() => t.begin());
afterEach(() => t.end());

describe('a lab', () => {
  test('reaches switch and nodes as slices, and converges', async () => {
    const { sw, h1 } = await t.wholeLab();
    expect(sw.lans).toEqual([{ name: 'office', ageing: 300 }]);
    expect(t.fabric.links.map(({ name, a, b }) => [name, a, b])).toEqual([
      ['c1', 'h1:eth0', 'lan:office'],
      ['c2', 'h2:eth0', 'lan:office'],
    ]);
    expect(h1.devices.get('eth0')).toMatchObject({ dataUrl: sw.dataUrl, ip: ['10.0.0.1/24'], up: true });
    expect(h1.devices.get('eth0')?.mac).toMatch(/^02:/);
    expect(await t.rest('GET', '/readyz')).toMatchObject({ status: 200 });
  });

  test('waits in words for what is missing', async () => {
    await t.rest('PUT', '/v1/lab', LAB);
    const before = await t.rest('GET', '/readyz');
    expect(before).toMatchObject({ status: 503 });
    expect(before.body.detail).toContain('no switch is connected');
    expect(before.body.detail).toContain('node h2 is not connected: start it with');
    await expect(t.control.converged(AbortSignal.timeout(10))).rejects.toThrow('no switch is connected');
    await t.switch();
    await t.node('h1');
    const h2 = new FakeNode({ url: t.control.url, name: 'h2', fabric: t.fabric });
    h2.impossible.set('eth0', { code: 'EPERM', message: 'no NET_ADMIN' });
    await t.connect(h2);
    await eventually(async () => {
      const { body } = await t.rest('GET', '/readyz');
      expect(body.detail).toContain('node h2, eth0: no NET_ADMIN (EPERM)');
      expect(body.detail).not.toContain('h1');
    });
    const problems = async () => (await t.rest('GET', '/v1/nodes/h2')).body.problems;
    expect(await problems()).toEqual([{ device: 'eth0', code: 'EPERM', message: 'no NET_ADMIN' }]);
    h2.impossible.clear();
    await t.converged();
    expect(await problems()).toBeUndefined();
  });

  test('put twice plans nothing and sends nothing', async () => {
    const { sw, h1, h2 } = await t.wholeLab();
    const changes = () =>
      [sw.called('switch.apply'), h1.called('node.apply'), h2.called('node.apply')].flat().length;
    const before = changes();
    expect((await t.rest('PUT', '/v1/lab', LAB)).body).toEqual({ lab: 'three', dryRun: false, changes: [] });
    expect(changes()).toBe(before);
  });

  test('a dry run says what would change, and changes nothing', async () => {
    const { sw } = await t.wholeLab();
    const before = sw.called('switch.apply').length;
    const without = { ...LAB, links: [LAB.links[0]] };
    const { body } = await t.rest('PUT', '/v1/lab?dryRun=true', without);
    expect(body.changes).toEqual([{ op: 'remove', kind: 'link', name: 'c2' }]);
    expect(sw.called('switch.apply').length).toBe(before);
    expect((await t.desired()).links.length).toBe(2);
  });

  test('that is invalid changes nothing', async () => {
    await t.wholeLab();
    const before = await t.desired();
    const bad = { ...LAB, links: [{ endpoints: ['h9:eth0', 'lan:office'] }] };
    expect(await t.rest('PUT', '/v1/lab', bad)).toMatchObject({ status: 400, body: { code: 'EINVAL' } });
    expect(await t.desired()).toEqual(before);
  });

  test('that a node refuses is taken back everywhere', async () => {
    const { h1, h2 } = await t.wholeLab();
    const before = await t.desired();
    const slices = JSON.stringify([t.fabric.links, [...h1.devices.values()]]);
    h2.impossible.set('eth1', { code: 'EPERM', message: 'no NET_ADMIN' });
    const wider = structuredClone(LAB) as typeof LAB & { nodes: { h2: { devices: Record<string, object> } } };
    wider.nodes.h2.devices['eth1'] = {};
    wider.nodes.h1.devices.eth0.ip = '10.0.0.9/24';
    const answer = await t.rest('PUT', '/v1/lab', wider);
    expect(answer).toMatchObject({ status: 403, body: { code: 'EPERM' } });
    expect(answer.body.detail).toBe('node h2, eth1: no NET_ADMIN; nothing changed');
    expect(await t.desired()).toEqual(before);
    expect(JSON.stringify([t.fabric.links, [...h1.devices.values()]])).toBe(slices);
    await t.converged();
  });

  test('deleted, leaves no device and no cable, and twice is once', async () => {
    const { sw, h1 } = await t.wholeLab();
    expect((await t.rest('DELETE', '/v1/lab')).body.changes.length).toBeGreaterThan(0);
    expect([sw.lans, t.fabric.links, [...h1.devices]]).toEqual([[], [], []]);
    expect(await t.rest('GET', '/v1/lab')).toMatchObject({ status: 404, body: { code: 'ENOENT' } });
    expect((await t.rest('DELETE', '/v1/lab')).body.changes).toEqual([]);
  });
});

describe('agents', () => {
  test('a second node with the name of a connected one is refused, and the first stays', async () => {
    await t.node('h1');
    const refusal = await t.node('h1').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'EEXIST' });
    expect(String(refusal)).toMatch(/node h1 is connected already, from 127\.0\.0\.1:\d+/);
    expect((await t.rest('GET', '/v1/nodes/h1')).body.connected).toBe(true);
  });

  test('a node whose holder of the name has fallen silent takes its place', async () => {
    const dead = await t.node('h1');
    dead.deaf = 'agent.ping';
    await t.node('h1');
    expect((await t.rest('GET', '/v1/nodes/h1')).body.connected).toBe(true);
  });

  test('an agent that introduces itself badly hears why', async () => {
    await expect(t.node('a/b')).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(t.node('lan')).rejects.toThrow('reserved');
  });

  test('a second switch is refused', async () => {
    await t.switch('s1');
    await expect(t.switch('s2')).rejects.toThrow('switch s1');
  });

  test('a node that goes is shown as such, and gets its slice again when it is back', async () => {
    const { h1 } = await t.wholeLab();
    const before = h1.called('node.apply').length;
    h1.devices.clear();
    h1.breakConnection();
    await eventually(() => expect(h1.called('node.apply').length).toBe(before + 1));
    await t.converged();
    h1.stop();
    await eventually(async () => {
      expect((await t.rest('GET', '/v1/nodes/h1')).body).toMatchObject({
        connected: false,
        devices: ['eth0'],
      });
    });
    expect(await t.rest('GET', '/v1/nodes/h1/devices')).toMatchObject({
      status: 503,
      body: { code: 'ENETDOWN' },
    });
  });

  test('without a switch a plugged node is left alone: it may be forwarding', async () => {
    await t.rest('PUT', '/v1/lab', LAB);
    const h1 = await t.node('h1');
    const spare = await t.node('spare');
    await eventually(() => expect(spare.called('node.apply').length).toBe(1));
    expect(h1.called('node.apply')).toEqual([]);
    await t.switch();
    await eventually(() => expect(h1.called('node.apply').length).toBe(1));
  });

  test('a control that knows no lab leaves the agents as they are', async () => {
    const sw = await t.switch();
    const h1 = await t.node('h1');
    await eventually(() => expect(h1.called('device.list').length).toBe(1));
    expect([...sw.called('switch.apply'), ...h1.called('node.apply')]).toEqual([]);
  });
});

describe('a control that is started again', () => {
  test('takes up its lab from the state file, and agents that kept running need no change', async () => {
    const stateFile = join(await mkdtemp(join(tmpdir(), 'etherloom-control-')), 'state.json');
    t.ended.push(() => rm(dirname(stateFile), { recursive: true }));
    await t.start({ stateFile });
    const { sw, h1 } = await t.wholeLab();
    const port = Number(new URL(t.control.url).port);
    await t.rest('PATCH', '/v1/links/c1', { mtu: 1400 });
    const before = { lab: await t.desired(), links: t.fabric.links, devices: [...h1.devices] };
    await t.control.close();
    await t.start({ stateFile, port });
    await eventually(() => expect(sw.called('switch.apply').length).toBe(3));
    await t.converged();
    expect({ lab: await t.desired(), links: t.fabric.links, devices: [...h1.devices] }).toEqual(before);
  });

  test('takes a change back everywhere when it cannot be stored', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'etherloom-control-'));
    t.ended.push(() => rm(directory, { recursive: true }));
    await t.start({ stateFile: join(directory, 'sub', 'state.json') });
    await t.wholeLab();
    const before = { lab: await t.desired(), links: t.fabric.links };
    await rm(join(directory, 'sub'), { recursive: true });
    await writeFile(join(directory, 'sub'), 'a file where the directory was');
    const answer = await t.rest('PATCH', '/v1/links/c1', { mtu: 1400 });
    expect(answer.status).toBe(500);
    expect({ lab: await t.desired(), links: t.fabric.links }).toEqual(before);
  });

  test('refuses a state file that cannot be read, and names it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'etherloom-control-'));
    t.ended.push(() => rm(directory, { recursive: true }));
    const stateFile = join(directory, 'state.json');
    await writeFile(stateFile, '{"nodes":');
    await expect(t.start({ stateFile })).rejects.toThrow(stateFile);
  });
});

describe('nodes that control starts itself', () => {
  /** Starts fake nodes in this process. */
  class Launcher implements NodeLauncher {
    readonly running = new Map<string, FakeNode>();
    fails: string | null = null;

    async launch({ name, controlUrl }: LaunchedNode): Promise<void> {
      if (this.fails === name) throw new Error('no more processes');
      const started = new FakeNode({ url: controlUrl, name, fabric: t.fabric });
      this.running.set(name, started);
      await started.start();
    }
    async stop(name: string): Promise<void> {
      this.running.get(name)?.stop();
      this.running.delete(name);
    }
  }

  test('come and go with the lab, and end with control', async () => {
    const launcher = new Launcher();
    await t.start({ launcher, lab: parseLab(LAB) });
    await t.switch();
    await t.converged();
    expect([...launcher.running.keys()]).toEqual(['h1', 'h2']);
    expect(await t.rest('POST', '/v1/nodes', { name: 'h3' })).toMatchObject({ status: 201 });
    await eventually(() => expect([...launcher.running.keys()]).toEqual(['h1', 'h2', 'h3']));
    await t.rest('DELETE', '/v1/nodes/h3');
    await eventually(() => expect([...launcher.running.keys()]).toEqual(['h1', 'h2']));
    await t.control.close();
    expect([...launcher.running.keys()]).toEqual([]);
  });

  test('with another stack are started anew, and the old process never hears of it', async () => {
    const launcher = new Launcher();
    await t.start({ launcher, lab: parseLab(LAB) });
    await t.switch();
    await t.converged();
    const old = launcher.running.get('h1')!;
    const { nodes } = LAB;
    expect(
      await t.rest('PUT', '/v1/lab', { ...LAB, nodes: { ...nodes, h1: { ...nodes.h1, stack: 'none' } } }),
    ).toMatchObject({ status: 200 });
    await eventually(() => expect(launcher.running.get('h1')?.devices.size).toBe(1));
    expect(launcher.running.get('h1')).not.toBe(old);
    expect(old.called('node.apply')).not.toContainEqual(expect.objectContaining({ stack: 'none' }));
    await t.converged();
  });

  test('that cannot be started are named, with the reason', async () => {
    const launcher = new Launcher();
    launcher.fails = 'h2';
    await t.start({ launcher, lab: parseLab(LAB) });
    await eventually(async () => {
      const { body } = await t.rest('GET', '/readyz');
      expect(body.detail).toContain('node h2 could not be started: no more processes');
    });
  });
});

describe('the door', () => {
  test('agents may come by a UNIX socket as well', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'etherloom-control-'));
    t.ended.push(() => rm(directory, { recursive: true }));
    const agentSocket = join(directory, 'agents.sock');
    await t.start({ agentSocket });
    await t.connect(new FakeNode({ url: `ws+unix:${agentSocket}:`, name: 'h1', fabric: t.fabric }));
    expect((await t.rest('GET', '/v1/nodes/h1')).body.connected).toBe(true);
  });

  test('off this machine control does not open without a token', async () => {
    await expect(t.start({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'EPERM',
      message: expect.stringMatching(/ETHERLOOM_TOKEN, ETHERLOOM_TOKEN_FILE or --token-file/),
    });
    await expect(t.start({ host: '0.0.0.0', insecure: true })).resolves.toBeDefined();
  });

  test('with a token, neither REST nor an agent gets in without it', async () => {
    await t.start({ token: 'correct horse' });
    expect((await t.rest('GET', '/v1/nodes')).status).toBe(401);
    expect((await t.rest('GET', '/healthz')).status).toBe(200);
    await expect(t.node('h1')).rejects.toThrow();
    await t.connect(
      new FakeNode({ url: t.control.url, name: 'h1', fabric: t.fabric, token: 'correct horse' }),
    );
  });

  test('tokens that are guessed at the door of agents count at that of REST', async () => {
    const { url } = await t.start({ token: 'correct horse' });
    for (let i = 0; i < 10; i++) {
      const guess = new FakeNode({ url, name: 'h1', fabric: t.fabric, token: `guess ${i}` });
      await expect(guess.start()).rejects.toThrow('401');
      guess.stop();
    }
    const right = { headers: { authorization: 'Bearer correct horse' } };
    expect((await fetch(`${url}/v1/nodes`, right)).status).toBe(429);
    const late = new FakeNode({ url, name: 'h1', fabric: t.fabric, token: 'correct horse' });
    await expect(t.connect(late)).rejects.toThrow('429');
  });

  test('a port in use is named', async () => {
    const port = Number(new URL(t.control.url).port);
    await expect(t.start({ port })).rejects.toThrow(`127.0.0.1:${port} is in use`);
  });
});
