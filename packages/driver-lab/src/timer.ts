/** Kernel timers for drivers: one that is set again and again, and runs as the driver's code. cf. kernel/time/timer.c */
import type { NetDevice } from '@etherloom/netcore';
import { underTest } from './checker/driver-under-test.ts';

export class TimerList {
  readonly #dev: NetDevice;
  readonly #fn: () => void;
  #timer: unknown = null;

  constructor(dev: NetDevice, fn: () => void) {
    this.#dev = dev;
    this.#fn = fn;
  }

  /** (Re)starts it: it fires once, `delayMs` from now. cf. mod_timer */
  mod(delayMs: number): void {
    this.delete();
    this.#timer = this.#dev.net.host.setTimer(() => {
      this.#timer = null;
      const driver = underTest(this.#dev);
      if (driver === null) this.#fn();
      else driver.driver('a timer', this.#fn);
    }, delayMs);
  }

  /** It does not fire any more. cf. timer_delete_sync */
  delete(): void {
    if (this.#timer !== null) this.#dev.net.host.clearTimer(this.#timer);
    this.#timer = null;
  }
}

/** cf. timer_setup */
export function timerSetup(dev: NetDevice, fn: () => void): TimerList {
  return new TimerList(dev, fn);
}
