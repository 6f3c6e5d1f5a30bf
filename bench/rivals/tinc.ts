/** tinc in switch mode with neither cipher nor digest: two daemons that meet over UDP on a loopback interface. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bed, must } from './bed.ts';
import { type Host, lacking, type Rival } from './rival.ts';

const PORTS = { a: 6551, b: 6552 } as const;
type Name = keyof typeof PORTS;

/** Settings and a key pair; the public half is appended to the daemon's own hosts file. */
async function configure(folder: string, name: Name, connectTo: string): Promise<void> {
  mkdirSync(join(folder, 'hosts'), { recursive: true });
  const settings = [
    `Name = ${name}`,
    'Mode = switch',
    `Interface = tap-${name}`,
    'DeviceType = tap',
    'AddressFamily = ipv4',
    'BindToAddress = 127.0.0.1',
    connectTo,
  ];
  writeFileSync(join(folder, 'tinc.conf'), `${settings.join('\n')}\n`);
  const itself = ['Address = 127.0.0.1', `Port = ${PORTS[name]}`, 'Cipher = none', 'Digest = none'];
  writeFileSync(join(folder, 'hosts', name), `${itself.join('\n')}\nCompression = 0\n`);
  await must('tincd', '--config', folder, '--generate-keys=2048');
}

/** Each knows the other's address and key. */
function introduce(from: string, to: string, name: Name): void {
  writeFileSync(join(to, 'hosts', name), readFileSync(join(from, 'hosts', name)));
}

async function host(bed: Bed, between: string, name: Name, folder: string): Promise<Host> {
  const netns = await bed.netns(name);
  const pid = join(bed.folder, `${name}.pid`);
  bed.start(`tincd ${name}`, between, ['tincd', '--config', folder, '--no-detach', `--pidfile=${pid}`]);
  const dev = `tap-${name}`;
  await bed.interface(between, dev);
  await must('ip', '-n', between, 'link', 'set', dev, 'netns', netns);
  return { netns, dev };
}

export const tinc: Rival = {
  id: 'tinc',
  title: 'tinc, switch mode, no cipher',
  missing: () => lacking('tinc', 'tinc', 'tincd'),
  async lay(bed) {
    const [a, b] = [join(bed.folder, 'a'), join(bed.folder, 'b')];
    await configure(a, 'a', 'ConnectTo = b');
    await configure(b, 'b', '');
    introduce(a, b, 'a');
    introduce(b, a, 'b');
    const between = await bed.netns('net');
    return { b: await host(bed, between, 'b', b), a: await host(bed, between, 'a', a) };
  },
};
