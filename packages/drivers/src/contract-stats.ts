/** The part of the driver contract about statistics. cf. struct rtnl_link_stats64, include/uapi/linux/if_link.h */
import {
  devClose,
  devGetStats,
  devOpen,
  devQueueXmit,
  type NetDevice,
  type RtnlLinkStats64,
} from '@etherloom/netcore';
import { broughtUp, type ContractTest, contractFrame, type DriverUnderTest, FRAME } from './contract-kit.ts';

export function statsContract(
  kind: string,
  create: () => DriverUnderTest,
  { test, expect }: ContractTest,
): void {
  test(`${kind}: a frame received is one packet, of its length without FCS`, () => {
    const { dev, receive, settle, counted = FRAME } = broughtUp(create());
    if (receive === undefined) return;
    const { rxPackets, rxBytes, rxErrors } = devGetStats(dev);
    receive();
    settle?.();
    const now = devGetStats(dev);
    expect([now.rxPackets - rxPackets, now.rxBytes - rxBytes]).toEqual([1, counted]);
    expect(now.rxErrors).toBe(rxErrors);
  });

  test(`${kind}: statistics stay when it goes down and comes up`, () => {
    const { dev, connect, receive, settle } = broughtUp(create());
    devQueueXmit(contractFrame(dev));
    receive?.();
    settle?.();
    const before = devGetStats(dev);
    devClose(dev);
    settle?.();
    expect(devGetStats(dev)).toEqual(before);
    devOpen(dev);
    connect?.();
    settle?.();
    expect(devGetStats(dev)).toEqual(before);
    expect(before.txPackets).toBeGreaterThan(0);
  });

  test(`${kind}: errors are the sum of their kinds at least, and what no wire here can do stays 0`, () => {
    const { dev, receive, settle } = broughtUp(create());
    for (let i = 0; i < 100; i++) devQueueXmit(contractFrame(dev));
    receive?.();
    devClose(dev);
    settle?.();
    expect(flawsOf(devGetStats(dev))).toEqual([]);
  });

  test(`${kind}: ethtool -S does not tell again what every device counts`, () => {
    const { dev } = create();
    expect(ethtoolNames(dev).filter((name) => STANDARD.test(name))).toEqual([]);
    expect(new Set(ethtoolNames(dev)).size).toBe(ethtoolNames(dev).length);
  });
}

const STANDARD = /^[rt]x_(packets|bytes|errors|dropped|compressed)$|^multicast$|^collisions$|_errors$/;

function ethtoolNames(dev: NetDevice): readonly string[] {
  return dev.ethtoolOps.getStrings?.(dev) ?? [];
}

function flawsOf(s: RtnlLinkStats64): string[] {
  const rx = s.rxLengthErrors + s.rxCrcErrors + s.rxFrameErrors;
  const tx = s.txAbortedErrors + s.txCarrierErrors + s.txFifoErrors + s.txHeartbeatErrors + s.txWindowErrors;
  const flaws: string[] = [];
  if (s.rxErrors < rx) flaws.push(`rx_errors ${s.rxErrors} < ${rx}`);
  if (s.txErrors < tx) flaws.push(`tx_errors ${s.txErrors} < ${tx}`);
  const never = s.collisions + s.rxCompressed + s.txCompressed + s.txHeartbeatErrors + s.txWindowErrors;
  if (never > 0) flaws.push('collisions, compressed, heartbeat or window counted');
  return flaws;
}
