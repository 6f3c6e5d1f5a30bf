/** Further names of a device, longer than its own may be. cf. netdev_name_node_alt_create, net/core/dev.c */
import { ALTIFNAMSIZ } from './if.ts';
import { netdevStateChange } from './link-watch.ts';
import { NETREG_REGISTERED, type NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';
import { utf8Length } from './utf8-length.ts';

/** `ip link property add dev DEV altname NAME`. It shares one space of names with the names of all devices. */
export function devAddAltname(dev: NetDevice, altname: string): void {
  requireAltname(dev, altname);
  if (dev.net.devGetByName(altname) !== undefined) {
    throw new NetError(
      'EEXIST',
      `${dev.name}: a device is called ${altname} already; choose another altname`,
    );
  }
  dev.net.addAltname(dev, altname);
  netdevStateChange(dev);
}

/** `ip link property del dev DEV altname NAME`. */
export function devDelAltname(dev: NetDevice, altname: string): void {
  requireAltname(dev, altname);
  const found = dev.net.devGetByName(altname);
  if (found === undefined) throw new NetError('ENOENT', `${dev.name} has no altname ${altname}`);
  if (!dev.altnames.includes(altname)) {
    throw new NetError('EINVAL', `${altname} is the name of ${found.name}, and no altname of ${dev.name}`);
  }
  dev.net.removeAltname(dev, altname);
  netdevStateChange(dev);
}

/** The kernel takes any characters; the rule about them is iproute2's, so that what is accepted can be typed. */
function requireAltname(dev: NetDevice, altname: string): void {
  if (dev.regState !== NETREG_REGISTERED) throw new NetError('ENODEV', `${dev.name} is not registered`);
  if (utf8Length(altname) >= ALTIFNAMSIZ) {
    throw new NetError(
      'ERANGE',
      `Attribute failed policy validation: an altname has at most ${ALTIFNAMSIZ - 1} bytes`,
    );
  }
  if (altname === '' || /[/\s]/.test(altname)) {
    throw new NetError(
      'EINVAL',
      `"${altname}" is no altname: 1 to ${ALTIFNAMSIZ - 1} bytes, no slash or space`,
    );
  }
}
