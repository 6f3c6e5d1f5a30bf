/** A link: a cable between two endpoints, with MTU, carrier and impairments per direction. */
import { z } from 'zod';
import { ETH_MAX_MTU, Mtu } from './device.ts';
import { deriveLinkName, Endpoint } from './endpoint.ts';
import { hash32 } from './mac.ts';
import { LinkName } from './names.ts';
import { strict } from './strict.ts';
import { Duration, Fraction, Rate } from './units.ts';

/** A cable carries what it is given. */
export const LINK_MTU = ETH_MAX_MTU;
/** Frames a direction holds when no limit is named: netem's queue in front of a bottleneck, room for any delay otherwise. */
export const RATE_LIMIT = 1000;
export const DELAY_LIMIT = 100_000;

/** Why no defaults: the same shape is a patch, and a patch never resets what it does not name. */
export const ImpairPatch = strict({
  delay: Duration.optional().meta({ description: 'Time on the way.', examples: ['10ms'] }),
  jitter: Duration.optional().meta({
    description: 'Spread of the delay, uniform, either way.',
    examples: ['2ms'],
  }),
  loss: Fraction.optional().meta({ description: 'Share of frames lost at random.', examples: ['0.5%'] }),
  rate: Rate.optional().meta({ description: 'Bit rate; 0: unlimited.', examples: ['20mbit'] }),
  limit: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .meta({
      description: `Frames held at most; 0: ${RATE_LIMIT} when a rate is set, else ${DELAY_LIMIT}.`,
      examples: [RATE_LIMIT],
    }),
  seed: z
    .int()
    .min(0)
    .max(0xffffffff)
    .optional()
    .meta({ description: 'Of loss and jitter; derived from the link.' }),
});
export type ImpairPatch = z.output<typeof ImpairPatch>;

/** Seconds, fractions, bit/s; zero is "none", for rate "unlimited", for limit "as the rate asks for" (`effectiveImpair`). */
export const Impair = strict({
  delay: z.number(),
  jitter: z.number(),
  loss: z.number(),
  rate: z.number(),
  limit: z.int(),
  seed: z.int(),
});
export type Impair = z.output<typeof Impair>;

const ImpairBothPatch = strict({
  forward: ImpairPatch.optional().meta({ description: 'From the first endpoint to the second.' }),
  reverse: ImpairPatch.optional().meta({ description: 'From the second endpoint to the first.' }),
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
  const none = { delay: 0, jitter: 0, loss: 0, rate: 0, limit: 0 };
  const blank: Link = {
    name,
    endpoints: input.endpoints,
    mtu: LINK_MTU,
    carrier: true,
    impair: {
      forward: { ...none, seed: hash32(`${lab}/${name}`, 2) },
      reverse: { ...none, seed: hash32(`${lab}/${name}`, 3) },
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

/** Both directions with the limit that is in force. Why not stored so: a rate that is set later asks for another one. */
export function effectiveImpair({ forward, reverse }: Link['impair']): Link['impair'] {
  return { forward: withLimit(forward), reverse: withLimit(reverse) };
}

function withLimit(impair: Impair): Impair {
  return { ...impair, limit: impair.limit || (impair.rate > 0 ? RATE_LIMIT : DELAY_LIMIT) };
}

/** What REST shows of a link. */
export function viewLink(link: Link, ends: LinkEnd[]): LinkView {
  return { ...link, impair: effectiveImpair(link.impair), ends };
}

function mergeImpair(base: Impair, patch: ImpairPatch = {}): Impair {
  return {
    delay: patch.delay ?? base.delay,
    jitter: patch.jitter ?? base.jitter,
    loss: patch.loss ?? base.loss,
    rate: patch.rate ?? base.rate,
    limit: patch.limit ?? base.limit,
    seed: patch.seed ?? base.seed,
  };
}
