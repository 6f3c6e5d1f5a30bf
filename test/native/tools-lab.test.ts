/** The same lines given to the real tools on a TAP, and to ours on a device of a running lab: the same dumps come of it. */
import process from 'node:process';
import { cleanStaleNetns, createNetns, deleteNetns } from '@etherloom/tap';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { inProcess } from '../support/command-line.ts';
import { type Finished, run } from '../support/program.ts';
import { type Up, up } from '../support/up.ts';
import { words } from './tc-oracle.ts';

const NETNS = `el-both-${process.pid}`;

describeWith(
  'a line does the same to a real interface and to a device of a lab',
  ['root', 'tun', 'netns'],
  () => {
    let lab: Up;
    const real = (line: string) => run('ip', ['netns', 'exec', NETNS, ...words(line)]);
    const ours = (line: string) => {
      const [tool, ...rest] = words(line);
      return inProcess([tool!, '-n', 'h1', ...rest], lab.url);
    };

    beforeAll(async () => {
      lab = await up('examples/three-hosts.yaml');
      cleanStaleNetns(); // of a run that was killed
      createNetns(NETNS);
      for (const line of ['ip tuntap add dev eth0 mode tap', 'ip link set eth0 up']) await real(line);
    });

    afterAll(async () => {
      deleteNetns(NETNS);
      await lab?.stop('SIGKILL').catch(() => {});
    });

    /** Both refuse or both do; ours begins with the words of the tool, those of the kernel among them. */
    function expectAlike(mine: Finished, theirs: Finished): void {
      expect(mine.code).toBe(theirs.code);
      const [said] = theirs.stderr.split('\n', 1) as [string];
      const begun = said.replace(/\.$/, '');
      expect(mine.stderr.slice(0, begun.length)).toBe(begun);
    }

    async function expectSameDump(line: string): Promise<void> {
      const [mine, theirs] = [await ours(line), await real(line)];
      expect(handles(mine.stdout)).toBe(handles(theirs.stdout));
    }

    test.each([
      'tc qdisc del dev eth0 root',
      'tc qdisc del dev eth0',
      'tc qdisc change dev eth0 root pfifo limit 5',
      'tc qdisc add dev eth0 parent 1:1 pfifo',
      'tc qdisc del dev eth0 parent 1:1',
      'tc qdisc add dev eth0 root nosuch',
      'tc qdisc add dev eth0 root handle 1: pfifo limit 100',
      'tc qdisc change dev eth0 root handle 1: pfifo limit 200',
      'tc qdisc change dev eth0 root pfifo',
      'tc qdisc change dev eth0 root handle 2: pfifo limit 5',
      'tc qdisc change dev eth0 root bfifo limit 5',
      'tc qdisc add dev eth0 root handle 1: pfifo limit 5',
      'tc qdisc replace dev eth0 root handle 1: bfifo limit 10k',
      'tc qdisc replace dev eth0 root handle 2: bfifo limit 10k',
      'tc qdisc replace dev eth0 root pfifo limit 7',
      'tc qdisc add dev eth0 root bfifo limit 9000',
      'tc qdisc del dev eth0 root handle 77:',
      'tc qdisc del dev eth0 root',
      'tc qdisc replace dev eth0 root handle 3: tbf rate 1mbit burst 10k latency 50ms',
      'tc qdisc change dev eth0 root handle 3: tbf rate 2mbit burst 20k limit 100k',
      'tc qdisc add dev eth0 parent 3:1 handle 30: pfifo limit 9',
      'tc qdisc replace dev eth0 root handle 4: pfifo_fast',
      'tc qdisc del dev eth0 root',
      'tc qdisc replace dev eth0 root handle 5: tbf rate 1mbit burst 10k limit 20000 peakrate 2mbit mtu 2000',
      'tc qdisc del dev eth0 root',
      'tc qdisc add dev eth0 parent 1 pfifo',
      'tc qdisc add dev eth0 parent none pfifo',
      'tc qdisc add dev eth0 root handle none pfifo limit 3',
      'tc qdisc add dev eth0 root pfifo limit 4',
      'tc qdisc add dev eth0 root handle 0: pfifo',
      'tc qdisc del dev eth0 root bfifo',
      'tc qdisc del dev eth0 root pfifo',
      'tc qdisc add dev eth0 root handle 0x12: pfifo limit 0x10',
      'tc qdisc replace dev eth0 root pfifo limit 1.5k',
      'tc qdisc replace dev eth0 root handle 1:1 pfifo limit 010',
      'tc qdisc change dev eth0 root handle ffff: pfifo',
      'tc qdisc add dev eth0 handle 13: pfifo',
      'tc qdisc add dev eth0 handle 1: pfifo',
      'tc qdisc change dev eth0 handle 1: bfifo',
      'tc qdisc change dev eth0 handle 1: pfifo limit 12',
      'tc qdisc replace dev eth0 handle 1: pfifo limit 13',
      'tc qdisc add dev eth0 pfifo',
      'tc qdisc del dev eth0 handle 13:',
      'tc qdisc replace dev eth0',
      'tc qdisc del dev nosuch root',
      'tc qdisc replace dev eth0 root tbf rate 1mbit burst 1 limit 10',
      'tc qdisc replace dev eth0 root tbf rate 1kbit burst 10k limit 0 latency 1ms',
      'tc qdisc del dev eth0 root',
    ])('%s', async (line) => {
      expectAlike(await ours(line), await real(line));
      for (const show of [
        'tc qdisc show dev eth0',
        'tc -j qdisc show dev eth0',
        'tc -j -p -s qdisc show dev eth0',
      ])
        await expectSameDump(show);
    });

    test.each([
      'ip link set eth0 mtu 67',
      'ip link set eth0 address 01:00:00:00:00:00',
      'ip link set eth0 mtu 1400 txqueuelen 50',
      'ip link set eth0 promisc on allmulticast on',
      'ip link set eth0 group 7 alias desk',
      'ip link set eth0 mode dormant',
      'ip link property add dev eth0 altname wire altname lan',
      'ip link property add dev eth0 altname wire',
      'ip link property del dev eth0 altname nosuch',
      'ip link set wire mtu 1300',
      'ip link set eth0 multicast off arp off',
      'ip link set eth0 promisc off allmulticast off multicast on arp on group default',
      'ip link set eth0 mtu 65536',
      'ip link set eth0 txqueuelen 0',
      'ip link set eth0 txqueuelen 1000',
      'ip link set eth0 address 00:00:00:00:00:00',
      'ip link set eth0 address ff:ff:ff:ff:ff:ff',
      'ip link property add dev eth0 altname eth0',
      'ip link property del dev eth0 altname eth0',
      'ip link property add dev eth0 altname lo',
      'ip link set nosuch up',
      "ip link set eth0 alias ''",
      'ip link set eth0',
      'ip link set eth0 down',
      'ip link set eth0 up',
    ])('%s', async (line) => {
      expectAlike(await ours(line), await real(line));
      const view = async (tool: (line: string) => Promise<Finished>) => {
        const [link] = JSON.parse((await tool('ip -j -d link show dev eth0')).stdout);
        const { mtu, txqlen, promiscuity, allmulti, group, ifalias, linkmode, altnames, flags } = link;
        const own = flags.filter((flag: string) => !['NO-CARRIER', 'LOWER_UP'].includes(flag));
        return { mtu, txqlen, promiscuity, allmulti, group, ifalias, linkmode, altnames, flags: own };
      };
      expect(await view(ours)).toEqual(await view(real));
    });
  },
);

/** The handles a kernel gives by itself count on, from namespace to namespace. */
function handles(text: string): string {
  return text.replaceAll(/\b8[\da-f]{3}:/g, 'auto:').trimEnd();
}
