/** The text and JSON of `ip neighbour`. cf. iproute2 ip/ipneigh.c: print_neigh */
import { familyHue, type Paint, PLAIN } from './paint.ts';

/** One element of `ip -j -s neigh`; what is only a flag (router, proxy) is a key that holds null. */
export interface Neighbour {
  readonly dst: string;
  readonly dev?: string | undefined;
  readonly lladdr?: string | undefined;
  readonly state: readonly string[];
  readonly [key: string]: unknown;
}

export interface NeighbourView {
  readonly stats: boolean;
  /** One device was asked for, so it is not named again. */
  readonly ofDevice: boolean;
  readonly paint?: Paint;
}

const FLAGS = ['router', 'proxy', 'managed', 'extern_learn', 'offload'];
const COUNTERS = ['refcnt', 'used', 'confirmed', 'updated', 'probes'];

export function formatNeighbour(neighbour: Neighbour, view: NeighbourView): string {
  const { paint = PLAIN } = view;
  const { dst, dev, lladdr } = neighbour;
  const words = [
    paint(familyHue(dst), `${dst} `),
    view.ofDevice || dev === undefined ? '' : `dev ${paint('ifname', `${dev} `)}`,
    lladdr === undefined ? '' : `lladdr ${paint('mac', `${lladdr} `)}`,
    ...FLAGS.filter((flag) => flag in neighbour).map((flag) => `${flag} `),
  ];
  const stats = view.stats ? counters(neighbour) : '';
  const protocol = neighbour['protocol'] === undefined ? '' : `proto ${neighbour['protocol']} `;
  return `${words.join('')}${stats}${neighbour.state.map((state) => `${state} `).join('')}${protocol}`;
}

/** `ip -br neigh`. */
export function briefNeighbour({ dst, dev, lladdr }: Neighbour, view: NeighbourView): string {
  const { ofDevice, paint = PLAIN } = view;
  const device = ofDevice || dev === undefined ? '' : paint('ifname', `${dev.padEnd(16)} `);
  return `${paint(familyHue(dst), `${dst.padEnd(39)} `)}${device}${lladdr === undefined ? '' : paint('mac', lladdr)}`;
}

export function neighbourJson(neighbour: Neighbour, view: NeighbourView): Record<string, unknown> {
  const keys = [
    'dst',
    ...(view.ofDevice ? [] : ['dev']),
    'lladdr',
    ...FLAGS,
    ...(view.stats ? COUNTERS : []),
  ];
  return pick(neighbour, [...keys, 'state', 'protocol']);
}

export function briefNeighbourJson(neighbour: Neighbour, view: NeighbourView): Record<string, unknown> {
  return pick(neighbour, ['dst', ...(view.ofDevice ? [] : ['dev']), 'lladdr']);
}

/** Why so close: iproute2 puts no space between the times and the probes. */
function counters(neighbour: Neighbour): string {
  if (neighbour['used'] === undefined) return '';
  const ref = neighbour['refcnt'] ? ` ref ${neighbour['refcnt']}` : '';
  const times = `${neighbour['used']}/${neighbour['confirmed']}/${neighbour['updated']}`;
  const probes = neighbour['probes'] === undefined ? '' : `probes ${neighbour['probes']} `;
  return `${ref} used ${times}${probes}`;
}

function pick(neighbour: Neighbour, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key in neighbour).map((key) => [key, neighbour[key]]));
}
