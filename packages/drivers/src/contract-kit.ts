/** What the parts of the driver contract share: what a driver under test offers, a frame for it, and the errno of a refusal. */
import { devOpen, type NetDevice, type SkBuff } from '@etherloom/netcore';

/** The test framework's words, passed in: this file is no test and imports none. */
export interface ContractTest {
  test(name: string, fn: () => void): void;
  expect(value: unknown): {
    toBe(other: unknown): void;
    toEqual(other: unknown): void;
    toBeGreaterThan(other: number): void;
  };
}

export interface DriverUnderTest {
  /** Registered, down, fresh. */
  readonly dev: NetDevice;
  /** Makes a carrier: brings up the far end, connects the cable. The device is up already. */
  connect?(): void;
  /** Bytes that its statistics count of a frame of 60: 60 when it does not say. */
  readonly counted?: number;
  /** Has a frame of 60 bytes for it arrive from its wire; where it is not said, what it sends is what it receives, or it receives nothing. */
  receive?(): void;
  /** Lets everything that is under way arrive, be completed and be freed. */
  settle?(): void;
}

export const FRAME = 60;

/** An Ethernet frame of 60 bytes for the device's own use. */
export function contractFrame(dev: NetDevice): SkBuff {
  const skb = dev.pool.alloc(FRAME)!;
  const at = skb.put(FRAME);
  skb.buf.fill(0, at, at + FRAME);
  skb.buf.fill(0xff, at, at + 6);
  skb.buf.set(dev.devAddr, at + 6);
  skb.buf[at + 12] = 0x88; // a local experimental EtherType: nobody handles it
  skb.buf[at + 13] = 0xb5;
  skb.dev = dev;
  return skb;
}

/** Opens it, connects it, and lets that arrive. */
export function broughtUp(made: DriverUnderTest): DriverUnderTest {
  devOpen(made.dev);
  made.connect?.();
  made.settle?.();
  return made;
}

/** The name of the errno that `fn` is refused with. */
export function errno(fn: () => void): string {
  try {
    fn();
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return 'no error';
}
