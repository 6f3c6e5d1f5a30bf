/** The part of the driver contract about what `ip link set` may ask. */
import {
  devAddAltname,
  devChangeCarrier,
  devChangeName,
  devClose,
  devOpen,
  devSetMacAddress,
  IFF_LIVE_ADDR_CHANGE,
  ipLinkShow,
  type NetDevice,
} from '@etherloom/netcore';
import { broughtUp, type ContractTest, type DriverUnderTest, errno } from './contract-kit.ts';

const MULTICAST = Uint8Array.of(1, 0, 0x5e, 0, 0, 1);
const ADDRESS = Uint8Array.of(2, 0, 0, 0, 0, 0x77);

export function settingsContract(
  kind: string,
  create: () => DriverUnderTest,
  { test, expect }: ContractTest,
): void {
  test(`${kind}: an address that is no station's is refused, and changes nothing`, () => {
    const { dev } = create();
    const before = [...dev.devAddr];
    expect(errno(() => devSetMacAddress(dev, MULTICAST))).toBe('EADDRNOTAVAIL');
    const zero = before.some((byte) => byte !== 0) ? 'EADDRNOTAVAIL' : 'no error'; // what it is already may be set
    expect(errno(() => devSetMacAddress(dev, new Uint8Array(6)))).toBe(zero);
    expect([...dev.devAddr]).toEqual(before);
  });

  test(`${kind}: its address changes while it is down; while it is up only with IFF_LIVE_ADDR_CHANGE, else EBUSY`, () => {
    const { dev } = broughtUp(create());
    const live = (dev.privFlags & IFF_LIVE_ADDR_CHANGE) !== 0;
    expect(errno(() => devSetMacAddress(dev, ADDRESS))).toBe(live ? 'no error' : 'EBUSY');
    devClose(dev);
    devSetMacAddress(dev, ADDRESS);
    expect([...dev.devAddr]).toEqual([...ADDRESS]);
    devOpen(dev);
  });

  test(`${kind}: the carrier is cut and mended as often as it is asked, and counted once each; or EOPNOTSUPP`, () => {
    const { dev, settle } = broughtUp(create());
    const changes = () => ipLinkShow(dev).stats64.tx['carrier_changes']!;
    if (dev.netdevOps.ndoChangeCarrier === undefined) {
      expect(errno(() => devChangeCarrier(dev, false))).toBe('EOPNOTSUPP');
      return;
    }
    const before = changes();
    for (const on of [false, false, true, true]) {
      devChangeCarrier(dev, on);
      settle?.();
    }
    expect(changes() - before).toBe(2);
  });

  test(`${kind}: it is renamed and given altnames while it is up`, () => {
    const { dev } = broughtUp(create());
    const { name, net } = dev;
    devChangeName(dev, 'renamed0');
    devAddAltname(dev, `${kind}-of-the-contract`);
    const found = (by: string): NetDevice | undefined => net.devGetByName(by);
    expect([found('renamed0') === dev, found(`${kind}-of-the-contract`) === dev, found(name)]).toEqual([
      true,
      true,
      undefined,
    ]);
  });
}
