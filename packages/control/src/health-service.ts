/** Probes: alive, and what the lab still waits for. */
import type { HealthService } from '@etherloom/api';
import type { Clock } from './clock.ts';
import type { Reconciler } from './reconciler.ts';

/** However often one asks, agents are not asked more often than this, nor for more than one part in ten of the time. */
const OBSERVE_EVERY_MS = 1_000;
const OBSERVE_SHARE = 10;

export function healthService(reconciler: Reconciler, version: string, clock: Clock): HealthService {
  let observeFrom = Number.NEGATIVE_INFINITY;
  return {
    health: async () => ({ status: 'ok', version }),
    waiting: async () => {
      const missing = [...reconciler.lastMissing()];
      const now = clock.now();
      // While something is missing the reconciler asks by itself; a yes is worth making sure of.
      if (missing.length > 0 || now < observeFrom) return missing;
      observeFrom = now + OBSERVE_EVERY_MS;
      await reconciler.observe();
      observeFrom = Math.max(observeFrom, clock.now() + OBSERVE_SHARE * (clock.now() - now));
      return reconciler.missing();
    },
  };
}
