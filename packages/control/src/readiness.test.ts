import { type IpLink, type LinkState, parseLab } from '@etherloom/schema';
import { describe, expect, test } from 'vitest';
import { missing, type Seen, type SeenNode } from './readiness.ts';

const lab = parseLab({
  nodes: { h1: { devices: { eth0: {} } }, h2: { devices: { eth0: {} } } },
  links: [{ name: 'cable', endpoints: ['h1:eth0', 'h2:eth0'] }],
});

/** Everything as it should be, but for what a test changes. */
class Whole implements Seen {
  readonly ends = ['h1:eth0', 'h2:eth0'].map((endpoint) => ({
    endpoint,
    attached: true,
    up: true,
    carrier: true,
  }));
  readonly cable: LinkState = { name: 'cable', carrier: true, ends: this.ends };
  readonly switch = { ...fine(), links: new Map([['cable', this.cable]]) };
  readonly nodes = { h1: nodeWith(['UP', 'LOWER_UP']), h2: nodeWith(['UP', 'LOWER_UP']) };
  off = '';

  node(name: string): SeenNode | undefined {
    return this.nodes[name as 'h1' | 'h2'];
  }
  launchProblem(): null {
    return null;
  }
  carrierOff(node: string, device: string): boolean {
    return this.off === `${node}:${device}`;
  }
}

function fine() {
  return { connected: true, applied: true, refusals: [], problem: null };
}
function nodeWith(flags: string[]): SeenNode {
  return { ...fine(), devices: new Map([['eth0', { flags } as unknown as IpLink]]) };
}

describe('a lab has converged', () => {
  test('when all is as it should be, and when there is no lab', () => {
    expect(missing(lab, new Whole())).toEqual([]);
    expect(missing(null, new Whole())).toEqual([]);
  });

  test.each<[string, (seen: Whole) => void, string[]]>([
    [
      'a cable end is not plugged in',
      (seen) => (seen.ends[0]!.attached = false),
      ['h1:eth0 is not plugged into link cable yet'],
    ],
    [
      'the switch offers no carrier',
      (seen) => (seen.ends[1]!.carrier = false),
      ['h2:eth0 has no carrier yet from link cable'],
    ],
    [
      'a device does not show it',
      (seen) => (seen.nodes.h1 = nodeWith(['UP'])),
      ['h1:eth0 has no carrier yet from link cable'],
    ],
    [
      'a device is down',
      (seen) => (seen.nodes.h1 = nodeWith([])),
      ['device h1:eth0 is down and should be up'],
    ],
    [
      'the switch has no such link',
      (seen) => seen.switch.links.clear(),
      ['link cable does not exist on the switch yet'],
    ],
    [
      'the switch does not answer',
      (seen) => Object.assign(seen.switch, { applied: false, problem: 'ETIMEDOUT' }),
      ['the switch does not answer: ETIMEDOUT'],
    ],
    [
      'a node has an older lab',
      (seen) => Object.assign(seen.nodes.h2, { applied: false }),
      ['node h2 has not applied the lab yet'],
    ],
  ])('not while %s', (_when, spoil, want) => {
    const seen = new Whole();
    spoil(seen);
    expect(missing(lab, seen)).toEqual(want);
  });

  test('though a carrier was switched off on the device itself', () => {
    const seen = new Whole();
    seen.nodes.h1 = nodeWith(['UP']);
    seen.off = 'h1:eth0';
    expect(missing(lab, seen)).toEqual([]);
  });

  test('with the carrier off where the link, or the far end, is meant to be off', () => {
    const off = structuredClone(lab);
    off.links[0]!.carrier = false;
    const seen = new Whole();
    expect(missing(off, seen)).toEqual([
      'h1:eth0 has a carrier still from link cable',
      'h2:eth0 has a carrier still from link cable',
    ]);
    const down = structuredClone(lab);
    down.nodes['h2']!.devices['eth0']!.up = false;
    seen.nodes.h2 = nodeWith([]);
    expect(missing(down, seen)).toEqual(['h1:eth0 has a carrier still from link cable']);
  });

  test.each([
    ['who dials in raw is not waited for, and without him the other end has no carrier', false],
    ['once he is there, the other end has to have one', true],
  ])('%s', (_name, attached) => {
    const wired = parseLab({
      nodes: { h1: { devices: { eth0: {} } } },
      links: [{ name: 'cable', endpoints: ['h1:eth0', 'raw:vm1'] }],
    });
    const seen = new Whole();
    Object.assign(seen.ends[1]!, { endpoint: 'raw:vm1', attached, up: attached, carrier: attached });
    Object.assign(seen.ends[0]!, { carrier: attached });
    const without = nodeWith(attached ? ['UP', 'LOWER_UP'] : ['UP']);
    seen.nodes.h1 = without;
    expect(missing(wired, seen)).toEqual([]);
    seen.nodes.h1 = nodeWith(attached ? ['UP'] : ['UP', 'LOWER_UP']);
    expect(missing(wired, seen)).toHaveLength(1);
  });
});
