/** What a TAP needs and does not get, and what a killed run leaves behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { cleanStaleNetns, createNetns, deleteNetns, inNetns, netnsPath } from '@etherloom/tap';
import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { root, run } from '../support/program.ts';

const maker = ['--conditions=@etherloom/source', '--import', 'tsx', 'test/native/make-tap.ts'];

/** Runs the maker behind a shell line that takes something away from it. */
async function refused(line: string): Promise<{ code: string; message: string }> {
  const { stdout, stderr } = await run('unshare', ['-m', 'sh', '-c', line, 'sh', process.execPath, ...maker]);
  expect(stderr).not.toMatch(/Error:/);
  return JSON.parse(stdout);
}

describeWith('a TAP', ['root', 'tun', 'netns'], () => {
  afterEach(() => {
    for (const name of ['nt0', 'nt1']) deleteNetns(name);
  });

  test('says to add the device where there is no /dev/net/tun', async () => {
    const error = await refused('mount -t tmpfs none /dev/net && exec "$@" - t0');
    expect(error.code).toBe('ENOENT');
    expect(error.message).toContain('--device /dev/net/tun');
  });

  test('says to add the capability where there is no CAP_NET_ADMIN', async () => {
    const error = await refused('exec setpriv --bounding-set -net_admin --inh-caps -net_admin "$@" - t0');
    expect(error.code).toBe('EPERM');
    expect(error.message).toContain('--cap-add NET_ADMIN');
  });

  test('says to run as root where no namespace can be made', async () => {
    const error = await refused('exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$@" nt0 t0');
    expect(error.code).toBe('EPERM');
    expect(error.message).toContain('run as root');
  });

  test('names the interface that is there already', async () => {
    const error = await refused('ip tuntap add dev t0 mode tap; "$@" - t0; ip link del t0');
    expect(error).toMatchObject({ code: 'EEXIST', message: expect.stringContaining('t0 exists already') });
  });

  test('of a killed run leaves a namespace that the next run takes over, and cleans', async () => {
    for (const name of ['nt0', 'nt1']) {
      const child = spawn(process.execPath, [...maker, name], { cwd: root });
      await once(child.stdout, 'data');
      expect(() => createNetns(name)).toThrow(
        expect.objectContaining({ code: 'EEXIST', message: expect.stringContaining(`process ${child.pid}`) }),
      );
      expect(cleanStaleNetns()).not.toContain(name);
      child.kill('SIGKILL');
      await once(child, 'close');
      expect(existsSync(netnsPath(name))).toBe(true);
      if (name === 'nt0') createNetns(name);
    }
    expect(cleanStaleNetns()).toContain('nt1');
    expect(readdirSync('/run/netns')).toContain('nt0'); // ours, and alive
  });

  test('and a namespace that somebody else has made under a name we once had is left alone', async () => {
    const child = spawn(process.execPath, [...maker, 'nt0'], { cwd: root });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    await run('ip', ['netns', 'del', 'nt0']);
    await run('ip', ['netns', 'add', 'nt0']);
    expect(() => createNetns('nt0')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(cleanStaleNetns()).not.toContain('nt0');
    expect(existsSync(netnsPath('nt0'))).toBe(true);
  });

  test('the thread is home again after a visit, also when the visit fails', () => {
    const path = createNetns('nt0');
    const names = () => readdirSync('/proc/self/net/dev_snmp6').sort();
    const home = names();
    expect(inNetns(path, names)).toEqual(['lo']);
    expect(() =>
      inNetns(path, () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(names()).toEqual(home);
    expect(() => inNetns('/run/netns/none', names)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
