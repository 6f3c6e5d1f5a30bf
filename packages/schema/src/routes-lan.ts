/** Routes of LANs, their ports and their forwarding database. */
import { z } from 'zod';
import { FdbAdd, FdbEntry, FdbKey } from './fdb.ts';
import { LanCreate, LanPatch, LanPort, LanPortPatch, LanView } from './lan.ts';
import { Name } from './names.ts';
import type { RouteSpec } from './route.ts';
import { strict } from './strict.ts';

const PORT_RULE = 'a port is a number, as listed by GET /v1/lans/{lan}/ports';
const PortNumber = z
  .string(PORT_RULE)
  .regex(/^\d{1,9}$/, PORT_RULE)
  .transform(Number)
  .pipe(z.int())
  .meta({ description: 'Port number.', examples: [1] });

const OfLan = strict({ lan: Name });
const lans = { path: '/v1/lans', tag: 'lan' } as const;
const lan = { path: '/v1/lans/{lan}', tag: 'lan', params: OfLan } as const;
const fdb = { path: '/v1/lans/{lan}/fdb', tag: 'fdb', params: OfLan } as const;

export const LAN_ROUTES = {
  listLans: { ...lans, method: 'GET', summary: 'All LANs', status: 200, response: z.array(LanView) },
  createLan: {
    ...lans,
    method: 'POST',
    summary: 'Add a LAN',
    body: LanCreate,
    example: { name: 'lab-net', ageing: '5min' },
    status: 201,
    response: LanView,
  },
  getLan: { ...lan, method: 'GET', summary: 'One LAN', status: 200, response: LanView },
  patchLan: {
    ...lan,
    method: 'PATCH',
    summary: 'Change a LAN; what is not named stays',
    body: LanPatch,
    example: { ageing: '60s' },
    status: 200,
    response: LanView,
  },
  deleteLan: {
    ...lan,
    method: 'DELETE',
    summary: 'Remove a LAN; EBUSY while a link ends in it',
    status: 204,
  },
  listPorts: {
    ...lan,
    method: 'GET',
    path: '/v1/lans/{lan}/ports',
    summary: 'Ports of a LAN with their counters',
    status: 200,
    response: z.array(LanPort),
  },
  patchPort: {
    ...lan,
    method: 'PATCH',
    path: '/v1/lans/{lan}/ports/{port}',
    params: strict({ lan: Name, port: PortNumber }),
    summary: 'Change learning, flooding, isolation of a port',
    body: LanPortPatch,
    example: { isolated: true },
    status: 200,
    response: LanPort,
  },
  listFdb: {
    ...fdb,
    method: 'GET',
    summary: 'Forwarding database, as `bridge -j fdb show`',
    status: 200,
    response: z.array(FdbEntry),
  },
  addFdb: {
    ...fdb,
    method: 'POST',
    summary: 'Add a static entry',
    body: FdbAdd,
    example: { mac: '02:00:00:00:00:09', ifname: 'h1:eth0' },
    status: 201,
    response: FdbEntry,
  },
  deleteFdb: {
    ...fdb,
    method: 'DELETE',
    summary: 'Remove an entry, static or learned',
    query: FdbKey,
    status: 204,
  },
} as const satisfies Record<string, RouteSpec>;
