/** Open vSwitch with its datapath in user space; its ports are TAPs that move into the hosts' namespaces. */
import { join } from 'node:path';
import { must, works } from './bed.ts';
import { type Host, lacking, type Rival } from './rival.ts';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

export const ovs: Rival = {
  id: 'ovs',
  title: 'Open vSwitch, userspace datapath, two TAPs',
  missing: () => lacking('openvswitch', 'openvswitch-switch', 'ovs-vswitchd', 'ovsdb-server', 'ovs-vsctl'),
  async lay(bed) {
    const file = (name: string): string => join(bed.folder, name);
    const env = { OVS_RUNDIR: bed.folder, OVS_LOGDIR: bed.folder, OVS_DBDIR: bed.folder };
    const socket = `unix:${file('db.sock')}`;
    const vsctl = (...words: string[]): Promise<string> =>
      must('ovs-vsctl', '--timeout=10', `--db=${socket}`, ...words);
    const netns = await bed.netns('net');
    await must('ovsdb-tool', 'create', file('conf.db'), SCHEMA);
    const database = ['ovsdb-server', file('conf.db'), `--remote=p${socket}`, '-vconsole:err'];
    bed.start('ovsdb-server', netns, [...database, `--unixctl=${file('db.ctl')}`], env);
    await bed.wait('ovsdb-server listens', () => works('test', '-S', file('db.sock')));
    await vsctl('--no-wait', 'init');
    const daemon = ['ovs-vswitchd', socket, '-vconsole:err', `--unixctl=${file('vswitchd.ctl')}`];
    bed.start('ovs-vswitchd', netns, daemon, env);
    await vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev');
    const host = async (name: string): Promise<Host> => {
      const dev = `tap-${name}`;
      const to = await bed.netns(name);
      await vsctl('add-port', 'br0', dev, '--', 'set', 'interface', dev, 'type=internal');
      await bed.interface(netns, dev);
      await must('ip', '-n', netns, 'link', 'set', dev, 'netns', to);
      return { netns: to, dev };
    };
    return { a: await host('a'), b: await host('b') };
  },
};
