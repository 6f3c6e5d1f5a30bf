/** What the real ip and tc take, ours take; what they refuse, ours refuse with the same first line and exit code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readIpWords } from '../../packages/cli/src/words/ip-words.ts';
import { readTcWords } from '../../packages/cli/src/words/tc-words.ts';
import { describeWith } from '../requirements.ts';
import { words } from './tc-oracle.ts';
import { real, setUpTools, tearDownTools } from './tools-bed.ts';

/** Lines that mean something; whether the kernel then does it is another question. */
const TAKEN = `
  ip -- link show lo
  ip -c=never link show lo
  ip -c=auto -br link
  ip -co -br link
  ip -br -c link
  ip -h -s link show v0
  ip -iec -s link show lo
  ip -t -ts link show lo
  ip -force -a link show lo
  ip -l 3 -rc 10000 link show lo
  ip -f link link show lo
  ip -0 addr show lo
  ip -s -s -d link show dev v0
  ip -s -d -s l sh v0
  ip -j -p -o link
  ip -V
  ip l l
  ip link ls
  ip a s
  ip a sh
  ip n s
  ip n l
  ip ne
  ip neighbor
  ip link show nomaster
  ip link show type foo
  ip link show group default
  ip link show dev v0 up
  ip link show up up
  ip link set v0 mtu 0x5dc
  ip link set v0 mtu 02734
  ip link set v0 txq 500
  ip link set v0 qlen 1000
  ip link set v0 addr 02:00:00:00:00:07
  ip link set v0 group 0x7 mode DORMANT
  ip link set v0 group default mode default
  ip addr show dynamic
  ip addr show -permanent primary
  ip addr show -tentative deprecated temporary
  ip addr show mngtmpaddr home nodad dadfailed
  ip addr show label v0
  ip addr show to 10/8
  ip addr show to 10.0.0
  ip addr show to default
  ip addr show scope 254
  ip addr show scope 0xfe
  ip addr show scope nowhere
  ip addr show nomaster group 0
  ip addr show up type veth
  ip neigh show 10/8
  ip neigh show nud all unused
  ip neigh show nud 0x80
  ip neigh show all
  ip neigh show proxy nomaster
  tc -s -d qdisc
  tc -br -nm -g -t qdisc
  tc -f -N qdisc
  tc -cf x qdisc
  tc -color=never qdisc
  tc -V
  tc q ls dev v0
  tc qdisc show dev v0 dev v1
  tc qdisc show ingress
  tc qdisc show root
  tc qdisc show dev v0 parent 0x1:1
  tc qdisc replace dev v0 root pfifo limit 0x10
  tc qdisc replace dev v0 handle 10 root bfifo limit 5k
  tc qdisc replace root dev v0 pfifo limit 5e1
  tc qdisc del dev v0 root
`;

/** Those behind "netem" and its kind, of a device that is not there: tc reads them whole before it looks for it. */
const OPTIONS_TAKEN = `
  netem delay 10ms 2ms 25% distribution normal loss gemodel 1% 10%
  netem delay 0x10ms
  netem delay 10MS
  netem delay 1e3
  netem delay +5ms
  netem delay 10ms delay 20ms
  netem d 10ms los 1% lim 5 dup 1% c 1%
  netem s 1ms
  netem loss 0.5% duplicate .5%
  netem rate 1Mibit
  netem rate 1MBps
  netem rate 10mbit -5 -5
  netem limit 010
  netem ecn loss 1%
  tbf rate 1mbit burst 10k lat 1ms linklayer ethernet
  prio bands 0
  prio multiqueue
  fq_codel flows 010 target 5 drop_batch 5
  pfifo limit 10Mbit
`;

const REFUSED = `
  ip -x link
  ip -e link
  ip -sd link
  ip -color=foo link
  ip -f foo link
  ip foo
  ip link foo
  ip addr foo
  ip neigh foo
  ip addr up
  ip link s
  ip link set up
  ip link show type
  ip link show group foo
  ip link show vrf foo
  ip link show v0 v0
  ip link show dev
  ip link set v0 mtu 68.5
  ip link set v0 txqueuelen x
  ip link set v0 promisc ON
  ip link set v0 carrier foo
  ip link set v0 alias
  ip addr show scope foo
  ip addr show scope 300
  ip addr show scope
  ip addr show to foo
  ip addr show to 10.0.0.1/33
  ip addr show to 1.2.3.4.5
  ip addr show label
  ip addr show v0 v1
  ip neigh show dev v0 dev v0
  ip neigh show nud
  ip neigh show nud REACHABLE
  ip neigh show v0
  ip neigh show to
  tc -x qdisc
  tc -color=foo qdisc
  tc foo
  tc qdisc foo
  tc qdisc get dev v0 root
  tc qdisc show dev
  tc qdisc show dev v0 root handle 1:
  tc qdisc add dev v0 root handle 10: handle 11: pfifo
  tc qdisc add dev v0 root handle 10000: pfifo
  tc qdisc add dev v0 root handle : pfifo
  tc qdisc add dev v0 parent 1:10000 pfifo
  tc qdisc add dev v0 parent 1:zz pfifo
  tc qdisc add dev v0 parent 1 root
  tc qdisc add dev v0 root parent 1:1
  tc qdisc add dev v0 pfifo limit 5 root
  tc qdisc add dev v0 root foo help
  tc qdisc add dev v0 root pfifo_fast help
`;

const OPTIONS_REFUSED = `
  netem delay
  netem delay 10 ms
  netem delay 10ms 2ms 25% normal
  netem delay 10ms distribution normal
  netem delay 10ms 2ms 101%
  netem delay 10ms -2ms
  netem delay 10ms reorder 25% gap -1
  netem loss -1%
  netem loss 1% -5%
  netem loss 1%%
  netem loss .5%
  netem loss random
  netem loss 1 2 3
  netem loss state
  netem loss state 101
  netem loss state 1 2 3 4 5 6
  netem loss gemodel 1 2 3 101
  netem duplicate 101
  netem limit -1
  netem rate
  netem rate 1m
  netem slot 5ms 1ms
  netem slot 1ms packets
  netem slot 1ms bytes -5
  netem slot distribution normal 5ms
  netem l 1%
  netem r 1mbit
  netem g 5
  tbf rate 1mbit burst 10k latency 50ms limit 10
  tbf limit 1k rate 0 burst 5
  tbf rate 1mbit burst 10k/3 lat 1ms
  tbf rate 1mbit burst 10k lat 1ms linklayer foo
  tbf rate 1mbit burst 10k lat 0
  tbf rate 1mbit burst 10k peakrate 2mbit lat 1ms
  tbf overhead x
  prio priomap 1 priomap 2
  prio priomap x
  prio bands x
  fq_codel limit -1
  fq_codel memory_limit x
  bfifo limit 5000000000
  pfifo limit 10Tbit
`;

const lines = (text: string): string[] => text.trim().split(/\n\s*/);
const options = (text: string): string[] => lines(text).map((line) => `tc qdisc add dev nosuch root ${line}`);

describeWith('the grammar of ip and tc', ['root', 'tun', 'netns'], () => {
  beforeAll(setUpTools);
  afterAll(tearDownTools);

  test.each([...lines(TAKEN), ...options(OPTIONS_TAKEN)])('%s is taken by both', async (line) => {
    const { code, stderr } = await real(...(words(line) as [string, ...string[]]));
    // What the kernel refuses, or a device that is not there, is past the words.
    if (code !== 0) expect(stderr).toMatch(/^(Cannot find device|Error: |RTNETLINK answers)/);
    expect(() => read(line)).not.toThrow();
  });

  describe('the same first line and the same exit code:', () => {
    test.each([...lines(REFUSED), ...options(OPTIONS_REFUSED)])('%s', async (line) => {
      const theirs = await real(...(words(line) as [string, ...string[]]));
      const ours = refusalOf(() => read(line));
      expect(plain(ours.message)).toBe(plain(theirs.stderr));
      expect(ours.exitCode).toBe(theirs.code);
    });
  });
});

function read(line: string): unknown {
  const [tool, ...rest] = words(line);
  return tool === 'ip' ? readIpWords(rest) : readTcWords(rest);
}

/** The first line, whichever way help is asked for. */
function plain(text: string): string {
  const [first] = text.trimStart().split('\n', 1) as [string];
  return first.replace(/try "(?:etherloom )?(.*?) (?:--|-)?help"/, 'try "$1 help"');
}

function refusalOf(run: () => unknown): { message: string; exitCode: number } {
  try {
    run();
  } catch (error) {
    return error as { message: string; exitCode: number };
  }
  throw new Error('not refused');
}
