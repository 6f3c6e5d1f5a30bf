/** Links of a lab in memory. */
import {
  InputError,
  type Link,
  type LinkStats,
  type LinkView,
  mergeLink,
  resolveLink,
  viewLink,
} from '@etherloom/schema';
import type { MemoryState } from './memory-state.ts';
import type { LinkService } from './services.ts';

export function memoryLinks(state: MemoryState): LinkService {
  const find = (name: string): Link => {
    const link = state.lab.links.find((one) => one.name === name);
    if (link !== undefined) return link;
    throw new InputError('ENOENT', [{ path: [], message: `no link "${name}"` }]);
  };
  const commit = (links: Link[]) => state.commit({ ...state.lab, links });
  return {
    list: () => state.lab.links.map(view),
    get: (name) => view(find(name)),
    create(input) {
      const link = resolveLink(state.lab.name, input);
      if (state.lab.links.some(({ name }) => name === link.name)) {
        throw new InputError('EEXIST', [{ path: ['name'], message: `link "${link.name}" exists already` }]);
      }
      commit([...state.lab.links, link]);
      return view(link);
    },
    patch(name, patch) {
      const next = mergeLink(find(name), patch);
      commit(state.lab.links.map((link) => (link.name === name ? next : link)));
      return view(next);
    },
    delete(name) {
      const gone = find(name);
      commit(state.lab.links.filter((link) => link !== gone));
    },
    stats: (name) => idleStats(find(name)),
  };
}

function view(link: Link): LinkView {
  const ends = link.endpoints.map((endpoint) => ({ endpoint, attached: false, up: false, carrier: false }));
  return viewLink(link, ends);
}

function idleStats({ name }: Link): LinkStats {
  const direction = () => ({ tx: 0, rx: 0, txBytes: 0, rxBytes: 0, drops: {}, queue: 0 });
  return { name, forward: direction(), reverse: direction(), balanced: true };
}
