/** One device of a driver that is being learnt: its card, what it owns, what it has delivered, and who checks it. */
import { ETH_HLEN } from '@etherloom/frame';
import { type Napi, type NetDevice, netifRunning, type SkBuff } from '@etherloom/netcore';
import type { LabNic, NicWatcher } from '../nic/lab-nic.ts';
import { NIC_IRQ_RX } from '../nic/nic-irq.ts';
import type { NicDesc } from '../nic/nic-ring.ts';
import type { Checker } from './checker.ts';
import { type OwnedSkb, SkbBook } from './owned-skb.ts';
import { mark } from './where.ts';

/** Memory that the card is told to use. */
type Dma = Pick<NicDesc, 'buf' | 'at' | 'len'>;

/** What a timer of the driver is to who waits for it to be stopped. */
export interface PendingTimer {
  delete(): void;
}

/** What the checker knows of a NAPI instance of the driver. */
export interface WatchedNapi {
  readonly napi: Napi;
  readonly poll: (napi: Napi, budget: number) => number;
  readonly addedAt: Error;
  /** Where it was scheduled last. */
  scheduledAt: Error | null;
}

export class DriverUnderTest implements NicWatcher {
  readonly dev: NetDevice;
  readonly nic: LabNic;
  readonly checker: Checker;
  readonly book: SkbBook;
  readonly napis: WatchedNapi[] = [];
  /** Where a transmit queue was stopped, by index, and when. */
  readonly stops = new Map<number, { readonly at: Error; readonly since: number }>();
  /** Between a successful ndoOpen and the return of ndoStop. */
  open = false;
  /** What the driver had before its ndoOpen, and may keep when it stops. */
  heldBefore: ReadonlySet<OwnedSkb> = new Set();
  /** Frames handed to the stack, and their bytes with the Ethernet header. */
  delivered = 0;
  deliveredBytes = 0;
  deliveredAt: Error | null = null;
  /** Where the interrupt was requested. */
  requestedAt: Error | null = null;
  /** Where the card was last told to send. */
  sentAt: Error | null = null;
  /** Where it was last given room to receive into. */
  postedAt: Error | null = null;
  /** The driver's own, for its line; so is newlink. */
  startXmit: unknown = undefined;
  newlink: unknown = undefined;
  /** What the counters come from. */
  getStats: unknown = undefined;
  /** Timers that will fire, and where each was set. */
  readonly timers = new Map<PendingTimer, Error>();

  constructor(dev: NetDevice, nic: LabNic, checker: Checker) {
    this.dev = dev;
    this.nic = nic;
    this.checker = checker;
    this.book = new SkbBook(checker);
    nic.watcher = this;
    nic.irq.onStorm = () => {
      const text = 'the interrupt handler returns again and again without reading the cause or masking it';
      checker.report('irq-storm', { text, fn: this.handler });
    };
    nic.irq.onRequest = (taken) => {
      if (taken)
        checker.report('irq-request', { text: 'the interrupt is requested again, and was not freed' });
      this.requestedAt = mark();
    };
    UNDER_TEST.set(dev, this);
  }

  /** A frame leaves the driver upwards. False when the device is down: the frame must not go on. */
  deliver(skb: SkBuff, frame: string | null): boolean {
    this.deliveredAt = mark();
    if (!this.open && !netifRunning(this.dev)) {
      this.checker.report('rx-after-stop', { text: 'a frame is delivered while the device is down', frame });
      return false;
    }
    this.delivered++;
    const pulled = skb.macHeader >= 0 && skb.data - skb.macHeader === ETH_HLEN;
    this.deliveredBytes += skb.len + (pulled ? ETH_HLEN : 0);
    return true;
  }

  dma({ buf, at, len }: Dma, write: boolean): void {
    if (!this.checker.enabled || buf === null || !this.fromPool(buf)) return;
    const owned = this.book.at(buf, at);
    const what = write ? 'writes a received frame into' : 'reads a frame to send from';
    const where = write ? (this.postedAt ?? this.deliveredAt) : this.sentAt;
    if (owned === null) {
      const text = `the card ${what} memory of an skb that the driver does not own any more`;
      this.checker.report('dma-after-free', { text, at: where });
    } else if (at + len > owned.skb.end) {
      const text = `a descriptor has ${len} bytes, and the skb ends after ${owned.skb.end - at}: the card ${what} what lies behind it`;
      this.checker.report('dma-bounds', { text, at: where });
    }
  }

  badDma({ buf, at, len }: Dma, write: boolean): void {
    const room = buf instanceof Uint8Array ? `memory of ${buf.length} bytes` : 'no memory';
    const text = `a descriptor that the card was given has ${room}, at ${String(at)}, len ${String(len)}`;
    this.checker.report('dma-bounds', { text, at: write ? this.postedAt : this.sentAt });
  }

  outside(fn: () => void): void {
    this.checker.outside(fn);
  }

  sent(): void {
    this.sentAt = mark();
  }

  posted(): void {
    this.postedAt = mark();
  }

  driver(op: string, fn: () => unknown, origin: unknown = fn): void {
    try {
      this.checker.isPromise(this.checker.run(op, fn), op, origin);
    } catch (thrown) {
      if (!this.checker.enabled) throw thrown;
      this.checker.oops(op, thrown, origin);
    }
    if (fn === this.handler) this.#checkLine();
  }

  /** Between napi_schedule and the end of the polling the line that asked for it is masked. */
  #checkLine(): void {
    if ((this.nic.irq.enabled & NIC_IRQ_RX) === 0) return;
    const busy = this.napis.find(({ napi }) => napi.scheduled);
    if (busy === undefined) return;
    const text = 'the interrupt handler has scheduled NAPI and leaves the line unmasked';
    this.checker.report('irq-unmasked', { text, at: busy.scheduledAt ?? busy.addedAt });
  }

  /** The driver's interrupt handler. */
  get handler(): unknown {
    return this.nic.irq.handler;
  }

  /** Memory of skbs is shared slabs; what a driver allocated by itself is its own affair. */
  fromPool(buf: Uint8Array): boolean {
    return SKB_MEMORY.has(buf);
  }
}

/** Buffers that skbs of drivers under test have had. */
export const SKB_MEMORY = new WeakSet<Uint8Array>();

const UNDER_TEST = new WeakMap<NetDevice, DriverUnderTest>();

/** Null for a device of any other driver. */
export function underTest(dev: NetDevice): DriverUnderTest | null {
  return UNDER_TEST.get(dev) ?? null;
}
