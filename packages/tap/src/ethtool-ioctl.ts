/** The one question about an interface that its link messages do not answer: is GRO on? cf. net/ethtool/ioctl.c */
import { bufferAddress } from './buffer-address.ts';
import { encodeIfreq, IFNAMSIZ } from './ifreq.ts';
import * as c from './libc.ts';

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GGRO = 0x2b;

/** By a socket of the interface's namespace; true when Linux does not say. */
export function groIsOn(socket: number, ifname: string): boolean {
  const value = Uint32Array.of(ETHTOOL_GGRO, 1); // struct ethtool_value
  const ifr = encodeIfreq(ifname, 0);
  const at = bufferAddress(new Uint8Array(value.buffer));
  new BigUint64Array(ifr.buffer, ifr.byteOffset + IFNAMSIZ, 1)[0] = BigInt(at); // ifr_data, in the byte order of the machine
  return c.libc().ioctl(socket, SIOCETHTOOL, ifr) < 0 || value[1] !== 0;
}
