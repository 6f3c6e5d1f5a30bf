import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsOf } from '@etherloom/schema';
import { Command } from 'commander';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { addSettings, settings } from './setting-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-settings-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'from-file\n');
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function parse(role: 'up' | 'node' | 'client', ...words: string[]) {
  const defaults = { logLevel: 'warn' };
  const command = addSettings(new Command('x').exitOverride(), role, defaults);
  command.configureOutput({ writeErr: () => {} }).parse(words, { from: 'user' });
  return settings(role, command, role === 'up' ? defaults : {});
}

test('a flag wins over its variable, the variable over the default', () => {
  expect(parse('up')).toMatchObject({ controlPort: 8080, logLevel: 'warn' });
  vi.stubEnv('ETHERLOOM_CONTROL_PORT', '9080');
  vi.stubEnv('ETHERLOOM_LOG_LEVEL', 'debug');
  expect(parse('up')).toMatchObject({ controlPort: 9080, logLevel: 'debug' });
  expect(parse('up', '--control-port', '9999')).toMatchObject({ controlPort: 9999 });
});

test('a token comes from a file or a variable, and no flag takes it on the command line', () => {
  expect(parse('client', '--token-file', tokenFile).token).toBe('from-file');
  vi.stubEnv('ETHERLOOM_TOKEN_FILE', tokenFile);
  expect(parse('client').token).toBe('from-file');
  vi.stubEnv('ETHERLOOM_TOKEN', 'from-variable');
  expect(parse('client').token).toBe('from-variable');
  expect(() => parse('client', '--token', 'secret')).toThrow(/unknown option/);
});

test.each([
  [['--control-port', '70000'], /--control-port: a port is/],
  [['--stack', 'linux'], /--stack: stack is "user"/],
  [['--token-file', '/nowhere'], /--token-file: cannot read \/nowhere/],
])('%j is refused with the name of the flag', (words, text) => {
  expect(() => parse('up', ...words)).toThrow(text);
});

test('what is needed and missing is said with its flag and its variable', () => {
  expect(() => parse('node')).toThrow(/--name .*ETHERLOOM_NAME/);
});

test('the help names every setting with its default and its variable', () => {
  const command = addSettings(new Command('x'), 'up');
  const help = command.helpInformation().replaceAll(/\s+/g, ' ');
  for (const { env } of settingsOf('up')) expect(help).toContain(env);
  expect(help).toContain(
    '--control-port <PORT> port of the REST API (default: 8080, ETHERLOOM_CONTROL_PORT)',
  );
  expect(help).toContain('ETHERLOOM_TOKEN or ETHERLOOM_TOKEN_FILE');
  expect(help).toContain('again for another node (ETHERLOOM_DRIVER)');
});
