/** What a program sees that `etherloom exec` runs in a node's namespace, and how its end is passed on. */

import { once } from 'node:events';
import { mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { createNetns, deleteNetns } from '@etherloom/tap';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { command, etherloom, Program, run } from '../support/program.ts';
import { until } from '../support/until.ts';

const NODE = 'exec-test';
const ETC = `/etc/netns/${NODE}`;

describeWith('etherloom exec', ['root', 'tun', 'netns'], () => {
  beforeAll(async () => {
    createNetns(NODE);
    await run('ip', ['-n', NODE, 'tuntap', 'add', 'dev', 'exec0', 'mode', 'tap']);
  });

  afterAll(() => {
    rmSync(ETC, { recursive: true, force: true });
    deleteNetns(NODE);
  });

  test("has the node's interfaces in /sys, and leaves this machine's as it was", async () => {
    const before = readFileSync('/proc/self/mountinfo', 'utf8');
    const done = await etherloom(['exec', NODE, '--', 'ls', '/sys/class/net']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout.split('\n')).toContain('exec0');
    expect(done.stdout).not.toContain('eth0');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
  });

  test('has the files of /etc/netns/NODE in /etc, and starts in the folder it was called in', async () => {
    mkdirSync(ETC, { recursive: true });
    writeFileSync(`${ETC}/resolv.conf`, 'nameserver 10.0.0.53\n');
    const done = await etherloom(['exec', NODE, 'sh', '-c', 'cat /etc/resolv.conf; pwd'], { cwd: '/usr' });
    expect(done).toMatchObject({ code: 0, stdout: 'nameserver 10.0.0.53\n/usr\n' });
    expect(readFileSync('/etc/resolv.conf', 'utf8')).not.toContain('10.0.0.53');
    rmSync(ETC, { recursive: true });
  });

  // biome-ignore format: one case a line
  test.each([
    ['the exit code of the program',            ['sh', '-c', 'exit 7'],          7],
    ['128 and the signal that ended it',        ['sh', '-c', 'kill -TERM $$'],   143],
    ['127 for a program that is not there',     ['no-such-program'],             127],
  ])('ends with %s', async (_name, words, code) => {
    expect((await etherloom(['exec', NODE, '--', ...words])).code).toBe(code);
  });

  test('passes SIGTERM on to the program, whose end is its own', async () => {
    const program = new Program(process.execPath, [
      command,
      'exec',
      NODE,
      '--',
      'sh',
      '-c',
      'trap "exit 9" TERM; echo on; while :; do sleep 0.1; done',
    ]);
    await until('it runs', () => program.output.includes('on'));
    const closed = once(program.child, 'exit');
    program.child.kill('SIGTERM');
    expect((await closed)[0]).toBe(9);
  });

  test('goes on where it may not mount, and says so when it is asked to', async () => {
    mkdirSync(ETC, { recursive: true });
    writeFileSync(`${ETC}/no-such-file`, '');
    const done = await etherloom(['exec', NODE, '--', 'readlink', '/proc/self/ns/net'], {
      env: { ETHERLOOM_LOG_LEVEL: 'debug' },
    });
    rmSync(ETC, { recursive: true });
    expect(done.code).toBe(0);
    expect(done.stdout.trim()).not.toBe(readlinkSync('/proc/self/ns/net'));
    expect(done.stderr).toContain('no-such-file');
  });
});
