/** Kernel timers for drivers: one that is set again and again, and runs as the driver's code. cf. kernel/time/timer.c */
import type { NetDevice } from '@etherloom/netcore';
import { underTest } from './checker/driver-under-test.ts';
import { mark } from './checker/where.ts';

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
    const driver = underTest(this.#dev);
    driver?.timers.set(this, mark());
    this.#timer = this.#dev.net.host.setTimer(() => {
      this.#timer = null;
      driver?.timers.delete(this);
      if (driver === null) this.#fn();
      else driver.driver('a timer', this.#fn);
    }, delayMs);
  }

  /** It does not fire any more. cf. timer_delete_sync */
  delete(): void {
    if (this.#timer === null) return;
    this.#dev.net.host.clearTimer(this.#timer);
    this.#timer = null;
    underTest(this.#dev)?.timers.delete(this);
  }
}

/** cf. timer_setup */
export function timerSetup(dev: NetDevice, fn: () => void): TimerList {
  if (typeof fn !== 'function') throw new TypeError('timerSetup: the second argument is no function');
  return new TimerList(dev, fn);
}
