import { expect, test } from 'vitest';
import { readSettings, settingsOf } from './settings-read.ts';

test('flags win over variables, variables over files, files over defaults', () => {
  const readFile = (path: string) => (path === '/run/secrets/token' ? 'from-file\n' : '');
  const env = {
    ETHERLOOM_TOKEN_FILE: '/run/secrets/token',
    ETHERLOOM_PORT: '9000',
    ETHERLOOM_HOST: '0.0.0.0',
  };
  const settings = readSettings('control', { flags: { host: '::' }, env, readFile });
  expect(settings).toEqual({
    host: '::',
    port: 9000,
    token: 'from-file',
    insecure: false,
    logLevel: 'info',
    lab: undefined,
    state: undefined,
    tlsCert: undefined,
    tlsKey: undefined,
  });
  expect(readSettings('control', { env: { ...env, ETHERLOOM_TOKEN: 'direct' }, readFile }).token).toBe(
    'direct',
  );
});

test('only a token may come from a file', () => {
  const files = settingsOf('control').flatMap(({ envFile }) => envFile ?? []);
  expect(files).toEqual(['ETHERLOOM_TOKEN_FILE']);
});

test.each(['control', 'switch', 'node', 'up', 'client'] as const)(
  'every setting of %s says what it is',
  (role) => {
    for (const { description, flag, env } of settingsOf(role)) {
      expect(description, flag).not.toBe('');
      expect(env).toMatch(/^ETHERLOOM_[A-Z_]+$/);
    }
  },
);

// biome-ignore format: one case a line
test.each([
  ['node', { env: {} }, '--name: is needed: give --name NAME or set ETHERLOOM_NAME'],
  ['node', { flags: { name: 'lan' } }, '--name: "lan" is reserved'],
  ['node', { flags: { name: ['h1', ''] } }, '--name: a name is 1 to 63 letters'],
  ['node', { env: { ETHERLOOM_NAME: 'h1,h2,h1' } }, 'ETHERLOOM_NAME: a node is named twice'],
  ['up', { flags: { nodesPerProcess: '0' } }, '--nodes-per-process: nodes per process is "auto" or a whole number from 1 to 1000'],
  ['up', { flags: { nodesPerProcess: '-1' } }, '--nodes-per-process: nodes per process is'],
  ['up', { flags: { nodesPerProcess: '1.5' } }, '--nodes-per-process: nodes per process is'],
  ['up', { env: { ETHERLOOM_NODES_PER_PROCESS: '99999999' } }, 'ETHERLOOM_NODES_PER_PROCESS: nodes per process is'],
  ['control', { flags: { port: '70000' } }, '--port: a port is a whole number'],
  ['control', { env: { ETHERLOOM_PORT: '8o80' } }, 'ETHERLOOM_PORT: a port is a whole number'],
  ['control', { env: { ETHERLOOM_INSECURE: 'maybe' } }, 'ETHERLOOM_INSECURE: write true or false'],
  ['control', { flags: { token: 'a b' } }, '--token-file: a token is'],
  ['control', { flags: { tlsCert: 'cert.pem' } }, '--tls-key: --tls-cert and --tls-key go together'],
  ['switch', { flags: { control: 'localhost:8080' } }, '--control: a URL begins with'],
  ['switch', { flags: { workers: '0' } }, '--workers: workers are a whole number from 1 to 64'],
  ['switch', { flags: { workers: '-1' } }, '--workers: workers are a whole number from 1 to 64'],
  ['switch', { flags: { workers: '1.5' } }, '--workers: workers are a whole number from 1 to 64'],
  ['up', { flags: { workers: 'many' } }, '--workers: workers are a whole number from 1 to 64'],
  ['up', { env: { ETHERLOOM_WORKERS: '65' } }, 'ETHERLOOM_WORKERS: workers are a whole number from 1 to 64'],
] as const)('%s is told what is wrong with %j', (role, sources, text) => {
  expect(() => readSettings(role, sources)).toThrow(text);
});

test.each([
  [{ flags: { name: 'h1' } }, ['h1']],
  [{ flags: { name: ['h1', 'h2,h3'] } }, ['h1', 'h2', 'h3']],
  [{ env: { ETHERLOOM_NAME: 'h1,h2' } }, ['h1', 'h2']],
])('a process is told of its nodes by %j', (sources, names) => {
  expect(readSettings('node', sources).name).toEqual(names);
});

test.each([
  [undefined, 'auto'],
  ['auto', 'auto'],
  ['50', 50],
])('nodes per process written %j is %j', (written, value) => {
  expect(readSettings('up', { flags: { nodesPerProcess: written } }).nodesPerProcess).toBe(value);
});

test('a secret file that cannot be read is named, and the secret never is', () => {
  const env = { ETHERLOOM_TOKEN_FILE: '/nope' };
  const readFile = () => {
    throw new Error('ENOENT: no such file');
  };
  expect(() => readSettings('control', { env, readFile })).toThrow(
    'ETHERLOOM_TOKEN_FILE: cannot read /nope: ENOENT',
  );
  expect(() => readSettings('control', { flags: { token: 'hush hush' } })).not.toThrow('hush');
});

test.each([
  ['', true],
  ['1', true],
  ['true', true],
  ['0', false],
  ['no', false],
  [true, true],
] as const)('the switch --insecure written %j is %s', (written, on) => {
  expect(readSettings('control', { flags: { insecure: written } }).insecure).toBe(on);
});
