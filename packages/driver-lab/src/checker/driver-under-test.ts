/** One device of a driver that is being learnt: its card, what it owns, what it has delivered, and who checks it. */
import { ETH_HLEN } from '@etherloom/frame';
import { type Napi, type NetDevice, netifRunning, type SkBuff } from '@etherloom/netcore';
import type { LabNic, NicWatcher } from '../nic/lab-nic.ts';
import { NIC_IRQ_RX } from '../nic/nic-irq.ts';
import type { Checker } from './checker.ts';
import { SkbBook } from './owned-skb.ts';
import { mark } from './where.ts';

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
  openedAt = 0;
  /** Frames handed to the stack, and their bytes with the Ethernet header. */
  delivered = 0;
  deliveredBytes = 0;
  deliveredAt: Error | null = null;
  /** Where the card was last told to send. */
  sentAt: Error | null = null;
  /** The driver's own, for its line. */
  startXmit: unknown = null;

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

  dma(buf: Uint8Array, at: number, write: boolean): void {
    if (!this.checker.enabled || this.book.at(buf, at) !== null || !this.fromPool(buf)) return;
    const what = write ? 'writes a received frame into' : 'reads a frame to send from';
    this.checker.report('dma-after-free', {
      text: `the card ${what} memory of an skb that the driver does not own any more`,
      at: this.sentAt ?? this.deliveredAt,
    });
  }

  outside(fn: () => void): void {
    this.checker.outside(fn);
  }

  sent(): void {
    this.sentAt = mark();
  }

  driver(op: string, fn: () => void): void {
    try {
      this.checker.run(op, fn);
    } catch (error) {
      if (!this.checker.enabled) throw error;
      this.checker.report('oops', { text: `${op} throws ${String(error)}`, at: error as Error });
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
