import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { command, etherloom, freePort, Program } from '../support/program.ts';
import { type Rest, restOf } from '../support/rest.ts';
import { until } from '../support/until.ts';

const token = 'correct-horse-battery-staple-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'etherloom-token-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${token}\n`);
const programs: Program[] = [];

afterAll(async () => {
  for (const program of programs) await program.stop().catch(() => {});
  rmSync(folder, { recursive: true });
});

function start(...args: string[]): Program {
  const program = new Program(process.execPath, [command, ...args], { ETHERLOOM_TOKEN_FILE: tokenFile });
  programs.push(program);
  return program;
}

/** The status of a WebSocket handshake: 101 or what the server said instead. */
async function upgrade(url: string, protocol: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, protocol, { headers, perMessageDeflate: false });
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
  });
}

describe.each(['control', 'switch'])('%s', (role) => {
  test('off loopback it does not start without a token, and says how', async () => {
    const args = [role, '--host', '0.0.0.0', '--port', String(await freePort())];
    const done = await etherloom([...args, ...(role === 'switch' ? ['--control', 'ws://127.0.0.1:9'] : [])], {
      seconds: 15,
    });
    expect(done.code).toBe(1);
    expect(done.stderr).toMatch(/token/);
    expect(done.stderr).toMatch(/--insecure/);
  });

  test('--insecure starts it off loopback, and the log says so', async () => {
    const port = await freePort();
    const args = [role, '--host', '0.0.0.0', '--port', String(port), '--insecure'];
    const program = new Program(process.execPath, [
      command,
      ...args,
      ...(role === 'switch' ? ['--control', 'ws://127.0.0.1:9'] : []),
    ]);
    programs.push(program);
    await until(`${role} answers`, async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    expect(program.output).toMatch(/without a token/);
    await program.stop();
  });
});

describe('with a token', () => {
  let controlPort: number;
  let switchPort: number;
  let control: string;
  let rest: Rest;

  beforeAll(async () => {
    controlPort = await freePort();
    switchPort = await freePort();
    control = `http://127.0.0.1:${controlPort}`;
    rest = restOf(control, token);
    start('control', '--port', String(controlPort));
    start('switch', '--port', String(switchPort), '--control', `ws://127.0.0.1:${controlPort}`);
    await until('both serve', async () => {
      const both = [fetch(`${control}/healthz`), fetch(`http://127.0.0.1:${switchPort}/healthz`)];
      return (await Promise.all(both)).every((each) => each.ok);
    });
  });

  test('every route of the OpenAPI document but the probes wants it', async () => {
    const { paths } = (await rest('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    const bare: Rest = restOf(control);
    const wrong: Rest = restOf(control, `${token}x`);
    let asked = 0;
    for (const [path, methods] of Object.entries(paths)) {
      if (path === '/healthz' || path === '/readyz') continue;
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/\{[^}]*\}/g, 'x');
        expect([path, method, (await bare(method.toUpperCase(), url)).status]).toEqual([path, method, 401]);
        asked++;
      }
    }
    expect(asked).toBeGreaterThan(25);
    expect((await wrong('GET', '/v1/lab')).status).toBe(401);
    expect((await rest('GET', '/v1/nodes')).status).toBe(200);
    expect((await fetch(`${control}/healthz`)).status).toBe(200);
    expect([200, 503]).toContain((await fetch(`${control}/readyz`)).status);
  });

  test('every WebSocket wants it before the handshake, and a strange Origin is refused even with it', async () => {
    const good = { authorization: `Bearer ${token}` };
    const agent = `ws://127.0.0.1:${controlPort}/v1/agent`;
    const data = `ws://127.0.0.1:${switchPort}/v1/data`;
    for (const [url, protocol] of [
      [agent, 'etherloom.agent.v1'],
      [data, 'etherloom.v1'],
    ] as const) {
      expect(await upgrade(url, protocol, {})).toBe(401);
      expect(await upgrade(url, protocol, { authorization: `Bearer ${token}x` })).toBe(401);
      expect(await upgrade(`${url}?token=${token}`, protocol, {})).toBe(401);
      expect(await upgrade(url, protocol, { ...good, origin: 'http://evil.example' })).toBe(403);
      expect(await upgrade(url, protocol, good)).toBe(101);
    }
  });

  test('a node with the wrong token is told so', async () => {
    const args = ['node', '--name', 'h1', '--control', `ws://127.0.0.1:${controlPort}`];
    const done = await etherloom(args, { env: { ETHERLOOM_TOKEN: 'wrong' } });
    expect(done.code).toBe(1);
    expect(done.stderr + done.stdout).toMatch(/token/);
  });

  test('the token is in no log line, and in no argument of a process, the nodes of up included', async () => {
    const ports = ['--control-port', '0', '--switch-port', '0', '--log-level', 'debug'];
    const lab = start('up', 'examples/three-hosts.yaml', ...ports);
    await until('it is ready', () => lab.output.includes('Ready.'), 60);
    expect([...lab.nodes().keys()].sort()).toEqual(['h1', 'h2', 'h3']);
    for (const program of programs) {
      expect(program.output).not.toContain(token);
      for (const { words } of program.commandLines()) expect(words.join(' ')).not.toContain(token);
    }
  });

  test('an upgrade to an unknown path is 404, and one that offers no subprotocol is 400', async () => {
    expect(
      await upgrade(`ws://127.0.0.1:${switchPort}/nowhere`, 'etherloom.v1', {
        authorization: `Bearer ${token}`,
      }),
    ).toBe(404);
    const socket = new WebSocket(`ws://127.0.0.1:${switchPort}/v1/data`, {
      headers: { authorization: `Bearer ${token}` },
    });
    socket.on('error', () => {});
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(400); // no subprotocol offered
    socket.terminate();
  });
});
