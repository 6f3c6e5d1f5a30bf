/** Input without an end, and output that nobody takes: a command ends with a line and a code, and a lab takes its children along. */
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, etherloom, run } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

let lab: Up;
beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
});
afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
});

// biome-ignore format: one file a line
test.each([
  ['a token', 'status --token-file /dev/zero',                           /--token-file: cannot read \/dev\/zero: it has more than the 64 KiB that are read/],
  ['a lab',   'apply /dev/zero',                                         /\/dev\/zero: it has more than the \d+ KiB/],
  ['a CA',    'status --tls-ca /dev/zero',                               /--tls-ca: cannot read \/dev\/zero: it has more/],
])('%s that never ends is given up', async (_what, words, says) => {
  const done = await etherloom(words.split(' '), { env: { ETHERLOOM_CONTROL: lab.url }, seconds: 20 });
  expect([done.code, done.stderr.trim().split('\n')]).toEqual([1, [expect.stringMatching(says)]]);
});

test('a result that a full disk does not take is a failure', async () => {
  const words = `"${process.execPath}" "${command}" status --control ${lab.url} > /dev/full`;
  const done = await run('sh', ['-c', words]);
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/^etherloom: cannot write: ENOSPC[^\n]*\n$/);
});

test('a reader that has seen enough is none', async () => {
  const words = `set -o pipefail; "${process.execPath}" "${command}" ping --control ${lab.url} -i 0.2 h1 h2 | head -1`;
  expect(await run('bash', ['-c', words])).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^PING[^\n]*\n$/),
  });
});

test('a lab whose messages nobody reads any more is taken down in order', async () => {
  const { child } = lab.program;
  child.stdout!.destroy();
  child.stderr!.destroy();
  process.kill(lab.program.nodes().get('h2')!, 'SIGKILL'); // it has something to tell
  await until('no process is left', () => lab.program.processes().length === 0, 40);
  await until('its end is known', () => child.exitCode !== null || child.signalCode !== null);
  expect([child.exitCode, child.signalCode]).toEqual([1, null]);
});
