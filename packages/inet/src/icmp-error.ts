/** What an ICMP error means to a program and to a person. cf. icmp_err_convert, net/ipv4/icmp.c; pr_icmph of iputils */
import {
  ICMP_DEST_UNREACH,
  ICMP_EXC_FRAGTIME,
  ICMP_FRAG_NEEDED,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PORT_UNREACH,
  ICMP_PROT_UNREACH,
  ICMP_TIME_EXCEEDED,
} from '@etherloom/frame';
import { ECONNREFUSED, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, ENOPROTOOPT, EPROTO } from './errno.ts';

const UNREACH: ReadonlyMap<number, readonly [errno: number, text: string]> = new Map([
  [ICMP_NET_UNREACH, [ENETUNREACH, 'Destination Net Unreachable']],
  [ICMP_HOST_UNREACH, [EHOSTUNREACH, 'Destination Host Unreachable']],
  [ICMP_PROT_UNREACH, [ENOPROTOOPT, 'Destination Protocol Unreachable']],
  [ICMP_PORT_UNREACH, [ECONNREFUSED, 'Destination Port Unreachable']],
  [ICMP_FRAG_NEEDED, [EMSGSIZE, 'Frag needed and DF set']],
]);

/** A positive errno. */
export function icmpErrno(type: number, code: number): number {
  if (type === ICMP_DEST_UNREACH) return UNREACH.get(code)?.[0] ?? EHOSTUNREACH;
  return type === ICMP_TIME_EXCEEDED ? EHOSTUNREACH : EPROTO;
}

/** As ping prints it. `info` is the second word of the message: the MTU of a frag-needed. */
export function icmpErrorText(type: number, code: number, info: number): string {
  if (type === ICMP_DEST_UNREACH) {
    const text = UNREACH.get(code)?.[1] ?? `Destination Unreachable, code ${code}`;
    return code === ICMP_FRAG_NEEDED ? `${text} (mtu = ${info & 0xffff})` : text;
  }
  if (type === ICMP_TIME_EXCEEDED) {
    return code === ICMP_EXC_FRAGTIME ? 'Frag reassembly time exceeded' : 'Time to live exceeded';
  }
  return `ICMP type ${type}, code ${code}`;
}
