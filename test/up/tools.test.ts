/** The tools people know, on a running lab of user-stack nodes: what they print, what they change, how they refuse. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inProcess } from '../support/command-line.ts';
import { type Up, up } from '../support/up.ts';

let lab: Up;

beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
});

afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
});

const tool = (line: string) => inProcess(line.split(' '), lab.url);

/** Runs a line that must do. */
async function did(line: string): Promise<string> {
  const done = await tool(line);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  return done.stdout;
}

const json = async (line: string) => JSON.parse(await did(line));

describe('ip', () => {
  test('link set changes what link show prints', async () => {
    await did('ip link set h1:eth0 mtu 1400 txqueuelen 50 alias desk allmulticast on group 7');
    await did('ip -n h1 link property add dev eth0 altname wire');
    expect(await did('ip -n h1 link show wire')).toMatch(
      /^2: eth0: <BROADCAST,MULTICAST,ALLMULTI,UP,LOWER_UP> mtu 1400 qdisc pfifo_fast state UP mode DEFAULT group 7 qlen 50\n {4}link\/ether 02:[\da-f:]{14} brd ff:ff:ff:ff:ff:ff\n {4}alias desk\n {4}altname wire\n$/,
    );
    for (const line of [
      'ip -n h1 neigh show dev wire',
      'ip -n h1 addr show wire',
      'tc -n h1 qdisc show dev wire',
    ])
      await did(line);
    await did('ip -n h1 link set wire mtu 1500 txqueuelen 1000 allmulticast off group default');
    await did('ip link property del dev h1:eth0 altname wire');
    const [link] = await json('ip -j -d -s -s -n h1 link show dev eth0');
    expect(link).toMatchObject({ ifname: 'eth0', mtu: 1500, txqlen: 1000, group: 'default', allmulti: 0 });
    expect(Object.keys(link).slice(0, 4)).toEqual(['ifindex', 'ifname', 'flags', 'mtu']);
    expect(link.altnames ?? []).toEqual([]);
  });

  test('addr and neigh show what a ping has taught', async () => {
    await did('ping h1 h2 -c 1');
    expect(await did('ip -n h1 addr show eth0')).toContain(
      '\n    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n       valid_lft forever preferred_lft forever\n',
    );
    expect(await did('ip -br -4 -n h2 a')).toMatch(/^eth0 {13}UP {13}10\.0\.0\.2\/24 $/m);
    const [addr] = await json('ip -j -n h1 addr show dev eth0');
    expect(addr.addr_info[0]).toMatchObject({
      family: 'inet',
      local: '10.0.0.1',
      prefixlen: 24,
      scope: 'global',
    });
    expect(await did('ip -n h1 neigh show dev eth0')).toMatch(
      /^10\.0\.0\.2 lladdr 02:[\da-f:]{14} [A-Z]+ \n$/,
    );
    const [neighbour] = await json('ip -j neigh show to 10.0.0.2');
    expect(neighbour).toMatchObject({
      node: 'h1',
      dst: '10.0.0.2',
      dev: 'eth0',
      state: [expect.any(String)],
    });
  });

  test('without -n every node is listed under its name, and JSON names it', async () => {
    expect((await did('ip link')).match(/^node: h\d$/gm)).toEqual(['node: h1', 'node: h2', 'node: h3']);
    const links: { node: string; ifname: string }[] = await json('ip -j link show up');
    expect(links.filter(({ ifname }) => ifname === 'eth0').map(({ node }) => node)).toEqual([
      'h1',
      'h2',
      'h3',
    ]);
  });
});

describe('tc', () => {
  const shown = () => did('tc -n h1 qdisc show dev eth0');

  // biome-ignore format: one qdisc a line
  test.each([
    ['pfifo limit 100',                            'limit 100p'],
    ['bfifo limit 10k',                            'limit 10Kb'],
    ['tbf rate 1mbit burst 10k latency 50ms',      'rate 1Mbit burst 10Kb lat 50ms '],
    ['prio bands 4',                               'bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1'],
    ['fq_codel limit 1000 target 3ms quantum 300 noecn', 'limit 1000p flows 1024 quantum 300 target 3ms interval 100ms memory_limit 32Mb drop_batch 64 '],
    ['netem delay 100ms 10ms 25% loss 0.3% 25% duplicate 1% corrupt 0.1% reorder 25% 50% gap 5',
      'limit 1000 delay 100ms  10ms 25% loss 0.3% 25% duplicate 1% reorder 25% 50% corrupt 0.1% gap 5'],
    ['netem loss gemodel 1% 10% 70% 0.1%',         'limit 1000 loss gemodel p 1% r 10% 1-h 70% 1-k 0.1%'],
    ['netem loss state 1% 20% 3% 40% 5%',          'limit 1000 loss state p13 1% p31 20% p32 3% p23 40% p14 5%'],
    ['netem rate 1mbit 10 40 5 limit 5',           'limit 5 rate 1Mbit packetoverhead 10 cellsize 40 celloverhead 5'],
    ['netem slot 800us 1ms packets 10 bytes 2k seed 42', 'limit 1000 slot 800us 1ms packets 10 bytes 2048 seed 42'],
  ])('qdisc replace ... %s is shown as tc shows it', async (line, text) => {
    await did(`tc qdisc replace dev h1:eth0 root handle 5: ${line}`);
    const kind = line.split(' ', 1)[0];
    const [first] = (await shown()).split('\n') as [string];
    // A netem without a seed draws one, and tells it.
    const told = line.includes('seed') ? first : first.replace(/ seed \d+/, '');
    expect(told).toBe(`qdisc ${kind} 5: root refcnt 2 ${text}`);
    await did('tc qdisc del dev h1:eth0 root');
    expect(await shown()).toMatch(/^qdisc pfifo_fast 0: root /);
  });

  test('a tree: children hang in the classes of prio, and -s counts what passed', async () => {
    await did('tc qdisc add dev h1:eth0 root handle 1: prio');
    await did('tc qdisc add dev h1:eth0 parent 1:2 handle 20: netem delay 1ms');
    await did('ping h1 h2 -c 2 -i 0.1');
    const all: { kind: string; handle: string; parent?: string; packets: number }[] = await json(
      'tc -j -s -n h1 qdisc show dev eth0',
    );
    expect(all.find(({ handle }) => handle === '20:')).toMatchObject({ kind: 'netem', parent: '1:2' });
    expect(all.find(({ handle }) => handle === '1:')!.packets).toBeGreaterThan(0);
    expect(await did('tc -s -n h1 qdisc show dev eth0 parent 1:2')).toMatch(
      /^qdisc netem 20: parent 1:2 limit 1000 delay 1ms.*\n Sent \d+ bytes \d+ pkt \(dropped 0, overlimits 0 requeues 0\) \n backlog 0b 0p requeues 0\n/,
    );
    await did('tc qdisc change dev h1:eth0 parent 1:2 handle 20: netem delay 2ms');
    expect(await did('tc -n h1 qdisc show dev eth0 handle 20:')).toContain('delay 2ms');
    await did('tc qdisc del dev h1:eth0 root');
  });

  // biome-ignore format: one refusal a line
  test.each([
    ['tc qdisc add dev h1:eth0 root foo',                           2, 'Error: Specified qdisc kind is unknown: "foo" is none of pfifo'],
    ['tc qdisc add dev h1:eth0 root',                               2, 'Error: Specified qdisc kind is unknown.'],
    ['tc qdisc del dev h1:eth0 root',                               2, 'Error: Cannot delete qdisc with handle of zero'],
    ['tc qdisc del dev h1:eth0',                                    2, 'Error: Failed to find qdisc with specified handle.'],
    ['tc qdisc change dev h1:eth0 root pfifo limit 5',              2, 'Error: Qdisc not found. To create specify NLM_F_CREATE flag'],
    ['tc qdisc add dev h1:eth0 parent 1:1 pfifo',                   2, 'Error: Failed to find'],
    ['tc qdisc add dev h1:eth0 root prio bands 17',                 2, 'RTNETLINK answers: Invalid argument: prio has 2 to 16 bands, not 17'],
    ['tc qdisc add dev h1:eth9 root pfifo',                         1, 'Cannot find device "eth9"'],
    ['tc qdisc show dev h1:eth9',                                   1, 'Cannot find device "eth9"'],
    ['tc qdisc add dev eth0 root pfifo',                            1, '"eth0" is on h1, h2, h3: pick one with -n NODE'],
    ['tc qdisc add root pfifo',                                     2, 'RTNETLINK answers: No such device'],
    ['tc qdisc add dev h1:eth0 root netem loss 101%',               1, 'Illegal "loss percent"'],
    ['tc -n nosuch qdisc',                                          255, 'Cannot open network namespace "nosuch": there is no node nosuch'],
  ])('%s ends with %i', async (line, code, text) => {
    const done = await tool(line);
    expect(done.stderr).toContain(text);
    expect(done.code).toBe(code);
    expect(await shown()).toMatch(/^qdisc pfifo_fast 0: root /);
  });
});

describe('ethtool', () => {
  test('the setters change what the getters print', async () => {
    await did('ethtool -G h1:eth0 rx 512 tx 256');
    expect(await did('ethtool -g h1:eth0')).toMatch(
      /Current hardware settings:\nRX:\t\t512\n[\s\S]*TX:\t\t256\n/,
    );
    await did('ethtool -n h1 -C eth0 rx-usecs 50 rx-frames 64');
    expect(await did('ethtool -c h1:eth0')).toContain('\nrx-usecs: 50\nrx-frames: 64\n');
    await did('ethtool --features h1:eth0 gro on');
    expect((await json('ethtool --json -k h1:eth0'))[0]['generic-receive-offload']).toEqual({
      active: true,
      fixed: false,
      requested: true,
    });
    await did('ethtool -s h1:eth0 speed 100 duplex half');
    expect(await did('ethtool h1:eth0')).toContain(
      '\n\tSpeed: 100Mb/s\n\tDuplex: Half\n\tAuto-negotiation: off\n',
    );
  });

  test('driver, statistics and address', async () => {
    expect(await did('ethtool -i h1:eth0')).toMatch(/^driver: wslink\nversion: /);
    expect(await did('ethtool -S h1:eth0')).toMatch(/^NIC statistics:\n {5}\w+: \d+\n/);
    expect(await did('ethtool -P h1:eth0')).toMatch(/^Permanent address: 02:[\da-f:]{14}\n$/);
  });

  // biome-ignore format: one refusal a line
  test.each([
    ['ethtool -G h1:eth0 rx 100000',                     81, 'netlink error: requested ring size exceeds maximum'],
    ['ethtool -G h1:eth0 rx 100000',                     81, '\nnetlink error: Invalid argument'],
    ['ethtool -K h1:eth0 lro on',                        1,  'Could not change any device features'],
    ['ethtool -T h1:eth0',                               1,  'netlink error: Operation not supported'],
    ['ethtool h1:eth9',                                  75, 'netlink error: no device matches name\nnetlink error: No such device'],
    ['ethtool -G h1:eth9 rx 5',                          81, 'netlink error: no device matches name\nnetlink error: No such device'],
    ['ethtool -K h1:eth9 tso off',                       92, 'netlink error: no device matches name'],
    ['ethtool -S h1:eth9',                               96, 'Cannot get stats strings information: No such device'],
    ['ethtool -L h1:eth0 combined 99',                   1,  'netlink error: requested channel count exceeds maximum'],
    ['ethtool -K h1:eth0 foo on',                        92, 'netlink error: bit name not found'],
    ['ethtool -G h1:lo rx 5',                            81, 'netlink error: Operation not supported'],
    ['ethtool -i h1:lo',                                 71, 'Cannot get driver information: Operation not supported'],
    ['ethtool -S h1:lo',                                 94, 'no stats available'],
    ['ethtool -g h1:lo',                                 1,  'netlink error: Operation not supported'],
    ['ethtool -i h1:eth9',                               71, 'Cannot get driver information: No such device'],
    ['ethtool -G h1:eth0 rx',                            1,  "ethtool (-G): no value for parameter 'rx'"],
    ['ethtool',                                          1,  'ethtool: bad command line argument(s)'],
  ])('%s ends with %i', async (line, code, text) => {
    const done = await tool(line);
    expect(done.stderr).toContain(text);
    expect(done.code).toBe(code);
  });
});

// biome-ignore format: one refusal a line
test.each([
  ['ip link set h1:eth0 mtu 67',                         2,   'Error: mtu less than device minimum'],
  ['ip link set h1:eth0 address 01:00:00:00:00:00',      2,   'RTNETLINK answers: Cannot assign requested address: 01:00:00:00:00:00 is a multicast address'],
  ['ip link property del dev h1:eth0 altname nosuch',    2,   'RTNETLINK answers: No such file or directory: '],
  ['ip link property add dev h1:eth0 altname eth0',      2,   'RTNETLINK answers: File exists: '],
  ['ip link show master br9',                            255, 'Error: argument "br9" is wrong: Device does not exist'],
  ['ip neigh show master br9',                           255, 'Error: argument "br9" is wrong: Device does not exist'],
  ['ip link set h1:eth9 up',                             1,   'Cannot find device "eth9"'],
  ['ip link show dev h1:eth9',                           1,   'Device "eth9" does not exist.'],
  ['ip addr show dev h1:eth9',                           1,   'Device "eth9" does not exist.'],
  ['ip neigh show dev h1:eth9',                          1,   'Cannot find device "eth9"'],
  ['ip link set h1:eth0 netns h2',                       255, '"netns" cannot be set on a device of a lab'],
])('%s ends with %i and changes nothing', async (line, code, text) => {
  const before = await did('ip -j -d link');
  const done = await tool(line);
  expect(done.stderr).toContain(text);
  expect(done.code).toBe(code);
  expect(await did('ip -j -d link')).toBe(before);
});

test('a program of its own ends with the code and writes the text to stderr, a line each', async () => {
  const done = await lab.cli('tc', 'qdisc', 'add', 'dev', 'h1:eth0', 'root', 'tbf', 'rate', '1mbit');
  const lines = ['tbf: the "burst" parameter is mandatory.', 'tbf: either "limit" or "latency" is required.'];
  expect(done.stderr.split('\n').slice(0, 2)).toEqual(lines);
  expect(done.stderr).toMatch(/\nUsage: \.\.\. tbf rate RATE burst BYTES .*\n$/);
  expect(done).toMatchObject({ code: 1, stdout: '' });
});

test('-V and --version name the tool and the version', async () => {
  expect(await did('ip -V')).toMatch(/^ip utility, etherloom-\d+\.\d+\.\d+\n$/);
  expect(await did('tc -Version')).toMatch(/^tc utility, etherloom-/);
  expect(await did('ethtool --version')).toMatch(/^ethtool version etherloom-/);
});

test('a refusal with --json leaves JSON on stdout all the same', async () => {
  for (const line of ['ethtool --json -k h1:eth9', 'ethtool --json -a h1:lo', 'ethtool --json h1:eth9']) {
    const { stdout, code } = await tool(line);
    expect(code).toBeGreaterThan(0);
    expect(JSON.parse(stdout.replace('No data available\n', ''))).toEqual([]);
  }
});

describe('-batch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'batch-'));
  const file = join(folder, 'lines');
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (line: string, text: string) => {
    writeFileSync(file, text);
    return lab.cli(...line.split(' '), file);
  };

  test('runs the lines of a file one after the other', async () => {
    const text =
      '# a desk\nlink set dev eth0 alias "my desk"\n\nlink show dev eth0\nlink set eth0 alias \'\'\n';
    const done = await run('ip -n h1 -batch', text);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('\n    alias my desk\n');
    expect(await did('ip -n h1 link show eth0')).not.toContain('alias');
  });

  test('ends at the line that fails and names it; with -force goes on, and ends with 1 all the same', async () => {
    const text = 'qdisc add dev eth0 root pfifo foo\nqdisc show dev eth0\n';
    const ended = await run('tc -n h1 -b', text);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^pfifo: unknown parameter "foo"\nUsage: .*\nCommand failed \S+lines:1\n$/);
    const went = await run('tc -n h1 -force -b', text);
    expect(went).toMatchObject({ code: 1, stderr: ended.stderr });
    expect(went.stdout).toMatch(/^qdisc pfifo_fast 0: root /);
  });
});

test('ping -w ends in time: 0 without a count, 1 when the count was not reached, as ping has it', async () => {
  const free = await lab.cli('ping', 'h1', 'h2', '-n', '-i', '0.2', '-w', '1');
  expect(free).toMatchObject({ code: 0, stderr: '' });
  expect(Number(/^(\d+) packets transmitted/m.exec(free.stdout)?.[1])).toBeLessThanOrEqual(6);
  const counted = await lab.cli('ping', 'h1', 'h2', '-c', '50', '-i', '0.2', '-w', '1');
  expect(counted).toMatchObject({ code: 1, stderr: '' });
  expect(counted.stdout).toMatch(/^rtt min\/avg\/max\/mdev = /m);
});

test('--help of each tool has its grammar and examples', async () => {
  for (const name of ['ip', 'tc', 'ethtool']) {
    const { stdout: help } = await lab.cli(name, '--help');
    expect(help).toContain(`etherloom ${name} `);
    expect(help).toContain('Examples:');
  }
});
