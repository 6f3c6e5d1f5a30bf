/** What we read by netlink, against what the real `ip` prints of the same namespace. */
import { createNetns, deleteNetns, dumpAddresses, dumpNeighbours, netnsPath } from '@etherloom/tap';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { run } from '../support/program.ts';

const NETNS = `el-dump-${process.pid}`;

const COMMANDS = [
  'ip link set lo up',
  'ip tuntap add d0 mode tap',
  'ip link set d0 up',
  'ip tuntap add d1 mode tun',
  'ip link add link d0 name d0.7 type vlan id 7',
  'ip link add br0 type bridge',
  'ip link set d0 master br0',
  'ip addr add 10.9.0.1/24 dev d0',
  'ip addr add 10.9.0.5/24 brd + dev d0',
  'ip addr add 10.9.1.1 peer 10.9.1.2/32 dev d0',
  'ip addr add 10.9.3.1/24 dev d0 valid_lft forever preferred_lft 0',
  'ip addr add 169.254.1.1/16 dev d0 scope link metric 7',
  'ip -6 addr add fd00::1/64 dev d0 nodad',
  'ip -6 addr add fd00:0:0:1::ffff:0:2/64 dev d0',
  'ip -6 addr add fe80::1:2/64 dev d0 noprefixroute',
  'ip link property add dev d0 altname foo-bar altname enp0s1',
  'ip link set d0 group 4 alias hello',
  'ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev d0',
  'ip neigh add 10.9.0.3 lladdr 02:00:00:00:00:03 dev d0 nud stale',
  'ip neigh add fd00::9 lladdr 02:00:00:00:00:09 dev d0 router',
  'ip neigh add proxy 10.9.0.77 dev d0',
  'ip neigh add 10.9.0.4 dev d0 nud noarp lladdr 02:00:00:00:00:04',
];

/** The text, not the value: the order of keys counts. */
const ipJson = async (...args: string[]): Promise<string[]> => {
  const { stdout } = await run('ip', ['-n', NETNS, '-j', ...args]);
  return (JSON.parse(stdout) as unknown[]).map((entry) => JSON.stringify(entry));
};
const texts = (entries: readonly unknown[]) => entries.map((entry) => JSON.stringify(entry));

describeWith('addresses and neighbours of Linux', ['root', 'tun', 'netns'], () => {
  beforeAll(async () => {
    createNetns(NETNS);
    for (const command of COMMANDS) await run('ip', ['netns', 'exec', NETNS, ...command.split(' ')]);
  });
  afterAll(() => deleteNetns(NETNS));

  test('every interface with its addresses is told byte for byte as ip -j addr does', async () => {
    const real = await ipJson('addr');
    expect(real.length).toBeGreaterThan(2);
    expect(texts(dumpAddresses(netnsPath(NETNS)))).toEqual(real);
  });

  test('every neighbour is told byte for byte as ip -j -s neigh does', async () => {
    let [ours, real]: [string[], string[]] = [[], ['-']];
    // A second may begin between the two.
    for (let attempt = 0; attempt < 5 && ours.join() !== real.join(); attempt++) {
      real = await ipJson('-s', 'neigh');
      ours = texts(dumpNeighbours(netnsPath(NETNS)));
    }
    expect(real.length).toBeGreaterThan(2);
    expect(ours).toEqual(real);
  });
});
