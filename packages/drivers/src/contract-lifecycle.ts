/** The part of the driver contract about open and stop. */
import { ETH_P_ALL } from '@etherloom/frame';
import {
  devClose,
  devGetFlags,
  devOpen,
  devQueueXmit,
  IFF_UP,
  type NetDevice,
  NetError,
  netifRunning,
} from '@etherloom/netcore';
import { broughtUp, type ContractTest, contractFrame, type DriverUnderTest, errno } from './contract-kit.ts';

export function lifecycleContract(
  kind: string,
  create: () => DriverUnderTest,
  { test, expect }: ContractTest,
): void {
  test(`${kind}: after ndoStop nothing is received, and nothing is sent`, () => {
    const { dev, settle, receive } = broughtUp(create());
    devQueueXmit(contractFrame(dev));
    receive?.();
    settle?.(); // what netif_rx has queued already is the stack's, which delivers it whatever becomes of the device
    devClose(dev);
    const { rxPackets, rxBytes, txPackets, txBytes } = dev.stats;
    let heard = 0;
    const untap = dev.net.devAddPack(ETH_P_ALL, (_skb, from) => {
      if (from === dev) heard++;
    });
    receive?.();
    settle?.();
    devQueueXmit(contractFrame(dev));
    settle?.();
    untap();
    const now = dev.stats;
    expect([now.rxPackets, now.rxBytes, now.txPackets, now.txBytes, heard]).toEqual([
      rxPackets,
      rxBytes,
      txPackets,
      txBytes,
      0,
    ]);
    expect(dev.pool.inUse).toBe(0);
  });

  test(`${kind}: a device whose ndoOpen fails stays down, and goes up when it no longer does`, () => {
    const made = create();
    const { dev } = made;
    const ops = dev.netdevOps;
    dev.netdevOps = { ...ops, ndoOpen: refuseToOpen };
    expect(errno(() => devOpen(dev))).toBe('ENOMEM');
    expect([netifRunning(dev), devGetFlags(dev) & IFF_UP, dev.qdisc.kind]).toEqual([false, 0, 'noop']);
    dev.netdevOps = ops;
    broughtUp(made);
    devQueueXmit(contractFrame(dev));
    made.settle?.();
    expect(dev.stats.txPackets).toBe(1);
  });

  test(`${kind}: opening what is open and closing what is closed asks the driver nothing`, () => {
    const { dev } = create();
    const asked: string[] = [];
    const { ndoOpen, ndoStop } = dev.netdevOps;
    dev.netdevOps = {
      ...dev.netdevOps,
      ndoOpen: (d) => asked.push('open') && ndoOpen?.(d),
      ndoStop: (d) => asked.push('stop') && ndoStop?.(d),
    };
    devClose(dev);
    devOpen(dev);
    devOpen(dev);
    devClose(dev);
    devClose(dev);
    expect(asked).toEqual(['open', 'stop']);
  });
}

function refuseToOpen(dev: NetDevice): void {
  throw new NetError('ENOMEM', `${dev.name}: no memory for its rings`);
}
