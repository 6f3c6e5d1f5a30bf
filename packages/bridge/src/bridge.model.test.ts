import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bridge } from './bridge.ts';
import { BR_STATE_DISABLED, BR_STATE_FORWARDING } from './bridge-port.ts';
import { isFlood } from './verdict.ts';

/** The bridge as one would first write it: a Map from name to port and time, no cache. */
class PlainBridge {
  readonly stations = new Map<number, { port: number; at: number }>();
  readonly down = new Set<number>();
  readonly isolated = new Set<number>();

  hearers(from: number, src: number, dst: number, now: number): number[] {
    if (this.down.has(from)) return [];
    this.stations.set(src, { port: from, at: now });
    const known = this.stations.get(dst);
    const to = known && now - known.at < 100 ? [known.port] : [1, 2, 3, 4];
    return to.filter(
      (p) => p !== from && !this.down.has(p) && !(this.isolated.has(from) && this.isolated.has(p)),
    );
  }
}

type Step =
  | { op: 'send'; from: number; src: number; dst: number }
  | { op: 'toggle'; flag: 'down' | 'isolated'; port: number }
  | { op: 'wait'; ms: number };

const port = fc.integer({ min: 1, max: 4 });
const station = fc.integer({ min: 1, max: 5 });
const send = fc.record({ op: fc.constant('send' as const), from: port, src: station, dst: station });
const toggle = fc.record({
  op: fc.constant('toggle' as const),
  flag: fc.constantFrom('down' as const, 'isolated' as const),
  port,
});
const wait = fc.record({ op: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 6, arbitrary: send }, { weight: 1, arbitrary: toggle }, { weight: 1, arbitrary: wait }),
  { maxLength: 80 },
);

test('with its caches the bridge decides as the plain model, whatever happens in between', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const bridge = new Bridge({ ageing: 100 });
      const ports = [1, 2, 3, 4].map(() => bridge.addPort());
      const plain = new PlainBridge();
      let now = 0;
      for (const step of sequence) {
        if (step.op === 'wait') now += step.ms;
        else if (step.op === 'toggle') {
          const set = plain[step.flag];
          if (!set.delete(step.port)) set.add(step.port);
          const on = set.has(step.port);
          const patch =
            step.flag === 'down' ? { state: on ? BR_STATE_DISABLED : BR_STATE_FORWARDING } : { isolated: on };
          bridge.setPort(ports[step.port - 1]!, patch as { isolated: boolean });
        } else {
          const frame = Uint8Array.of(2, 0, 0, 0, 0, step.dst, 2, 0, 0, 0, 0, step.src, 8, 0);
          const from = ports[step.from - 1]!;
          const verdict = bridge.decide(from, frame, 0, 14, now);
          const flooded = () => ports.filter((to) => bridge.delivers(from, to, verdict)).map((to) => to.no);
          const heard = isFlood(verdict) ? flooded() : verdict < 0 ? [] : [verdict];
          expect(heard).toEqual(plain.hearers(step.from, step.src, step.dst, now));
        }
      }
    }),
    { numRuns: 500 },
  );
});
