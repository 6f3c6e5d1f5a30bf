/** What of an interface its link messages do not tell: whether GRO is on, and its speed. cf. net/ethtool/ioctl.c */
import { bufferAddress } from './buffer-address.ts';
import { encodeIfreq, IFNAMSIZ } from './ifreq.ts';
import * as c from './libc.ts';

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GSET = 0x01;
const ETHTOOL_SSET = 0x02;
const ETHTOOL_GGRO = 0x2b;
const DUPLEX_FULL = 1;
/** struct ethtool_cmd, and where its speed, duplex and upper half of the speed are. */
const CMD = { SIZE: 44, SPEED: 12, DUPLEX: 14, SPEED_HI: 28 } as const;

/** By a socket of the interface's namespace; true when Linux does not say. */
export function groIsOn(socket: number, ifname: string): boolean {
  const value = Uint32Array.of(ETHTOOL_GGRO, 1); // struct ethtool_value
  return !ask(socket, ifname, new Uint8Array(value.buffer)) || value[1] !== 0;
}

/** Mb/s, full duplex; false where Linux does not let it be set. Before 6.3 it says 10 Mb/s of a TAP that nobody told. */
export function setSpeed(socket: number, ifname: string, speed: number): boolean {
  const cmd = new Uint8Array(CMD.SIZE);
  const request = new Uint32Array(cmd.buffer, 0, 1);
  const halves = new Uint16Array(cmd.buffer);
  request[0] = ETHTOOL_GSET;
  if (!ask(socket, ifname, cmd)) return false;
  request[0] = ETHTOOL_SSET;
  halves[CMD.SPEED / 2] = speed & 0xffff;
  halves[CMD.SPEED_HI / 2] = speed >>> 16;
  cmd[CMD.DUPLEX] = DUPLEX_FULL;
  return ask(socket, ifname, cmd);
}

/** `body` is asked and answered in place. */
function ask(socket: number, ifname: string, body: Uint8Array): boolean {
  const ifr = encodeIfreq(ifname, 0);
  const at = bufferAddress(body);
  new BigUint64Array(ifr.buffer, ifr.byteOffset + IFNAMSIZ, 1)[0] = BigInt(at); // ifr_data, in the byte order of the machine
  return c.libc().ioctl(socket, SIOCETHTOOL, ifr) >= 0;
}
