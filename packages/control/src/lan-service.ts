/** `/v1/lans`: LANs as the lab asks for them; ports and forwarding database as the switch has them. */
import type { LanService } from '@etherloom/api';
import type { LanView } from '@etherloom/schema';
import { switchAgent } from './agents.ts';
import type { DesiredLab } from './desired-lab.ts';
import { labOf, labOrEmpty, lanOf, own, refusePlugged, refuseTaken, withLan } from './lab-edit.ts';
import type { Reconciler } from './reconciler.ts';

export function lanService(desired: DesiredLab, reconciler: Reconciler): LanService {
  const get = (name: string): LanView => {
    const { ageing } = lanOf(desired.current, name);
    const ends = desired.current?.links.flatMap((link) => link.endpoints) ?? [];
    return { name, ageing, ports: ends.filter((endpoint) => endpoint === `lan:${name}`).length };
  };
  /** The switch, for a LAN of the lab. */
  const host = (name: string) => {
    lanOf(desired.current, name);
    return switchAgent(reconciler);
  };
  return {
    list: async () => Object.keys(desired.current?.lans ?? {}).map(get),
    get: async (name) => get(name),
    create: async ({ name, ...lan }) => {
      await desired.change((current) => {
        const lab = labOrEmpty(current);
        refuseTaken(own(lab.lans, name) !== undefined, `LAN ${name}`);
        return withLan(lab, name, lan);
      });
      return get(name);
    },
    patch: async (name, { ageing }) => {
      await desired.change((current) => {
        const lan = lanOf(current, name);
        return withLan(labOf(current), name, { ...lan, ageing: ageing ?? lan.ageing });
      });
      return get(name);
    },
    delete: async (name) => {
      await desired.change((current) => {
        lanOf(current, name);
        refusePlugged(labOf(current), `LAN ${name}`, (endpoint) => endpoint === `lan:${name}`);
        return withLan(labOf(current), name, null);
      });
    },
    ports: async (lan) => host(lan).call('lan.ports', { lan }),
    patchPort: async (lan, port, patch) => host(lan).call('port.set', { lan, port, patch }),
    fdb: async (lan) => host(lan).call('fdb.list', { lan }),
    fdbAdd: async (lan, entry) => host(lan).call('fdb.add', { lan, ...entry }),
    fdbDelete: async (lan, key) => {
      await host(lan).call('fdb.del', { lan, ...key });
    },
  };
}
