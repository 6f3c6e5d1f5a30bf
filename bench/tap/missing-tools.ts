/** What every trial over TAPs needs of the machine. */
import { unmet } from '../../test/requirements.ts';
import type { Skip } from '../report/trial.ts';
import { lacking } from '../rivals/rival.ts';

const WHAT = 'Linux hosts in namespaces';

export function missingTools(): Skip | null {
  const tools: [string, string][] = [
    ['iperf3', 'iperf3'],
    ['ping', 'iputils-ping'],
    ['ethtool', 'ethtool'],
    ['setpriv', 'util-linux'],
    ['sysctl', 'procps'],
  ];
  const reason = unmet('root', 'tun', 'netns');
  if (reason !== '') return { what: WHAT, why: reason, remedy: 'run as root on Linux with /dev/net/tun' };
  for (const [program, packageName] of tools) {
    const absent = lacking(WHAT, packageName, program);
    if (absent !== null) return absent;
  }
  return null;
}
