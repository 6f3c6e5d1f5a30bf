/**
 * What a trial is and what it hands back. A trial starts what it measures itself, as users run it, ends it, and leaves
 * nothing behind. It is told how long it may take by its parameters: one set for the whole bench, one for --quick.
 *
 *   export const meshTrial = defineTrial({
 *     name: 'mesh', title: '16 nodes fully meshed', shows: 'what ... means',
 *     full: { nodes: 16, seconds: 5, rounds: 5 }, quick: { nodes: 16, seconds: 2, rounds: 1 },
 *     run: async ({ nodes, seconds, rounds }, ctx) => ({ figures: [...], accounts: [...] }),
 *   });
 *
 * and a line in bench/trials.ts. A trial that throws is shown as failed, with its error; the others still run.
 */

/** A figure that was measured, once a round. The table of what to reach finds figures by `id`. */
export interface Figure {
  /** Unique in the whole bench, kebab-case: 'switch-cpu-ns-64'. */
  readonly id: string;
  /** For people: 'CPU-ns a frame, switch, 64 B'. */
  readonly label: string;
  /** 'Mpps', 'ns', 'ms', 'Gbit/s', 'times', '%', 'KiB', 's', 'frames' ... */
  readonly unit: string;
  /** One value a round, in order; the report gives median, least and most. A paired ratio is a figure of its own. */
  readonly samples: readonly number[];
  /** What is good. Default: 'more'. */
  readonly better?: 'more' | 'less';
}

/**
 * Where the frames of a trial went: expected = received + held + all drops, or the trial has failed.
 * `expected` counts copies: a broadcast to n ports counts n times. `held` is what is still under way when all is at rest.
 */
export interface Account {
  readonly what: string;
  readonly expected: number;
  readonly received: number;
  readonly held?: number;
  /** 'switch QUEUE_FRAMES': by place and reason. */
  readonly drops: Readonly<Record<string, number>>;
}

/** CPU time that a process took while it was measured. */
export interface ProcessCpu {
  /** 'switch', 'source', 'vde_switch' ... */
  readonly process: string;
  readonly seconds: number;
  /** The wall clock meanwhile. */
  readonly wallSeconds: number;
}

/** A line chart or, where x are names, a bar chart; drawn as SVG. `file` is a name without folder and ending. */
export interface Plot {
  readonly file: string;
  readonly title: string;
  readonly x: { readonly label: string; readonly log?: boolean; readonly names?: readonly string[] };
  readonly y: { readonly label: string; readonly log?: boolean };
  /** With `x.names` a point's x is the index of its name. */
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** A table of the report, already in words: for what is more than a list of figures. */
export interface Grid {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A part of a trial that this machine cannot run: a rival that is not installed, a right that is missing. */
export interface Skip {
  /** 'vde_switch' */
  readonly what: string;
  readonly why: string;
  /** 'apt install vde2' */
  readonly remedy: string;
}

export interface TrialResult {
  readonly figures: readonly Figure[];
  readonly accounts?: readonly Account[];
  readonly cpu?: readonly ProcessCpu[];
  readonly plots?: readonly Plot[];
  readonly grids?: readonly Grid[];
  readonly skips?: readonly Skip[];
  /** Sentences for the reader: how it was measured, what it does not show. Each becomes a point of a list. */
  readonly notes?: readonly string[];
  /** What makes the trial fail though it did not throw: 'frames at a wrong port: 3'. The figures are still shown. */
  readonly failures?: readonly string[];
}

export interface TrialContext {
  readonly quick: boolean;
  /** A folder of its own, removed after the trial. */
  readonly folder: string;
  /** Tells the person who waits how far it is; not in the report. */
  say(line: string): void;
}

export interface TrialSpec<P> {
  /** kebab-case, unique: what --only takes. */
  readonly name: string;
  readonly title: string;
  /** What it shows, in one or two sentences. */
  readonly shows: string;
  readonly full: P;
  /** null: not part of --quick. */
  readonly quick: P | null;
  /** Why this machine cannot run it at all; null when it can. */
  readonly missing?: () => Skip | null | Promise<Skip | null>;
  readonly run: (parameters: P, ctx: TrialContext) => Promise<TrialResult>;
}

/** A trial with its parameters inside. */
export interface Trial {
  readonly name: string;
  readonly title: string;
  readonly shows: string;
  readonly inQuick: boolean;
  missing(): Promise<Skip | null>;
  run(ctx: TrialContext): Promise<TrialResult>;
}

export function defineTrial<P>(spec: TrialSpec<P>): Trial {
  return {
    name: spec.name,
    title: spec.title,
    shows: spec.shows,
    inQuick: spec.quick !== null,
    missing: async () => (await spec.missing?.()) ?? null,
    run: (ctx) => spec.run(ctx.quick ? (spec.quick ?? spec.full) : spec.full, ctx),
  };
}

/** Frames that nobody can account for; 0 in a trial that counts. */
export function unaccounted({ expected, received, held = 0, drops }: Account): number {
  return expected - received - held - Object.values(drops).reduce((sum, n) => sum + n, 0);
}
