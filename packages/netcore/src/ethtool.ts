/** What `ethtool` asks a driver; every answer is optional. cf. include/linux/ethtool.h */
import type { NetDevice } from './net-device.ts';

export interface EthtoolDrvinfo {
  driver: string;
  version: string;
  fwVersion?: string;
  busInfo?: string;
}

export interface EthtoolLinkKsettings {
  /** Mb/s; -1 is unknown. */
  speed: number;
  duplex: 'half' | 'full' | 'unknown';
  autoneg: boolean;
  port: string;
}

export interface EthtoolRingparam {
  rxMaxPending: number;
  txMaxPending: number;
  rxPending: number;
  txPending: number;
}

export interface EthtoolCoalesce {
  rxCoalesceUsecs: number;
  rxMaxCoalescedFrames: number;
  txCoalesceUsecs: number;
  txMaxCoalescedFrames: number;
}

export interface EthtoolOps {
  getDrvinfo?(dev: NetDevice): EthtoolDrvinfo;
  getLinkKsettings?(dev: NetDevice): EthtoolLinkKsettings;
  getRingparam?(dev: NetDevice): EthtoolRingparam;
  setRingparam?(dev: NetDevice, ring: EthtoolRingparam): void;
  getCoalesce?(dev: NetDevice): EthtoolCoalesce;
  setCoalesce?(dev: NetDevice, coalesce: EthtoolCoalesce): void;
  /** Names of the private counters, constant in count and order; none that rtnl_link_stats64 has already. */
  getStrings?(dev: NetDevice): readonly string[];
  getEthtoolStats?(dev: NetDevice): number[];
}
