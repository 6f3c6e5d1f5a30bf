/** The text and JSON of `ip neighbour`. cf. iproute2 ip/ipneigh.c: print_neigh */

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
}

const FLAGS = ['router', 'proxy', 'managed', 'extern_learn', 'offload'];
const COUNTERS = ['refcnt', 'used', 'confirmed', 'updated', 'probes'];

export function formatNeighbour(neighbour: Neighbour, view: NeighbourView): string {
  const words = [
    neighbour.dst,
    ...(view.ofDevice || neighbour.dev === undefined ? [] : ['dev', neighbour.dev]),
    ...(neighbour.lladdr === undefined ? [] : ['lladdr', neighbour.lladdr]),
    ...FLAGS.filter((flag) => flag in neighbour),
  ];
  const stats = view.stats ? counters(neighbour) : '';
  const protocol = neighbour['protocol'] === undefined ? '' : `proto ${neighbour['protocol']} `;
  return `${words.join(' ')} ${stats}${neighbour.state.map((state) => `${state} `).join('')}${protocol}`;
}

/** `ip -br neigh`. */
export function briefNeighbour({ dst, dev, lladdr }: Neighbour, { ofDevice }: NeighbourView): string {
  const device = ofDevice || dev === undefined ? '' : `${dev.padEnd(16)} `;
  return `${dst.padEnd(39)} ${device}${lladdr ?? ''}`;
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
