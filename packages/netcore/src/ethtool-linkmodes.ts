/** `ethtool DEV` and `ethtool -s`: speed, duplex, whether there is a link. cf. net/ethtool/linkmodes.c, linkinfo.c, linkstate.c */
import { netifCarrierOk } from './carrier-state.ts';
import { type EthtoolLinkKsettings, SPEED_UNKNOWN } from './ethtool.ts';
import { ethtoolBegin, ethtoolMerge, ethtoolOp } from './ethtool-request.ts';
import { type NetDevice, netifRunning } from './net-device.ts';
import { NetError } from './net-error.ts';

const INT_MAX = 0x7fffffff;
const DUPLEXES: readonly string[] = ['half', 'full', 'unknown'];

/** The keys of `ethtool --json DEV`; of a device without settings only link-detected is there. */
export interface EthtoolSettings {
  'supported-ports'?: readonly string[];
  'supports-auto-negotiation'?: boolean;
  /** Mb/s; absent while unknown. */
  speed?: number;
  duplex?: string;
  'auto-negotiation'?: boolean;
  port?: string;
  phyad?: number;
  transceiver?: string;
  'link-detected': boolean;
}

export interface EthtoolSettingsPatch {
  speed?: number;
  duplex?: string;
  'auto-negotiation'?: boolean;
}

export function ethtoolGetSettings(dev: NetDevice): EthtoolSettings {
  ethtoolBegin(dev);
  const link = { 'link-detected': netifRunning(dev) && netifCarrierOk(dev) };
  const now = dev.ethtoolOps.getLinkKsettings?.(dev);
  if (now === undefined) return link;
  return {
    'supported-ports': [],
    'supports-auto-negotiation': false,
    ...(now.speed === SPEED_UNKNOWN ? {} : { speed: now.speed }),
    duplex: now.duplex === 'unknown' ? 'Unknown! (255)' : now.duplex === 'full' ? 'Full' : 'Half',
    'auto-negotiation': now.autoneg,
    port: now.port,
    phyad: 0,
    transceiver: 'internal',
    ...link,
  };
}

/** What is set is what is shown; how fast frames go is the link's to say, by its impairments. */
export function ethtoolSetSettings(dev: NetDevice, wanted: EthtoolSettingsPatch): void {
  const get = ethtoolOp(dev, dev.ethtoolOps.getLinkKsettings, 'speed or duplex');
  const set = ethtoolOp(dev, dev.ethtoolOps.setLinkKsettings, 'speed or duplex');
  const patch: Partial<EthtoolLinkKsettings> = {
    ...(wanted.speed === undefined ? {} : { speed: checkSpeed(dev, wanted.speed) }),
    ...(wanted.duplex === undefined ? {} : { duplex: checkDuplex(dev, wanted.duplex) }),
    ...(wanted['auto-negotiation'] === undefined ? {} : { autoneg: wanted['auto-negotiation'] }),
  };
  const next = ethtoolMerge(get(dev), patch);
  if (next !== false) set(dev, next);
}

/** For drivers with nothing to negotiate with. cf. ethtool_virtdev_set_link_ksettings */
export function ethtoolVirtdevCheck(dev: NetDevice, wanted: EthtoolLinkKsettings): void {
  if (wanted.autoneg)
    throw new NetError('EINVAL', `${dev.name}: there is nobody to negotiate with; set speed and duplex`);
}

/** cf. ethtool_validate_speed */
function checkSpeed(dev: NetDevice, speed: number): number {
  if (speed === SPEED_UNKNOWN || (Number.isInteger(speed) && speed >= 0 && speed <= INT_MAX)) return speed;
  throw new NetError('EINVAL', `${dev.name}: a speed is a whole number of Mb/s, not ${speed}`);
}

function checkDuplex(dev: NetDevice, duplex: string): EthtoolLinkKsettings['duplex'] {
  const word = duplex.toLowerCase();
  if (DUPLEXES.includes(word)) return word as EthtoolLinkKsettings['duplex'];
  throw new NetError('EINVAL', `${dev.name}: duplex is half or full, not ${duplex}`);
}
