import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cleanStaleNetns, createNetns, deleteNetns } from '@etherloom/tap';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { makeCertificates } from '../support/certificates.ts';
import { command, type Finished, Program, run } from '../support/program.ts';
import { until } from '../support/until.ts';

const token = 'token-of-the-two-host-test-0123456789';
const lab = `
name: two-machines
nodes:
  near: { devices: { eth0: { ip: 10.9.0.1/24 } } }
  far:  { devices: { eth0: { ip: 10.9.0.2/24 } } }
links:
  - endpoints: ["near:eth0", "far:eth0"]
`;

describeWith('two machines, one LAN over wss', ['root', 'netns', 'openssl', 'curl'], () => {
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-wss-'));
  const programs: Program[] = [];
  const hosts = [`elt-west-${process.pid}`, `elt-east-${process.pid}`] as const;
  const west = '192.0.2.1';
  const common = { ETHERLOOM_TOKEN_FILE: join(folder, 'token'), ETHERLOOM_TLS_CA: join(folder, 'ca.pem') };

  async function must(file: string, ...args: string[]): Promise<Finished> {
    const done = await run(file, args);
    if (done.code !== 0) throw new Error(`${file} ${args.join(' ')}: ${done.stderr}`);
    return done;
  }

  function start(host: string, args: string[], env: NodeJS.ProcessEnv = common): Program {
    const program = new Program('ip', ['netns', 'exec', host, process.execPath, command, ...args], env);
    programs.push(program);
    return program;
  }

  async function machines(): Promise<void> {
    for (const host of hosts) createNetns(host);
    const veth = ['elt0', 'netns', hosts[0], 'type', 'veth', 'peer', 'name', 'elt0', 'netns', hosts[1]];
    await must('ip', 'link', 'add', ...veth);
    for (const [i, host] of hosts.entries()) {
      await must('ip', '-n', host, 'addr', 'add', `192.0.2.${i + 1}/24`, 'dev', 'elt0');
      await must('ip', '-n', host, 'link', 'set', 'elt0', 'up');
      await must('ip', '-n', host, 'link', 'set', 'lo', 'up');
    }
  }

  beforeAll(async () => {
    cleanStaleNetns(); // of a run that was killed
    writeFileSync(join(folder, 'token'), token);
    writeFileSync(join(folder, 'lab.yaml'), lab);
    const { cert, key } = await makeCertificates(folder, [west, '127.0.0.1']);
    await machines();
    const tls = ['--tls-cert', cert, '--tls-key', key];
    start(hosts[0], ['control', '--host', west, '--port', '8443', '--lab', join(folder, 'lab.yaml'), ...tls]);
    start(hosts[0], ['switch', '--host', west, '--port', '8444', '--control', `wss://${west}:8443`, ...tls]);
    start(hosts[0], ['node', '--name', 'near', '--control', `wss://${west}:8443`]);
    await until('near joins', async () => JSON.parse((await ask('/v1/nodes/near')).stdout).connected, 60);
  });

  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop('SIGTERM').catch(() => {})));
    for (const host of hosts) deleteNetns(host);
    rmSync(folder, { recursive: true });
  });

  const ask = (path: string, more: string[] = []) =>
    run('ip', [
      'netns',
      'exec',
      hosts[0],
      'curl',
      '-s',
      '--cacert',
      join(folder, 'ca.pem'),
      '-H',
      `Authorization: Bearer ${token}`,
      ...more,
      `https://${west}:8443${path}`,
    ]);

  // biome-ignore format: one case a line
  test.each([
    ['without a token',           { ETHERLOOM_TLS_CA: common.ETHERLOOM_TLS_CA },                                /token/],
    ['with a wrong token',        { ETHERLOOM_TLS_CA: common.ETHERLOOM_TLS_CA, ETHERLOOM_TOKEN: 'not-the-token' }, /token/],
    ['without the private CA',    { ETHERLOOM_TOKEN_FILE: common.ETHERLOOM_TOKEN_FILE, NODE_EXTRA_CA_CERTS: '' },  /certificate/],
  ])('a node %s is refused and says why', async (_name, env, says) => {
    const program = start(hosts[1], ['node', '--name', 'far', '--control', `wss://${west}:8443`], env);
    await until('it says why', () => says.test(program.output), 60);
    await program.stop('SIGTERM');
    expect(JSON.parse((await ask('/v1/nodes/far')).stdout).connected).toBe(false);
  });

  test('a node with both joins from the other machine, and the two ping each other', async () => {
    start(hosts[1], ['node', '--name', 'far', '--control', `wss://${west}:8443`]);
    await until(
      'the lab converges',
      async () => (await ask('/readyz', ['-o', '/dev/null', '-w', '%{http_code}'])).stdout === '200',
      60,
    );
    const body = JSON.stringify({ target: '10.9.0.2', count: 3, interval: '10ms' });
    const result = JSON.parse(
      (await ask('/v1/nodes/near/ping', ['-H', 'content-type: application/json', '-d', body])).stdout,
    );
    expect(result).toMatchObject({ sent: 3, received: 3 });
  });

  test('the commands work over https with the private CA', async () => {
    const done = await run(
      'ip',
      ['netns', 'exec', hosts[1], process.execPath, command, 'status', '--control', `https://${west}:8443`],
      { env: common },
    );
    expect(done.stderr).toBe('');
    expect(done.stdout).toContain('far');
    expect(done.code).toBe(0);
  });
});
