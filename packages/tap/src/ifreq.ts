/** struct ifreq (linux/if.h) as far as /dev/net/tun uses it: a name and 16 bits of flags. */
import { NetError } from '@etherloom/netcore';

export const IFNAMSIZ = 16;
const IFREQ_SIZE = 40;
const FLAGS_AT = IFNAMSIZ;

/** The kernel's dev_valid_name(), plus no `%`, which would make it a pattern. */
export function checkIfname(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes >= IFNAMSIZ || name === '.' || name === '..' || /[/:%\s\0]/.test(name)) {
    throw new NetError(
      'EINVAL',
      `"${name}" is no interface name: use 1 to 15 bytes without slash, colon, percent sign or space`,
    );
  }
}

export function encodeIfreq(name: string, flags: number): Buffer {
  checkIfname(name);
  const ifr = Buffer.alloc(IFREQ_SIZE);
  ifr.write(name, 0, 'utf8');
  ifr.writeUInt16LE(flags, FLAGS_AT);
  return ifr;
}

export function decodeIfreq(ifr: Buffer): { name: string; flags: number } {
  const end = ifr.indexOf(0);
  const name = ifr.toString('utf8', 0, end < 0 || end > IFNAMSIZ ? IFNAMSIZ : end);
  return { name, flags: ifr.readUInt16LE(FLAGS_AT) };
}
