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

class Pair {
  readonly bridge = new Bridge({ ageing: 100 });
  readonly ports = [1, 2, 3, 4].map(() => this.bridge.addPort());
  readonly plain = new PlainBridge();
  now = 0;

  run(step: Step): void {
    if (step.op === 'wait') this.now += step.ms;
    else if (step.op === 'toggle') this.#toggle(step.flag, step.port);
    else expect(this.#hearers(step)).toEqual(this.plain.hearers(step.from, step.src, step.dst, this.now));
  }

  #toggle(flag: 'down' | 'isolated', no: number): void {
    const set = this.plain[flag];
    if (!set.delete(no)) set.add(no);
    const on = set.has(no);
    const state = on ? BR_STATE_DISABLED : BR_STATE_FORWARDING;
    this.bridge.setPort(this.ports[no - 1]!, flag === 'down' ? { state } : { isolated: on });
  }

  #hearers({ from, src, dst }: { from: number; src: number; dst: number }): number[] {
    const frame = Uint8Array.of(2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 8, 0);
    const port = this.ports[from - 1]!;
    const verdict = this.bridge.decide(port, frame, 0, 14, this.now);
    if (!isFlood(verdict)) return verdict < 0 ? [] : [verdict];
    return this.ports.filter((to) => this.bridge.delivers(port, to, verdict)).map((to) => to.no);
  }
}

test('with its caches the bridge decides as the plain model, whatever happens in between', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const pair = new Pair();
      for (const step of sequence) pair.run(step);
    }),
    { numRuns: 500 },
  );
});
