import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { makeCertificates } from '../support/certificates.ts';
import { command, etherloom, type Finished, freePort, Program, root, run } from '../support/program.ts';
import { type Rest, restOf } from '../support/rest.ts';
import {
  expectDhcp,
  expectIperf3BothWays,
  expectPing,
  expectTcpdumpSees,
  type On,
} from '../support/traffic.ts';
import { until } from '../support/until.ts';
import { type Engine, startEngine } from './engine.ts';

describeWith('docker compose up', ['docker', 'openssl'], () => {
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-compose-'));
  const token = 'compose-test-token-0123456789abcdef';
  const project = `etherloom-test-${process.pid}`;
  let engine: Engine;
  let port: number;
  let rest: Rest;

  const compose = (args: string[], seconds = 600, env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
    run(engine.compose[0]!, [...engine.compose.slice(1), ...args], {
      cwd: folder,
      seconds,
      env: { ...engine.env, COMPOSE_PROJECT_NAME: project, ETHERLOOM_PORT: `${port}`, ...env },
    });
  const on: On = (host, line, seconds = 40) => compose(['exec', '-T', host, 'sh', '-c', line], seconds);
  const docker = (...args: string[]) => run('docker', args, { env: engine.env });
  const ipLink = async (host: string) => JSON.parse((await on(host, 'ip -j -d link show lan0')).stdout)[0];
  const idOf = async (service: string) => (await compose(['ps', '-q', service])).stdout.trim();

  beforeAll(async () => {
    engine = await startEngine();
    port = await freePort();
    for (const part of [
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'tsconfig.base.json',
      'compose.yaml',
      '.dockerignore',
      'docker',
      'examples',
      'packages',
    ]) {
      cpSync(join(root, part), join(folder, part), {
        recursive: true,
        filter: (path) => !/\/(node_modules|dist)(\/|$)/.test(path),
      });
    }
    mkdirSync(join(folder, '.secrets'));
    writeFileSync(join(folder, '.secrets/token'), `${token}\n`);
    const built = await compose(['up', '-d', '--build'], 900);
    if (built.code !== 0)
      throw new Error(`compose up: ${built.stdout.slice(-3000)}${built.stderr.slice(-3000)}`);
    rest = restOf(`http://127.0.0.1:${port}`, token);
    await until(
      'the lab converges',
      async () => {
        const { status, body } = await rest('GET', '/readyz');
        if (status !== 200) throw new Error(body.detail);
        return true;
      },
      60,
    );
  }, 1_200_000);

  afterAll(async () => {
    if (engine !== undefined) await compose(['down', '-t', '1', '--remove-orphans'], 60);
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every container becomes healthy', async () => {
    for (const service of ['control', 'switch', 'h1', 'h2', 'h3']) {
      const id = await idOf(service);
      await until(
        `${service} is healthy`,
        async () =>
          (await docker('inspect', '-f', '{{.State.Health.Status}}', id)).stdout.trim() === 'healthy',
        30,
      );
    }
  });

  test('nothing is privileged: hosts add NET_ADMIN and /dev/net/tun alone, control and switch nothing', async () => {
    for (const service of ['control', 'switch', 'h1', 'h2', 'h3']) {
      const [{ HostConfig: host, Config: config }] = JSON.parse(
        (await docker('inspect', await idOf(service))).stdout,
      );
      expect(host.Privileged).toBe(false);
      const isHost = service.startsWith('h');
      expect(host.CapAdd ?? []).toEqual(isHost ? ['NET_ADMIN'] : []);
      expect((host.Devices ?? []).map((device: { PathOnHost: string }) => device.PathOnHost)).toEqual(
        isHost ? ['/dev/net/tun'] : [],
      );
      expect(host.ReadonlyRootfs).toBe(!isHost);
      if (!isHost) expect(config.User).toMatch(/^[1-9]\d*/);
      expect(JSON.stringify(config)).not.toContain(token);
    }
  });

  test('real ping crosses it, IPv4 and IPv6', async () => {
    await expectPing(on, 'h1', '10.0.0.2');
    await expectPing(on, 'h3', '10.0.0.1');
    await expectPing(on, 'h1', 'fd00::2', '-6 -c 3 -i 0.2 -W 5');
  });

  test('iperf3 runs TCP and UDP both ways', async () => {
    await expectIperf3BothWays(on, 'h1', 'h2', '10.0.0.2');
  });

  test('tcpdump sees the echo requests and replies', async () => {
    await expectTcpdumpSees(on, 'h2', 'lan0', 'h1', '10.0.0.2');
  });

  test('a host gets its address by DHCP from a dnsmasq on another', async () => {
    await expectDhcp(on, 'h1', 'h3', 'lan0');
  });

  test('MTU and NO-CARRIER show in ip link as set by REST', async () => {
    expect((await rest('PATCH', '/v1/nodes/h2/devices/lan0', { mtu: 1400 })).body.mtu).toBe(1400);
    expect((await ipLink('h2')).mtu).toBe(1400);
    await rest('PATCH', '/v1/nodes/h2/devices/lan0', { mtu: 1500 });
    await rest('PATCH', '/v1/links/cable-2', { carrier: false });
    await until('NO-CARRIER', async () => (await ipLink('h2')).flags.includes('NO-CARRIER'));
    expect((await on('h1', 'ping -c 1 -W 1 10.0.0.2')).code).not.toBe(0);
    await rest('PATCH', '/v1/links/cable-2', { carrier: true });
    await until('ping', async () => (await on('h1', 'ping -c 1 -W 1 10.0.0.2')).code === 0);
  });

  test('kill -9 of the switch heals by itself, and the interfaces stay', async () => {
    const index = (await ipLink('h1')).ifindex;
    const id = await idOf('switch');
    const pid = Number((await docker('inspect', '-f', '{{.State.Pid}}', id)).stdout.trim());
    process.kill(pid, 'SIGKILL');
    await until(
      'another switch runs',
      async () => Number((await docker('inspect', '-f', '{{.State.Pid}}', id)).stdout.trim()) !== pid,
      20,
    );
    await until('ping', async () => (await on('h1', 'ping -c 1 -W 1 10.0.0.2')).code === 0);
    expect((await ipLink('h1')).ifindex).toBe(index);
    await until('ready', async () => (await rest('GET', '/readyz')).status === 200);
    expect((await rest('GET', '/v1/links/cable-1/stats')).body.balanced).toBe(true);
  });

  test('the token is in no log', async () => {
    expect((await compose(['logs', '--no-color'])).stdout).not.toContain(token);
  });

  test('down leaves nothing', async () => {
    const ofProject = ['--filter', `label=com.docker.compose.project=${project}`];
    const left = async (...words: string[]) =>
      (await docker(...words, '-q', ...ofProject)).stdout.split('\n').length - 1;
    expect([await left('ps', '-a'), await left('network', 'ls')]).toEqual([5, 1]);
    const pids: string[] = [];
    for (const service of ['control', 'switch', 'h1']) {
      pids.push((await docker('inspect', '-f', '{{.State.Pid}}', await idOf(service))).stdout.trim());
    }
    expect((await compose(['down', '-t', '10'])).code).toBe(0);
    expect([await left('ps', '-a'), await left('network', 'ls')]).toEqual([0, 0]);
    for (const pid of pids)
      expect(existsSync(`/proc/${pid}/ns/net`) && readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe(false);
  });

  test('a host on another machine joins over wss by the second file', async () => {
    const [bridge] = JSON.parse((await run('ip', ['-4', '-j', 'addr', 'show', 'docker0'])).stdout);
    const address = bridge.addr_info[0].local as string;
    const { ca, cert, key } = await makeCertificates(folder, [address]);
    cpSync(ca, join(folder, '.secrets/ca.pem'));
    const [controlPort, switchPort] = [await freePort(), await freePort()];
    writeFileSync(join(folder, 'far.yaml'), FAR_LAB);
    const tls = ['--host', address, '--tls-cert', cert, '--tls-key', key];
    const env = { ETHERLOOM_TOKEN: token, ETHERLOOM_TLS_CA: ca };
    const start = (...args: string[]) => new Program(process.execPath, [command, ...args], env);
    const url = `wss://${address}:${controlPort}`;
    const programs = [
      start('control', '--port', `${controlPort}`, '--lab', join(folder, 'far.yaml'), ...tls),
      start('switch', '--port', `${switchPort}`, '--control', url, ...tls),
      start('node', '--name', 'here', '--control', url),
    ];
    const far = { ETHERLOOM_NAME: 'h4', ETHERLOOM_CONTROL: url, COMPOSE_PROJECT_NAME: 'etherloom-far' };
    const file = ['-f', 'docker/compose.remote-host.yaml'];
    try {
      const started = await compose([...file, 'up', '-d'], 120, far);
      expect(started.code, started.stderr).toBe(0);
      const ping = () => etherloom(['ping', '-c', '1', '--control', url, 'here', '10.9.0.4'], { env });
      await until('here reaches h4', async () => (await ping()).code === 0);
    } finally {
      await compose([...file, 'down', '-t', '5'], 60, far);
      for (const program of programs) await program.stop('SIGTERM').catch(() => {});
    }
  });
});

/** A node in this process's reach, and a container that could be anywhere. */
const FAR_LAB = `
name: far
nodes:
  here: { devices: { eth0: { ip: 10.9.0.1/24 } } }
  h4: { stack: kernel, devices: { lan0: { ip: 10.9.0.4/24 } } }
links:
  - endpoints: ["here:eth0", "h4:lan0"]
`;
