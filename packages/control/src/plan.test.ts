import { type Lab, parseLab } from '@etherloom/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyPlan } from './apply-plan.ts';
import { changeText, plan } from './plan.ts';

const nodeNames = ['h1', 'h2', 'constructor'];
const deviceNames = ['eth0', 'eth1'];
const lanNames = ['office', 'lab'];

const device = fc.record({
  mtu: fc.constantFrom(1500, 1400),
  up: fc.boolean(),
  promisc: fc.option(fc.boolean(), { nil: undefined }),
});
const impair = fc.record({ delay: fc.constantFrom(0, 0.01), loss: fc.constantFrom(0, 0.5) });
const link = fc.record({
  mtu: fc.constantFrom(65535, 1400),
  carrier: fc.boolean(),
  impair: fc.record({ forward: impair }),
});
const some = <T>(names: string[], value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc
    .uniqueArray(fc.constantFrom(...names))
    .chain((keys) =>
      fc
        .tuple(...keys.map(() => value))
        .map((values) => Object.fromEntries(keys.map((key, i) => [key, values[i]!]))),
    );

/** Labs that share names, so that every kind of step occurs. */
const anyLab: fc.Arbitrary<Lab> = fc
  .record({
    name: fc.constantFrom('a', 'b'),
    nodes: some(
      nodeNames,
      fc.record({ stack: fc.constantFrom('user', 'none'), devices: some(deviceNames, device) }),
    ),
    lans: some(lanNames, fc.record({ ageing: fc.constantFrom(300, 10) })),
    links: fc.array(fc.tuple(fc.nat(), link), { maxLength: 4 }),
  })
  .map(({ links, ...rest }) => parseLab({ ...rest, links: wire(rest, links) }));

type Pluggable = { nodes: Record<string, { devices: object }>; lans: object };

/** Plugs each device at most once, into some LAN that exists. */
function wire({ nodes, lans }: Pluggable, links: Array<[number, object]>) {
  const ends = Object.entries(nodes).flatMap(([node, { devices }]) =>
    Object.keys(devices).map((name) => `${node}:${name}`),
  );
  const all = Object.keys(lans);
  if (all.length === 0) return [];
  return links.slice(0, ends.length).map(([n, settings], i) => ({
    endpoints: [ends[i], `lan:${all[n % all.length]}`],
    name: `cable-${i}`,
    ...settings,
  }));
}

const canonical = (lab: Lab | null) =>
  lab && { ...lab, links: lab.links.toSorted((a, b) => a.name.localeCompare(b.name)) };
const texts = (a: Lab | null, b: Lab | null) => plan(a, b).map((step) => changeText(step.change));

const three = parseLab({
  name: 'three',
  nodes: { h1: { devices: { eth0: { ip: '10.0.0.1/24' } } } },
  lans: { office: {} },
  links: [{ name: 'cable', endpoints: ['h1:eth0', 'lan:office'] }],
});

describe('plan', () => {
  test('applied to the first lab it gives the second', () => {
    const labs = fc.option(anyLab, { nil: null });
    fc.assert(
      fc.property(labs, labs, (a, b) => {
        expect(canonical(applyPlan(a, plan(a, b)))).toEqual(canonical(b));
      }),
      { numRuns: 500 },
    );
  });

  test('of a lab and itself is empty, in whatever order its links are written', () => {
    fc.assert(
      fc.property(anyLab, (lab) => {
        expect(plan(lab, { ...lab, links: lab.links.toReversed() })).toEqual([]);
      }),
    );
  });

  test('creates before it plugs, and unplugs before it removes', () => {
    const up = ['+ lab three', '+ node h1', '+ lan office', '+ device h1:eth0', '+ link cable'];
    const down = ['- link cable', '- device h1:eth0', '- lan office', '- node h1', '- lab three'];
    expect(texts(null, three)).toEqual(up);
    expect(texts(three, null)).toEqual(down);
  });

  test('names each setting that changes, with its old and its new value', () => {
    const changed = structuredClone(three);
    changed.links[0]!.mtu = 1400;
    changed.links[0]!.impair.forward.delay = 0.01;
    changed.nodes['h1']!.devices['eth0']!.ip = [];
    expect(texts(three, changed)).toEqual([
      '~ device h1:eth0: ip 10.0.0.1/24 -> none',
      '~ link cable: mtu 65535 -> 1400, impair.forward.delay 0 -> 0.01',
    ]);
  });
});
