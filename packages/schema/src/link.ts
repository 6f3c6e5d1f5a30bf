/** A link: a cable between two endpoints, with MTU, carrier and impairments per direction. */
import { z } from 'zod';
import { ETH_MAX_MTU, Mtu } from './device.ts';
import { deriveLinkName, Endpoint } from './endpoint.ts';
import { effectiveOf, Impair, ImpairPatch, mergeImpair, NO_IMPAIR } from './impair.ts';
import { hash32 } from './mac.ts';
import { LinkName } from './names.ts';
import { strict } from './strict.ts';

/** A cable carries what it is given. */
export const LINK_MTU = ETH_MAX_MTU;
const ImpairBothPatch = strict({
  forward: ImpairPatch.nullable().optional().meta({
    description: 'From the first endpoint to the second; null: nothing is done to it any more.',
  }),
  reverse: ImpairPatch.nullable().optional().meta({ description: 'From the second endpoint to the first.' }),
});

const settings = {
  mtu: Mtu.optional().meta({ description: `MTU of the cable, ${LINK_MTU} when absent.` }),
  carrier: z.boolean().optional().meta({ description: 'false: unplugged at both ends. Default true.' }),
  impair: ImpairBothPatch.optional(),
};

/** A link as written in a lab file and in POST /v1/links. */
export const LinkInput = strict({
  name: LinkName.optional().meta({
    description: 'Derived from the endpoints when absent.',
    examples: ['cable-3'],
  }),
  endpoints: z.tuple([Endpoint, Endpoint], 'endpoints are two, as ["h1:eth0", "lan:office"]'),
  ...settings,
});
export type LinkInput = z.input<typeof LinkInput>;

export const LinkPatch = strict(settings);
export type LinkPatch = z.output<typeof LinkPatch>;

/** A link of a resolved lab. forward is endpoints[0] to endpoints[1]. */
export const Link = strict({
  name: z.string(),
  endpoints: z.tuple([z.string(), z.string()]),
  mtu: z.int(),
  carrier: z.boolean(),
  impair: strict({ forward: Impair, reverse: Impair }),
});
export type Link = z.output<typeof Link>;

/** A link as control tells the switch: a and b are endpoint texts, forward is a to b. */
export const LinkSlice = strict({
  name: z.string(),
  a: z.string(),
  b: z.string(),
  mtu: z.int(),
  carrier: z.boolean(),
  impair: strict({ forward: Impair, reverse: Impair }),
});
export type LinkSlice = z.output<typeof LinkSlice>;

export const LinkEnd = strict({
  endpoint: z.string(),
  attached: z
    .boolean()
    .meta({ description: 'Something is connected: a device that has said hello, or a LAN.' }),
  up: z.boolean().meta({ description: 'The device is administratively up.' }),
  carrier: z.boolean().meta({ description: 'The carrier this end shows.' }),
});
export type LinkEnd = z.output<typeof LinkEnd>;

/** A link as its switch sees it; carrier is the link's own setting. */
export const LinkState = strict({ name: z.string(), carrier: z.boolean(), ends: z.array(LinkEnd) });
export type LinkState = z.output<typeof LinkState>;

/** A link as REST shows it: what was asked for, with the limit it comes to, and its ends as observed. */
export const LinkView = strict({ ...Link.shape, ends: z.array(LinkEnd) }).meta({ id: 'Link' });
export type LinkView = z.output<typeof LinkView>;

/** Fills in name, MTU, carrier and both impairments. */
export function resolveLink(lab: string, input: z.output<typeof LinkInput>): Link {
  const name = input.name ?? deriveLinkName(...input.endpoints);
  const blank: Link = {
    name,
    endpoints: input.endpoints,
    mtu: LINK_MTU,
    carrier: true,
    impair: {
      forward: { ...NO_IMPAIR, seed: hash32(`${lab}/${name}`, 2) },
      reverse: { ...NO_IMPAIR, seed: hash32(`${lab}/${name}`, 3) },
    },
  };
  return mergeLink(blank, input);
}

/** The link with the patch applied; what the patch does not name stays. */
export function mergeLink(link: Link, patch: LinkPatch): Link {
  return {
    ...link,
    mtu: patch.mtu ?? link.mtu,
    carrier: patch.carrier ?? link.carrier,
    impair: {
      forward: mergeImpair(link.impair.forward, patch.impair?.forward),
      reverse: mergeImpair(link.impair.reverse, patch.impair?.reverse),
    },
  };
}

/** Both directions as they work. */
export function effectiveImpair({ forward, reverse }: Link['impair']): Link['impair'] {
  return { forward: effectiveOf(forward), reverse: effectiveOf(reverse) };
}

/** What REST shows of a link. */
export function viewLink(link: Link, ends: LinkEnd[]): LinkView {
  return { ...link, impair: effectiveImpair(link.impair), ends };
}
