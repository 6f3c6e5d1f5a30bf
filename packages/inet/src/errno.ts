/** Errors of the data path: negative integers, as the kernel returns them; text only at the edges. cf. asm-generic/errno.h */

export const EACCES = 13;
export const EINVAL = 22;
export const EPROTO = 71;
export const EMSGSIZE = 90;
export const ENOPROTOOPT = 92;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ENOBUFS = 105;
export const ECONNREFUSED = 111;
export const EHOSTUNREACH = 113;

const NAMES: ReadonlyMap<number, string> = new Map([
  [EACCES, 'EACCES'],
  [EINVAL, 'EINVAL'],
  [EMSGSIZE, 'EMSGSIZE'],
  [EPROTO, 'EPROTO'],
  [ENOPROTOOPT, 'ENOPROTOOPT'],
  [ENETDOWN, 'ENETDOWN'],
  [ENETUNREACH, 'ENETUNREACH'],
  [ENOBUFS, 'ENOBUFS'],
  [ECONNREFUSED, 'ECONNREFUSED'],
  [EHOSTUNREACH, 'EHOSTUNREACH'],
]);

/** 'EMSGSIZE' for EMSGSIZE and for -EMSGSIZE. */
export function errnoName(errno: number): string {
  return NAMES.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;
}
