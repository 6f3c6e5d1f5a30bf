/**
 * The same lines of `ip link` on a pair of Linux veths and on ours: the same refusals, and the same devices afterwards.
 * What holds these rules without root and Linux are the tables beside netcore's files; this test holds the tables.
 */
import { createNetns, deleteNetns } from '@etherloom/tap';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { run } from '../support/program.ts';
import { OurLinks } from './device-rules-ours.ts';

const NETNS = 'el-device-rules';
const PAIR = 'add v0 type veth peer name v1';
const BOTH_UP = ['set v0 up', 'set v1 up'];
const DORMANT = [...BOTH_UP, 'set v1 mode dormant'];
const FLAP = ['set v0 down', 'set v0 up'];
const LONG = 'x'.repeat(127);

/** Keys of `ip -j -d -s -s link` that must agree; addresses are random and counters the traffic's. */
const KEYS = 'ifname link flags mtu qdisc operstate linkmode group txqlen link_type broadcast promiscuity allmulti min_mtu max_mtu linkinfo tso_max_size ifalias altnames'; // biome-ignore format: one list
const STRERROR: Record<string, string> = {
  'File exists': 'EEXIST',
  'Invalid argument': 'EINVAL',
  'No such file or directory': 'ENOENT',
  'Operation not supported': 'EOPNOTSUPP',
  'Cannot assign requested address': 'EADDRNOTAVAIL',
  'Device or resource busy': 'EBUSY',
};

/** A queue length of 0 is not printed by iproute2; ours is told over REST. */
const pick = (link: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(link).filter(
      ([key, value]) => KEYS.split(' ').includes(key) && !(key === 'txqlen' && value === 0),
    ),
  );

/** What the real `ip link` answered: an errno, or the words of the kernel. */
async function linux(line: string): Promise<string> {
  const done = await run('ip', ['-n', NETNS, 'link', ...line.split(' ')]);
  if (done.code === 0) return 'done';
  const [, text = done.stderr] = /^RTNETLINK answers: (.*)$/m.exec(done.stderr) ?? [];
  const [, words] = /^Error: (.*)\.$/m.exec(done.stderr) ?? [];
  return words ?? STRERROR[text] ?? (done.stderr.startsWith('Cannot find device') ? 'ENODEV' : text);
}

async function linuxShows(): Promise<unknown[]> {
  const { stdout } = await run('ip', ['-n', NETNS, '-j', '-d', '-s', '-s', 'link']);
  return (JSON.parse(stdout) as Record<string, unknown>[]).map(pick).sort(byName);
}

const byName = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  String(a['ifname']).localeCompare(String(b['ifname']));

describeWith('devices answer as those of Linux', ['root', 'netns'], () => {
  beforeAll(() => createNetns(NETNS));
  afterAll(() => deleteNetns(NETNS));

  // biome-ignore format: one script a line
  test.each<[string, string[]]>([
    ['a pair, down',                      []],
    ['one end up: LOWERLAYERDOWN',        ['set v0 up']],
    ['both ends up',                      BOTH_UP],
    ['one end down again',                [...BOTH_UP, 'set v1 down']],
    ['an end goes: both go',              [...BOTH_UP, 'del v1']],
    ['lo cannot go',                      ['del lo']],
    ['dormant mode changes nothing yet',  DORMANT],
    ['dormant mode, next time it is up',  [...DORMANT, ...FLAP]],
    ['user space raises it',              [...DORMANT, ...FLAP, 'set v1 state up']],
    ['back to default mode: stays',       [...DORMANT, ...FLAP, 'set v1 mode default']],
    ['user space says dormant',           [...BOTH_UP, 'set v1 state dormant']],
    ['user space says testing',           [...BOTH_UP, 'set v1 state testing']],
    ['and dormant is too late then',      [...BOTH_UP, 'set v1 state testing', 'set v1 state dormant']],
    ['user space may not say down',       [...BOTH_UP, 'set v1 state down']],
    ['nor up without carrier',            ['set v1 up', 'set v1 state up']],
    ['carrier by hand: veth has none',    ['set v0 carrier off']],
    ['altnames',                          ['property add dev v0 altname wan', `property add dev v0 altname ${LONG}`]],
    ['an altname like a template',        ['property add dev v0 altname b%d']],
    ['an altname that it has',            ['property add dev v0 altname wan', 'property add dev v0 altname wan']],
    ["another's altname",                 ['property add dev v0 altname wan', 'property add dev v1 altname wan']],
    ['a name as an altname',              ['property add dev v1 altname v0', 'property add dev v1 altname v1']],
    ['an altname that is too long',       [`property add dev v0 altname ${LONG}x`]],
    ['an altname that is none, deleted',  ['property del dev v0 altname nope']],
    ["a name, another's altname, deleted", ['property add dev v1 altname wan', 'property del dev v0 altname v0', 'property del dev v0 altname wan']],
    ['an altname deleted, and added',     ['property add dev v0 altname wan', 'property del dev v0 altname wan', 'property add dev v1 altname wan']],
    ['found by its altname',              ['property add dev v0 altname wan', 'set wan mtu 1400']],
    ['no device of an altname in use',    ['property add dev v0 altname wan', 'add wan type veth peer name v2']],
    ['a rename to an altname',            ['property add dev v0 altname wan', 'set v1 name wan', 'set v0 name wan']],
    ['a rename',                          ['set v0 name lan0']],
    ['a rename while up',                 [...BOTH_UP, 'set v0 name lan0']],
    ['a rename to a name in use',         ['set v0 name v1']],
    ['a rename by a template',            ['set v0 name lan%d', 'set v1 name lan%d']],
    ['templates that are none',           ['set v0 name q%s', 'set v0 name q%dx%d', 'set v0 name q:1']],
    ['a template passes an altname by',   ['property add dev v1 altname lan0', 'set v0 name lan%d']],
    ['a group address',                   ['set v0 address 01:00:00:00:00:01']],
    ['no address',                        ['set v0 address 00:00:00:00:00:00']],
    ['an address while up',               [...BOTH_UP, 'set v0 address 02:00:00:00:00:01']],
    ['too small an mtu',                  ['set v0 mtu 67']],
    ['too large an mtu',                  ['set v0 mtu 65536']],
    ['an mtu below nothing',              ['set v0 mtu -1']],
    ['an mtu while up',                   [...BOTH_UP, 'set v0 mtu 9000']],
    ['an alias, and none',                ['set v0 alias uplink', 'set v1 alias x', 'set v1 alias ']],
    ['a group',                           ['set v0 group 5']],
    ['a queue length',                    ['set v0 txqueuelen 7']],
    ['no queue at all',                   ['set v0 txqueuelen 0', ...BOTH_UP]],
    ['promiscuous, twice',                ['set v0 promisc on', 'set v0 promisc on']],
    ['promiscuous no more',               [...BOTH_UP, 'set v0 promisc on', 'set v0 promisc off']],
    ['all multicast',                     [...BOTH_UP, 'set v0 allmulticast on']],
    ['every flag that may be set',        ['set v0 arp off', 'set v0 multicast off', 'set v0 dynamic on', 'set v0 trailers off']],
    ['a link that is there already',      ['add v2 type veth peer name v0', 'add v1 type veth peer name v2']],
    ['a link with a group address',       ['add v2 address 01:00:00:00:00:01 type veth peer name v3']],
  ])('%s', async (_name, lines) => {
    await linux('del v0');
    await linux('del lan0');
    await linux(PAIR);
    const ours = new OurLinks();
    ours.link(PAIR);
    for (const line of lines) {
      const theirs = await linux(line);
      const answer = ours.link(line);
      expect([line, answer.startsWith(theirs) ? theirs : answer]).toEqual([line, theirs]);
    }
    const want = ours.show().map(pick).sort(byName);
    await expect.poll(linuxShows, { timeout: 3000, interval: 50 }).toEqual(want);
  });
});
