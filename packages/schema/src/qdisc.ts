/** Queueing disciplines of a device: as `tc -j -s qdisc` prints them, as they are asked for, as a lab keeps them. */
import { z } from 'zod';
import { issuesOf } from './issues.ts';
import { QDISC_OPTION_NAMES, type QdiscOptions, qdiscOptionsOf, settableOptions } from './qdisc-options.ts';
import { strict } from './strict.ts';

/** One element of `tc -j -s qdisc`. */
export const Qdisc = z
  .looseObject({
    kind: z.string(),
    handle: z.string(),
    dev: z.string(),
    root: z.boolean().optional(),
    parent: z.string().optional(),
    refcnt: z.int().optional(),
    options: z.record(z.string(), z.unknown()),
    bytes: z.number(),
    packets: z.number(),
    drops: z.number(),
    overlimits: z.number(),
    requeues: z.number(),
    backlog: z.number(),
    qlen: z.number(),
  })
  .meta({ id: 'Qdisc' });
export type Qdisc = z.output<typeof Qdisc>;

const HANDLE_RULE = 'a handle is a hexadecimal number and a colon, as "1:" or "8001:"';
const PARENT_RULE = 'a parent is "root" or a class, as "1:2"';

const Kind = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,15}$/, 'a kind is a name of up to 15 letters, digits, "_" or "-"')
  .meta({ description: 'pfifo, bfifo, pfifo_fast, tbf, fq_codel, prio, netem ...', examples: ['netem'] });
const Handle = z
  .string(HANDLE_RULE)
  .regex(/^[0-9a-fA-F]{1,4}:0?$/, HANDLE_RULE)
  .overwrite((text) => `${Number.parseInt(text, 16).toString(16)}:`)
  .meta({ description: `Handle: ${HANDLE_RULE}; given by the device when absent.`, examples: ['1:'] });
const Parent = z
  .string(PARENT_RULE)
  .regex(/^(root|[0-9a-fA-F]{0,4}:[0-9a-fA-F]{1,4})$/, PARENT_RULE)
  .overwrite((text) => text.toLowerCase())
  .meta({
    description: 'Where it hangs: root (the default) or a class of another qdisc.',
    examples: ['root'],
  });
const Options = z.record(z.string(), z.unknown()).meta({
  description:
    'By the names of `tc -j qdisc`. Numbers are as tc prints them (seconds, fractions, bytes/s); text has its unit ("10ms", "0.5%", "20mbit"). ' +
    Object.entries(QDISC_OPTION_NAMES)
      .map(([kind, names]) => `${kind}: ${names.join(', ') || 'none'}.`)
      .join(' '),
  examples: [{ delay: { delay: '10ms' }, 'loss-random': { loss: '0.5%' } }],
});
const Mode = z
  .enum(['replace', 'add', 'change'], 'mode is "replace" (the default), "add" or "change"')
  .meta({ description: 'As the words of tc: add refuses what is there, change what is not.' });

const where = { kind: Kind, handle: Handle.optional(), parent: Parent.optional() };

/** A qdisc as a lab keeps it; absent parent: the root. */
export const QdiscConfig = strict({ ...where, options: z.record(z.string(), z.unknown()) });
export type QdiscConfig = z.output<typeof QdiscConfig>;

/** A qdisc as control asks a node for it, with all quantities read. */
export const QdiscRequest = strict({ ...QdiscConfig.shape, mode: Mode });
export type QdiscRequest = z.output<typeof QdiscRequest>;

/** A qdisc as written in a lab file. */
export const QdiscInput = strict({ ...where, options: Options.optional() })
  .transform((written, ctx) => ({ ...written, options: readOptions(written, ctx) }))
  .pipe(QdiscConfig);

/** Body of PUT .../qdisc. */
export const QdiscPut = strict({ ...where, mode: Mode.default('replace'), options: Options.optional() })
  .transform((written, ctx) => ({ ...written, options: readOptions(written, ctx) }))
  .pipe(QdiscRequest);
export type QdiscPut = z.output<typeof QdiscPut>;

/** Body of PATCH .../qdisc: names one by handle or parent, else the root; its options are merged. */
export const QdiscPatch = strict({
  kind: Kind.optional(),
  handle: Handle.optional(),
  parent: Parent.optional(),
  options: Options,
});
export type QdiscPatch = z.output<typeof QdiscPatch>;

/** Query of DELETE .../qdisc. */
export const QdiscKey = strict({
  parent: Parent.optional(),
  handle: Handle.optional(),
  kind: Kind.optional(),
});
export type QdiscKey = z.output<typeof QdiscKey>;

/** The qdiscs that somebody asked for: a device's own defaults have the handle 0: */
export function configuredQdiscs(shown: readonly Qdisc[]): QdiscConfig[] {
  return shown
    .filter(({ handle }) => handle !== '0:')
    .map(({ kind, handle, parent, options }) => ({
      kind,
      handle,
      ...(parent === undefined ? {} : { parent }),
      options: settableOptions(kind, options),
    }));
}

interface Written {
  readonly kind: string;
  readonly options?: QdiscOptions | undefined;
}

function readOptions({ kind, options = {} }: Written, ctx: z.core.$RefinementCtx): QdiscOptions {
  const read = qdiscOptionsOf(kind).safeParse(options);
  if (read.success) return read.data;
  for (const { path, message } of issuesOf(read.error)) {
    ctx.issues.push({ code: 'custom', input: options, message, path: ['options', ...path] });
  }
  return z.NEVER;
}
