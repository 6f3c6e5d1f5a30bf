/** The command as a new user's mistakes meet it: one line on stderr that says what to do, an exit code, no stack. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { etherloom } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-mistakes-'));
let lab: Up;

beforeAll(async () => {
  writeFileSync(join(folder, 'empty.yaml'), '');
  lab = await up('examples/three-hosts.yaml');
});

afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
  rmSync(folder, { recursive: true });
});

// biome-ignore format: one mistake a line
test.concurrent.each<[words: string, code: number, stderr: RegExp]>([
  ['staus',                                     1, /unknown command 'staus' \(Did you mean status\?\); see/],
  ['status --foo',                              1, /unknown option '--foo'/],
  ['status extra',                              1, /too many arguments/],
  ['status --control http://127.0.0.1:9',       1, /cannot reach control .*is a lab running\?/],
  ['status --tls-ca /nowhere/ca.pem',           1, /--tls-ca: cannot read \/nowhere\/ca.pem: no such file$/],
  ['ping h1',                                   2, /missing required argument 'TARGET'/],
  ['ping nosuch h1',                            2, /there is no node nosuch: of nodes there are h1, h2, h3/],
  ['ping H1 h2',                                2, /there is no node H1: of nodes there are h1/],
  ['ping h1 nosuch',                            2, /"nosuch" is neither an IP address nor a node or device/],
  ['ping h1 h2:eth9',                           2, /node h2 has no device eth9: of devices there are eth0/],
  ['ping h1 h2 -c 0',                           2, /a whole number from 1/],
  ['ip -n h1 link set eth0 mtu 67',             2, /^Error: mtu less than device minimum/],
  ['ip -n h1 link set lo carrier off',          2, /^RTNETLINK answers: Operation not supported: lo: /],
  ['ip -n nosuch link',                         255, /^Cannot open network namespace "nosuch": there is no node nosuch/],
  ['ip rule',                                   1, /^Object "rule" is not supported: here are link, address and neigh/],
  ['ip foo',                                    1, /^Object "foo" is unknown/],
  ['tc -b /nowhere',                            1, /^Cannot open file "\/nowhere" for reading: no such file$/],
  ['exec no-such-node -- true',                           1, /no network namespace on this machine/],
  ['up /nowhere.yaml',                          1, /\/nowhere.yaml: no such lab file/],
  ['up FOLDER',                                 1, /it is a folder/],
  ['up FOLDER/empty.yaml',                      1, /the lab file is empty/],
  ['up examples/three-hosts.yaml --tls-cert x', 1, /--tls-key: --tls-cert and --tls-key go together/],
  ['bench napi -o /nowhere/x.svg',              1, /-o \/nowhere\/x.svg: no such folder$/],
  ['bench napi --rates 10x',                    1, /It takes frames a second, with commas between/],
  ['diff /nowhere.yaml',                        2, /no such lab file/],
  ['node --name lan',                           1, /"lan" is reserved/],
])('etherloom %s ends with %i', async (words, code, stderr) => {
  const done = await etherloom(words.replace('FOLDER', folder).split(' '), { env: { ETHERLOOM_CONTROL: lab.url } });
  expect(done.stderr.trim()).toMatch(stderr);
  // What the tools say is theirs, without our name in front.
  expect(done.stderr.trim()).toMatch(/^(ip|tc|ethtool) /.test(words) ? /^(?!etherloom)[^\n]*$/ : /^etherloom: [^\n]*$/);
  expect(done.code).toBe(code);
});

test('status goes on without a node that hangs', async () => {
  const hung = lab.program.nodes().get('h2')!;
  process.kill(hung, 'SIGSTOP');
  const done = await lab.cli('status').finally(() => process.kill(hung, 'SIGCONT'));
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout.match(/^h\d +user +yes +eth0 +(UP|-)/gm)).toHaveLength(3);
  await until('all answer again', async () => (await lab.rest('GET', '/readyz')).status === 200);
});

test('a node that hangs is killed when the lab goes down, and at once when Ctrl-C is repeated', async () => {
  const other = await up('examples/three-hosts.yaml');
  for (const { program } of [lab, other]) process.kill(program.nodes().get('h2')!, 'SIGSTOP');
  let ended = false;
  const slow = lab.stop('SIGINT').finally(() => {
    ended = true;
  });
  other.program.child.kill('SIGINT');
  await until('it is on its way down', () => other.program.output.includes('Taking the lab down'));
  expect(await other.stop('SIGINT')).toBe(1);
  expect(ended).toBe(false);
  expect(await slow).toBe(0);
});
