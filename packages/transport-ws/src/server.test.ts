import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Backoff } from './backoff.ts';
import { dial, dialAddress } from './dial.ts';
import { RpcClient } from './rpc-client.ts';
import { createServer, listen } from './server.ts';
import { type Listening, serve, TOKEN, until } from './testing.ts';

const opened: Listening[] = [];
let dir = '';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'etherloom-'));
});
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(async () => {
  for (const listening of opened.splice(0)) await listening.close();
});

const file = (name: string) => readFileSync(join(dir, name), 'utf8');

/** A private CA and a certificate of it for localhost. */
function makeCertificates(): void {
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const fresh = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  run(...fresh, '-subj', '/CN=lab CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  const san = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  run(...fresh, ...san, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', 'server.key', '-out', 'server.pem');
}

async function attempt(url: string, ca?: string): Promise<string> {
  const ws = dial({ url: `${url}/v1/data`, token: TOKEN, protocol: 'etherloom.v1', ca }, 1024);
  let outcome = '';
  ws.on('open', () => {
    outcome = 'open';
  });
  ws.on('error', (err) => {
    outcome ||= (err as NodeJS.ErrnoException).code ?? err.message;
  });
  await until(() => outcome !== '', 'an outcome');
  ws.terminate();
  return outcome;
}

const route = { kind: 'data', path: '/v1/data', protocol: 'etherloom.v1', accept: () => {} } as const;

/** What an agent that dials hears of its first failure. */
function firstFailure(url: string): Promise<string> {
  return new Promise((resolve) => {
    const client = new RpcClient({ url: `${url}/v1/agent`, random: () => 0.5 });
    client.onfailed = (err) => {
      client.close();
      resolve(err.message);
    };
    client.open();
  });
}

test('who dials with the wrong trust or the wrong scheme is told what to do', async () => {
  makeCertificates();
  const secure = await serve([route], { tls: { cert: file('server.pem'), key: file('server.key') } });
  const plain = await serve([route]);
  opened.push(secure, plain);
  expect(await firstFailure(secure.url)).toMatch(/--tls-ca FILE or ETHERLOOM_TLS_CA/);
  expect(await firstFailure(secure.url.replace('wss:', 'ws:'))).toMatch(/write wss:\/\//);
  expect(await firstFailure(plain.url.replace('ws:', 'wss:'))).toMatch(/write ws:\/\//);
});

test('wss: a private CA is trusted when it is named, refused when not, and TLS 1.1 is refused', async () => {
  makeCertificates();
  const listening = await serve([route], { tls: { cert: file('server.pem'), key: file('server.key') } });
  opened.push(listening);
  expect(await attempt(listening.url, file('ca.pem'))).toBe('open');
  expect(await attempt(listening.url)).toMatch(/CERT|SIGNATURE|ISSUER/);
  const port = Number(new URL(listening.url).port);
  let failed = '';
  const old = tlsConnect({
    port,
    host: 'localhost',
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
    rejectUnauthorized: false,
  });
  old.on('error', (err) => {
    failed = (err as NodeJS.ErrnoException).code ?? err.message;
  });
  await until(() => failed !== '', 'refused');
  expect(failed).toMatch(/PROTOCOL|VERSION|ECONNRESET/);
});

test('a certificate and a key that cannot be used are refused in one line', () => {
  const [ca, cert, key] = [file('ca.pem'), file('server.pem'), file('server.key')];
  // biome-ignore format: one case a line
  const cases = [
    [ca,                key,                /key values mismatch/],
    [key,               cert,               /no start line/],
    [Buffer.alloc(0),   key,                /no start line/],
    [cert.slice(0, 99), key,                /PEM/],
    [cert,              '\0\x01',           /PEM|DECODER/i],
  ] as const;
  for (const [badCert, badKey, says] of cases) {
    expect(() => createServer({ tls: { cert: badCert, key: badKey } })).toThrow(
      expect.objectContaining({ code: 'EINVAL', message: expect.stringMatching(says) }),
    );
  }
});

test('a connection that never finishes its TLS handshake is closed', { timeout: 15_000 }, async () => {
  const listening = await serve([], { tls: { cert: file('server.pem'), key: file('server.key') } });
  opened.push(listening);
  const { port } = listening.server.address() as { port: number };
  const mute = connect(port, '127.0.0.1').resume();
  mute.on('error', () => {});
  const openedAt = performance.now();
  await new Promise((resolve) => mute.on('close', resolve));
  expect(performance.now() - openedAt).toBeLessThan(10_000);
});

test('ws+unix: the same over a UNIX socket', async () => {
  const listening = await serve([route], { path: join(dir, 'switch.sock') });
  opened.push(listening);
  expect(await attempt(listening.url)).toBe('open');
});

test('a port in use is named, with what to do about it', async () => {
  const listening = await serve([route]);
  opened.push(listening);
  const port = Number(new URL(listening.url).port);
  const second = listen(createServer(), { port, moveWith: '--switch-port' });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(second).rejects.toThrow(`127.0.0.1:${port} is in use`);
  await expect(second).rejects.toThrow('--switch-port');
});

test('a server answers a plain request, and cuts off headers that are too large', async () => {
  const listening = await serve([route]);
  opened.push(listening);
  const http = listening.url.replace('ws', 'http');
  expect((await fetch(`${http}/v1/data`)).status).toBe(426);
  const { port } = new URL(http);
  let answer = '';
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`);
  await until(() => answer !== '', 'an answer');
  expect(answer).toMatch('431');
});

// biome-ignore format: one case a line
test.each([
  ['ws://127.0.0.1:8081/v1/data',   true],
  ['ws://localhost:8081',           true],
  ['ws://[::1]:8081',               true],
  ['wss://switch.example',          true],
  ['ws+unix:/run/s.sock:/v1/data',  true],
  ['ws://192.168.1.5:8081',         false],
  ['ws://127.0.0.1.evil.example',   false],
  ['ws://localhost.example',        false],
])('%s is dialled with a zero mask: %s', (url, zero) => {
  expect(dialAddress(url).zeroMask).toBe(zero);
});

test.each(['http://x', 'x', '', 'ws+unix:relative', 'ws://x/#frag', 'ftp://x'])(
  '"%s" is no address',
  (url) => {
    expect(() => dialAddress(url)).toThrow(/cannot dial/);
  },
);

test('backoff: the first retry within 100 ms, doubling to 5 s, jittered over the whole range, reset by 30 s', () => {
  const highest = new Backoff(() => 0.999999);
  const delays = Array.from({ length: 8 }, () => Math.round(highest.next()));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  highest.lasted(29_999);
  expect(Math.round(highest.next())).toBe(5000);
  highest.lasted(30_000);
  expect(Math.round(highest.next())).toBe(100);
  expect(new Backoff(() => 0).next()).toBe(0);
});
