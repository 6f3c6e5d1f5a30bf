/**
 * What is done to the interface in Linux (`ip link set`, `ip link del`) is done to its net_device.
 *
 * A netlink message is only a hint to look: it may be stale, an echo of what we set ourselves, or lost. So the
 * listener is drained, the interface is read afresh, and only what differs from what we knew is followed.
 */
import {
  devClose,
  devOpen,
  devSetMacAddress,
  devSetMtu,
  type NetDevice,
  NetError,
  netifCarrierOff,
  netifCarrierOn,
} from '@etherloom/netcore';
import { pollFd } from './fd-poll.ts';
import type { PollHandle } from './libc.ts';
import { type LinuxLink, linkIndex, RTM_DELLINK, RTM_NEWLINK } from './link-message.ts';
import { type LinuxInterface, sameBytes } from './linux-interface.ts';
import type { NetlinkMessage } from './netlink-message.ts';

export class TapFollower {
  readonly #dev: NetDevice;
  readonly #linux: LinuxInterface;
  readonly #report: (error: NetError) => void;
  readonly #gro: (on: boolean) => void;
  readonly #poll: PollHandle;
  #touched = false;
  #stopped = false;

  /**
   * `report` hears of changes that the device refused (Linux is set back) and, with ENODEV, of the interface's end;
   * `gro` whether received frames may be gathered, whenever something about the interface has changed.
   */
  constructor(
    dev: NetDevice,
    linux: LinuxInterface,
    report: (error: NetError) => void,
    gro: (on: boolean) => void,
  ) {
    this.#dev = dev;
    this.#linux = linux;
    this.#report = report;
    this.#gro = gro;
    this.#poll = pollFd(linux.listener.fd, () => this.#ready());
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#poll.close();
  }

  #ready(): void {
    if (this.#stopped) return;
    this.#touched = false;
    const complete = this.#linux.listener.drain(this.#look);
    if (this.#touched || !complete) this.sync();
  }

  readonly #look = (message: NetlinkMessage): void => {
    if (message.type !== RTM_NEWLINK && message.type !== RTM_DELLINK) return;
    if (linkIndex(message.payload) === this.#linux.ifindex) this.#touched = true;
  };

  /** Reads the interface and follows what has changed. */
  sync(): void {
    if (this.#stopped) return;
    const was = this.#linux.state;
    const now = this.#linux.read();
    if (now === null) {
      this.#left();
      return;
    }
    this.#linux.state = now;
    this.#gro(this.#linux.readGro());
    if (now.mtu !== was.mtu) this.#follow(() => devSetMtu(this.#dev, now.mtu));
    if (!sameBytes(now.address, was.address)) this.#follow(() => devSetMacAddress(this.#dev, now.address));
    if (now.up !== was.up) this.#follow(() => this.#followUp(now));
    if (now.carrier !== was.carrier) this.#followCarrier(now.carrier);
  }

  #followUp(now: LinuxLink): void {
    if (now.up) devOpen(this.#dev);
    else devClose(this.#dev);
  }

  #followCarrier(on: boolean): void {
    if (on) netifCarrierOn(this.#dev);
    else netifCarrierOff(this.#dev);
  }

  /** Runs one change; when the device refuses it, Linux gets back what the device has. */
  #follow(change: () => void): void {
    try {
      change();
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#linux.setMtu(this.#dev.mtu);
      this.#linux.setAddress(this.#dev.devAddr);
      this.#report(error);
    }
  }

  #left(): void {
    const { ifname } = this.#linux;
    this.stop();
    this.#report(
      this.#linux.alive
        ? new NetError(
            'EXDEV',
            `interface ${ifname} was moved to another network namespace: its frames still pass, its settings are no longer followed`,
          )
        : new NetError(
            'ENODEV',
            `interface ${ifname} was deleted in Linux: set its device up again to have a new one`,
          ),
    );
  }
}
