/** Probes: alive, and what the lab still waits for. */
import type { HealthService } from '@etherloom/api';
import type { Clock } from './clock.ts';
import type { Reconciler } from './reconciler.ts';

/** However often one asks, agents are not asked more often than this. */
const OBSERVE_EVERY_MS = 1_000;

export function healthService(reconciler: Reconciler, version: string, clock: Clock): HealthService {
  let observedAt = Number.NEGATIVE_INFINITY;
  return {
    health: async () => ({ status: 'ok', version }),
    waiting: async () => {
      if (clock.now() - observedAt >= OBSERVE_EVERY_MS) {
        observedAt = clock.now();
        await reconciler.observe();
      }
      return reconciler.missing();
    },
  };
}
