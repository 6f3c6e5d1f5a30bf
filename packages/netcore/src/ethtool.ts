/**
 * What `ethtool` asks a driver; every answer is optional, and what a driver does not answer is EOPNOTSUPP.
 * cf. include/linux/ethtool.h. The core asks through ethtool-*.ts, which check first: a driver's set operation hears
 * only what is present, within the maxima it named, and different from what is.
 */
import type { NetDevice } from './net-device.ts';

export interface EthtoolDrvinfo {
  driver: string;
  version: string;
  fwVersion?: string;
  busInfo?: string;
}

export const SPEED_UNKNOWN = -1;

export interface EthtoolLinkKsettings {
  /** Mb/s; SPEED_UNKNOWN (-1). */
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

/** 0 microseconds: no time is waited. 0 frames: no number of frames ends the wait. Both 0 would be for ever: EINVAL. */
export interface EthtoolCoalesce {
  rxCoalesceUsecs: number;
  rxMaxCoalescedFrames: number;
  txCoalesceUsecs: number;
  txMaxCoalescedFrames: number;
}

export interface EthtoolChannels {
  maxRx: number;
  maxTx: number;
  maxOther: number;
  maxCombined: number;
  rxCount: number;
  txCount: number;
  otherCount: number;
  combinedCount: number;
}

export interface EthtoolPauseparam {
  autoneg: boolean;
  rxPause: boolean;
  txPause: boolean;
}

export interface EthtoolOps {
  getDrvinfo?(dev: NetDevice): EthtoolDrvinfo;
  getLinkKsettings?(dev: NetDevice): EthtoolLinkKsettings;
  setLinkKsettings?(dev: NetDevice, settings: EthtoolLinkKsettings): void;
  getRingparam?(dev: NetDevice): EthtoolRingparam;
  setRingparam?(dev: NetDevice, ring: EthtoolRingparam): void;
  getCoalesce?(dev: NetDevice): EthtoolCoalesce;
  setCoalesce?(dev: NetDevice, coalesce: EthtoolCoalesce): void;
  getChannels?(dev: NetDevice): EthtoolChannels;
  setChannels?(dev: NetDevice, channels: EthtoolChannels): void;
  getPauseparam?(dev: NetDevice): EthtoolPauseparam;
  setPauseparam?(dev: NetDevice, pause: EthtoolPauseparam): void;
  /** Names of the private counters, constant in count and order; none that rtnl_link_stats64 has already. */
  getStrings?(dev: NetDevice): readonly string[];
  getEthtoolStats?(dev: NetDevice): number[];
}
