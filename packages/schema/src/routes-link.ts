/** Routes of links. */
import { z } from 'zod';
import { LinkInput, LinkPatch, LinkView } from './link.ts';
import { LinkName } from './names.ts';
import type { RouteSpec } from './route.ts';
import { LinkStats } from './stats.ts';
import { strict } from './strict.ts';

const links = { path: '/v1/links', tag: 'link' } as const;
const link = { path: '/v1/links/{link}', tag: 'link', params: strict({ link: LinkName }) } as const;

export const LINK_ROUTES = {
  listLinks: { ...links, method: 'GET', summary: 'All links', status: 200, response: z.array(LinkView) },
  createLink: {
    ...links,
    method: 'POST',
    summary: 'Plug a cable in',
    body: LinkInput,
    example: { endpoints: ['h4:eth0', 'lan:office'], impair: { forward: { delay: '10ms' } } },
    status: 201,
    response: LinkView,
  },
  getLink: { ...link, method: 'GET', summary: 'One link', status: 200, response: LinkView },
  patchLink: {
    ...link,
    method: 'PATCH',
    summary: 'Change MTU, carrier, impairments; what is not named stays',
    body: LinkPatch,
    example: { carrier: false, impair: { forward: { loss: '1%' } } },
    status: 200,
    response: LinkView,
  },
  deleteLink: { ...link, method: 'DELETE', summary: 'Pull a cable out', status: 204 },
  getLinkStats: {
    ...link,
    method: 'GET',
    path: '/v1/links/{link}/stats',
    summary: 'Both directions: tx + duplicated = rx + drops by reason + queue',
    status: 200,
    response: LinkStats,
  },
} as const satisfies Record<string, RouteSpec>;
