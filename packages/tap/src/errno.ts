/** Kernel errno numbers as NetErrors whose text says what failed, where, and what to do about it. */
import { constants } from 'node:os';
import { NetError } from '@etherloom/netcore';

const NAMES = new Map<number, string>([
  ...Object.entries(constants.errno).map(([name, value]): [number, string] => [value, name]),
  [11, 'EAGAIN'], // EWOULDBLOCK and ENOTSUP share their numbers with these two
  [77, 'EBADFD'],
  [95, 'EOPNOTSUPP'],
]);

export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `E${errno}`;
}

/** `what` is a phrase such as "cannot set the MTU of eth0 to 70000". */
export function sysError(errno: number, what: string, advice = ''): NetError {
  const code = errnoName(errno);
  return new NetError(code, `${what}: ${code}${advice === '' ? '' : `: ${advice}`}`);
}

export const NEEDS_NET_ADMIN =
  'CAP_NET_ADMIN is missing: add "cap_add: [NET_ADMIN]" (docker run --cap-add NET_ADMIN) to the container, or run as root';
export const NEEDS_TUN =
  'add "devices: [/dev/net/tun]" (docker run --device /dev/net/tun) to the container, or "modprobe tun" on the host';
export const NEEDS_SYS_ADMIN =
  'a network namespace needs root (CAP_SYS_ADMIN): run as root, or keep the device in the namespace the node runs in';
export const NEEDS_IPV6 =
  'IPv6 is off in this namespace: add "sysctls: {net.ipv6.conf.all.disable_ipv6: 0}" (docker run --sysctl) to the container, or leave the IPv6 address out';
