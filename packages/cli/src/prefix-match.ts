/** Whether an address lies in a prefix, of either family. */
import { BlockList, isIPv6 } from 'node:net';

/** "10.0.0.0/24", "fd00::/64", or one address alone; "10.0.0.1/24" means the prefix it lies in. */
export function prefixMatch(prefix: string): (address: string) => boolean {
  const [network, length] = prefix.split('/', 2) as [string, string | undefined];
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  try {
    list.addSubnet(network, length === undefined ? (family === 'ipv6' ? 128 : 32) : Number(length), family);
  } catch {
    return () => false;
  }
  return (address) => isIPv6(address) === (family === 'ipv6') && list.check(address, family);
}
