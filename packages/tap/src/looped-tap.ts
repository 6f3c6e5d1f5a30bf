/**
 * A tap whose Linux side is this program: its fd is one end of a pair of datagram sockets, where each datagram is a
 * frame as it is of a TAP. The driver's own code runs, and Linux has no interface of it. For running frames of our own
 * through a node (warm-up.ts of node).
 */
import { NetError, type RtnlLinkOps, type RtnlLinkOptions, registerNetdev } from '@etherloom/netcore';
import { bufferAddress } from './buffer-address.ts';
import { pollFd } from './fd-poll.ts';
import * as c from './libc.ts';
import type { LinuxLink } from './link-message.ts';
import { LinuxInterface } from './linux-interface.ts';
import { LinkListener } from './netlink-socket.ts';
import { Rtnetlink } from './rtnetlink.ts';
import { Tap, tapLinkOps } from './tap.ts';

const DATAGRAMS = c.SOCK_DGRAM | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC;

/** What there is nowhere else is set nowhere else. */
class LoopedInterface extends LinuxInterface {
  constructor(fd: number, state: LinuxLink) {
    super({ fd, vnet: true, uso: false }, new Rtnetlink(), new LinkListener(), state);
  }

  override get alive(): boolean {
    return false;
  }

  override readGro(): boolean {
    return true;
  }

  override setUp(up: boolean): void {
    this.state = { ...this.state, up };
  }

  override setMtu(mtu: number): void {
    this.state = { ...this.state, mtu };
  }

  override setAddress(address: Uint8Array): void {
    this.state = { ...this.state, address };
  }

  override setCarrier(carrier: boolean): void {
    this.state = { ...this.state, carrier };
  }

  override read(): LinuxLink {
    return this.state;
  }
}

export interface LoopedTapOptions extends RtnlLinkOptions {
  readonly loop: LoopedTap;
}

/** The far end, in Linux's place: what it sends the tap receives. Frames are behind a virtio_net_hdr both ways. */
export class LoopedTap {
  /** The tap's end. */
  readonly near: number;
  readonly #far: number;
  readonly #poll: c.PollHandle;

  /** `ready` hears that a frame may be there to receive. */
  constructor(ready: () => void) {
    const fds = new Int32Array(2);
    if (c.libc().socketpair(c.AF_UNIX, DATAGRAMS, 0, new Uint8Array(fds.buffer)) < 0) {
      throw new NetError('EMFILE', 'no pair of sockets for a looped tap: are there too many open files?');
    }
    this.near = fds[0]!;
    this.#far = fds[1]!;
    this.#poll = pollFd(this.#far, ready);
  }

  send(frame: Uint8Array): void {
    c.libc().write(this.#far, bufferAddress(frame), frame.length);
  }

  /** The length of the next frame; negative when there is none. */
  receive(frame: Uint8Array): number {
    return c.libc().read(this.#far, bufferAddress(frame), frame.length);
  }

  /** The tap closes its own end. */
  close(): void {
    this.#poll.close();
    c.libc().close(this.#far);
  }
}

function loopedState(address: Uint8Array, mtu: number): LinuxLink {
  const none = { ifindex: -1, ifname: '', operstate: 0, minMtu: 68, maxMtu: 65_521, txqlen: 1000 };
  return { ...none, up: false, carrier: true, mtu, address };
}

export const loopedTapLinkOps: RtnlLinkOps<LoopedTapOptions> = {
  ...tapLinkOps,
  newlink(dev, { loop }) {
    dev.priv = new Tap(dev, new LoopedInterface(loop.near, loopedState(dev.devAddr, dev.mtu)), () => {});
    registerNetdev(dev);
  },
};
