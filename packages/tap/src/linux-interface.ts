/**
 * A TAP interface as Linux sees it: its fd, and what netlink says and does about it. All of it is of the
 * namespace it was made in. `state` is what we know Linux to have: setting what is there already does nothing,
 * which is what keeps two-way mirroring from running in circles.
 */
import { NetError } from '@etherloom/netcore';
import { groIsOn, setSpeed } from './ethtool-ioctl.ts';
import { libc } from './libc.ts';
import type { LinkChange, LinuxLink } from './link-message.ts';
import { LinkListener } from './netlink-socket.ts';
import { inNetns } from './netns.ts';
import { Rtnetlink } from './rtnetlink.ts';
import { type OpenedTap, openOffloadingTap, openPlainTap, setTapCarrier, tapName } from './tun.ts';

/** Mb/s, as wslink says by default. */
const SPEED = 10_000;

export class LinuxInterface {
  readonly fd: number;
  /** Frames come and go behind a virtio_net_hdr. */
  readonly vnet: boolean;
  /** Linux takes UDP super-frames too. */
  readonly uso: boolean;
  readonly rtnl: Rtnetlink;
  readonly listener: LinkListener;
  state: LinuxLink;
  #open = true;

  protected constructor(tap: OpenedTap, rtnl: Rtnetlink, listener: LinkListener, state: LinuxLink) {
    this.fd = tap.fd;
    this.vnet = tap.vnet;
    this.uso = tap.uso;
    this.rtnl = rtnl;
    this.listener = listener;
    this.state = state;
  }

  /** Makes interface `ifname` in the namespace at `netns` (null: the process's own), down; `offload`: with offloads, if Linux has them. */
  static create(ifname: string, netns: string | null, offload = false): LinuxInterface {
    return inNetns(netns, () => {
      const undo: (() => void)[] = [];
      try {
        const tap = offload ? openOffloadingTap(ifname) : openPlainTap(ifname);
        const { fd } = tap;
        undo.push(() => libc().close(fd));
        const rtnl = new Rtnetlink();
        undo.push(() => rtnl.close());
        const listener = new LinkListener();
        undo.push(() => listener.close());
        // A carrier that never changed has the operational state UNKNOWN: have it change.
        setTapCarrier(fd, false);
        setTapCarrier(fd, true);
        setSpeed(listener.fd, ifname, SPEED);
        return new LinuxInterface(tap, rtnl, listener, rtnl.linkByName(ifname));
      } catch (error) {
        for (const step of undo.reverse()) step();
        throw error;
      }
    });
  }

  get ifindex(): number {
    return this.state.ifindex;
  }

  get ifname(): string {
    return this.state.ifname;
  }

  /** Whether Linux wants received frames gathered (`ethtool -K DEV gro`), as of now. */
  readGro(): boolean {
    return groIsOn(this.listener.fd, this.ifname);
  }

  setMtu(mtu: number): void {
    if (mtu !== this.state.mtu) this.#set({ mtu }, `cannot set the MTU of ${this.ifname} to ${mtu}`);
  }

  setUp(up: boolean): void {
    if (up !== this.state.up) this.#set({ up }, `cannot set ${this.ifname} ${up ? 'up' : 'down'}`);
  }

  setAddress(address: Uint8Array): void {
    if (sameBytes(address, this.state.address)) return;
    this.#set({ address: Uint8Array.from(address) }, `cannot set the MAC address of ${this.ifname}`);
  }

  setTxQueueLen(txqlen: number): void {
    if (txqlen !== this.state.txqlen) this.#set({ txqlen }, `cannot set the queue length of ${this.ifname}`);
  }

  setCarrier(on: boolean): void {
    if (on === this.state.carrier) return;
    if (!setTapCarrier(this.fd, on)) {
      throw new NetError('EIO', `cannot set the carrier of ${this.ifname}: TUNSETCARRIER needs Linux 5.0`);
    }
    this.state = { ...this.state, carrier: on };
  }

  /** What Linux has now; null when the interface is no longer in this namespace. */
  read(): LinuxLink | null {
    return this.rtnl.linkByIndex(this.ifindex);
  }

  /** True while the interface exists, be it in another namespace. */
  get alive(): boolean {
    return this.#open && tapName(this.fd) !== null;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.listener.close();
    this.rtnl.close();
    libc().close(this.fd);
  }

  #set(change: LinkChange, what: string): void {
    this.rtnl.setLink(this.ifindex, change, what);
    this.state = { ...this.state, ...change };
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
