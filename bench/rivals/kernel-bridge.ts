/** A Linux bridge in a namespace of its own, with a veth pair to each host. */
import { must } from './bed.ts';
import { type Host, lacking, type Rival } from './rival.ts';

export const kernelBridge: Rival = {
  id: 'kernel-bridge',
  title: 'Linux bridge, two veth pairs',
  missing: () => lacking('kernel bridge', 'iproute2', 'ip'),
  async lay(bed) {
    const bridge = await bed.netns('net');
    await must('ip', '-n', bridge, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
    await must('ip', '-n', bridge, 'link', 'set', 'br0', 'up');
    // Where Docker has been, frames of a bridge would go through iptables.
    const netfilter = 'f=/proc/sys/net/bridge/bridge-nf-call-iptables; [ ! -e $f ] || echo 0 > $f';
    await must('ip', 'netns', 'exec', bridge, 'sh', '-c', netfilter);
    const host = async (name: string): Promise<Host> => {
      const netns = await bed.netns(name);
      const peer = ['peer', 'name', 'eth0', 'netns', netns];
      await must('ip', '-n', bridge, 'link', 'add', `port-${name}`, 'type', 'veth', ...peer);
      await must('ip', '-n', bridge, 'link', 'set', `port-${name}`, 'master', 'br0', 'up');
      return { netns, dev: 'eth0' };
    };
    const a = await host('a');
    const b = await host('b');
    const port = (name: string): Host => ({ netns: bridge, dev: `port-${name}` });
    return { a, b, between: [port('a'), port('b')] };
  },
};
