/** Reading the two bits that a driver may set about its link. cf. netif_carrier_ok, netif_dormant */
import {
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  LINK_STATE_TESTING,
  type NetDevice,
} from './net-device.ts';

/** On from the start until the driver says otherwise. */
export function netifCarrierOk(dev: NetDevice): boolean {
  return (dev.state & LINK_STATE_NOCARRIER) === 0;
}

export function netifDormant(dev: NetDevice): boolean {
  return (dev.state & LINK_STATE_DORMANT) !== 0;
}

export function netifTesting(dev: NetDevice): boolean {
  return (dev.state & LINK_STATE_TESTING) !== 0;
}
