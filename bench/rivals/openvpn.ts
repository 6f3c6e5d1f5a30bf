/** OpenVPN, point to point over UDP on a loopback interface, with neither TLS nor cipher: two TAPs. */
import { must } from './bed.ts';
import { type Host, lacking, type Rival } from './rival.ts';

const PORTS = { a: 1194, b: 1195 } as const;

export const openvpn: Rival = {
  id: 'openvpn',
  title: 'OpenVPN, dev tap, no cipher',
  missing: () => lacking('openvpn', 'openvpn', 'openvpn'),
  async lay(bed) {
    const between = await bed.netns('net');
    const host = async (name: 'a' | 'b', other: 'a' | 'b'): Promise<Host> => {
      const netns = await bed.netns(name);
      const dev = `tap-${name}`;
      const udp = ['--proto', 'udp4', '--local', '127.0.0.1', '--lport', `${PORTS[name]}`];
      const peer = ['--remote', '127.0.0.1', `${PORTS[other]}`, 'udp4'];
      const plain = ['--cipher', 'none', '--auth', 'none', '--mssfix', '0', '--verb', '1'];
      const device = ['--dev', dev, '--dev-type', 'tap', '--tun-mtu', '1500'];
      bed.start(`openvpn ${name}`, between, ['openvpn', ...device, ...udp, ...peer, ...plain]);
      await bed.interface(between, dev);
      await must('ip', '-n', between, 'link', 'set', dev, 'netns', netns);
      return { netns, dev };
    };
    return { a: await host('a', 'b'), b: await host('b', 'a') };
  },
};
