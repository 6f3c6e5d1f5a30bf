/** The 802.1Q tag: TPID where the type was, then TCI, then the type it moved. cf. include/linux/if_vlan.h */
import { getU16, putU16 } from './bytes.ts';
import { ETH_P_8021AD, ETH_P_8021Q, ETH_TYPE, ethType } from './ethernet.ts';

export const VLAN_HLEN = 4;
export const VLAN_VID_MASK = 0x0fff;

/** Field offsets from the start of the frame. */
export const VLAN_TCI = ETH_TYPE + 2;
export const VLAN_ENCAP_PROTO = ETH_TYPE + VLAN_HLEN;

export function isVlanTagged(buf: Uint8Array, at: number): boolean {
  const type = ethType(buf, at);
  return type === ETH_P_8021Q || type === ETH_P_8021AD;
}

export function vlanTci(buf: Uint8Array, at: number): number {
  return getU16(buf, at + VLAN_TCI);
}

export function vlanVid(buf: Uint8Array, at: number): number {
  return vlanTci(buf, at) & VLAN_VID_MASK;
}

/** Of a tagged frame: the type behind the tag. */
export function vlanEncapProto(buf: Uint8Array, at: number): number {
  return getU16(buf, at + VLAN_ENCAP_PROTO);
}

/** Moves the addresses 4 bytes forward (into headroom) and writes the tag. The frame then starts at the offset returned. */
export function vlanPush(buf: Uint8Array, at: number, tci: number, tpid = ETH_P_8021Q): number {
  const to = at - VLAN_HLEN;
  for (let i = 0; i < ETH_TYPE; i++) buf[to + i] = buf[at + i]!;
  putU16(buf, to + ETH_TYPE, tpid);
  putU16(buf, to + VLAN_TCI, tci);
  return to;
}

/** Takes the outer tag off; the frame then starts at the offset returned. */
export function vlanPop(buf: Uint8Array, at: number): number {
  const to = at + VLAN_HLEN;
  for (let i = ETH_TYPE - 1; i >= 0; i--) buf[to + i] = buf[at + i]!;
  return to;
}
