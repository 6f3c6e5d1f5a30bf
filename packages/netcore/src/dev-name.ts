/** Interface names and their templates. cf. dev_valid_name, __dev_alloc_name, net/core/dev.c */
import { IFF_UP, IFNAMSIZ } from './if.ts';
import type { Net } from './net.ts';
import { NET_NAME_RENAMED, type NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';
import { callNetdeviceNotifiers, NETDEV_CHANGENAME } from './notifier.ts';
import { utf8Length } from './utf8-length.ts';

const MAX_NETDEVICES = 32768;

export function devValidName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || utf8Length(name) >= IFNAMSIZ) return false;
  return !/[/:\s]/.test(name);
}

/** The free name that a name or a template such as eth%d stands for. */
export function devGetValidName(net: Net, want: string): string {
  if (!devValidName(want)) {
    throw new NetError('EINVAL', `"${want}" is no interface name: 1 to 15 bytes, no slash, colon or space`);
  }
  if (want.includes('%')) return devAllocName(net, want);
  if (net.devGetByName(want) !== undefined) {
    throw new NetError('EEXIST', `a device named ${want} exists already; choose another name`);
  }
  return want;
}

function devAllocName(net: Net, template: string): string {
  const at = template.indexOf('%');
  if (template[at + 1] !== 'd' || template.includes('%', at + 2)) {
    throw new NetError('EINVAL', `"${template}" is no name template: one %d and no other %`);
  }
  for (let i = 0; i < MAX_NETDEVICES; i++) {
    const name = template.replace('%d', String(i));
    if (!devValidName(name)) break;
    if (net.devGetByName(name) === undefined) return name;
  }
  throw new NetError('ENFILE', `no free name is left for the template ${template}`);
}

/** Renames a registered device, up or down; a veto puts the old name back and tells everybody again. */
export function devChangeName(dev: NetDevice, want: string): void {
  const { net, name: old, nameAssignType } = dev;
  if (want === old) return;
  net.rename(dev, devGetValidName(net, want));
  dev.nameAssignType = NET_NAME_RENAMED;
  net.printk(`${dev.name}: renamed from ${old}${(dev.flags & IFF_UP) === 0 ? '' : ' (while UP)'}`);
  const errno = callNetdeviceNotifiers(NETDEV_CHANGENAME, dev);
  if (errno === undefined) return;
  net.rename(dev, old);
  dev.nameAssignType = nameAssignType;
  if (callNetdeviceNotifiers(NETDEV_CHANGENAME, dev) !== undefined) {
    net.printk(`${old}: name change rollback failed`);
  }
  throw new NetError(errno, `${old}: the name ${want} was vetoed by a notifier`);
}
