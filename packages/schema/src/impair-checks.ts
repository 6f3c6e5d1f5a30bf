/** What no single field of an impairment can know: that they fit together. In the words of tc, then what to do. */
import type { Impair } from './impair.ts';
import type { InputIssue } from './issues.ts';
import type { Link } from './link.ts';

interface Rule {
  readonly broken: (impair: Impair) => boolean;
  readonly text: string;
}

const RULES: readonly Rule[] = [
  {
    broken: ({ reorder, delay }) => reorder !== undefined && delay === 0,
    text: 'reordering not possible without specifying some delay: set delay, or reorder to 0',
  },
  {
    broken: ({ gap, reorder }) => gap !== undefined && reorder === undefined,
    text: 'gap specified without reorder probability: set reorder, or gap to 0',
  },
  {
    broken: ({ distribution, delay, jitter }) => distribution !== undefined && (delay === 0 || jitter === 0),
    text: 'distribution specified but no latency and jitter values: set delay and jitter, or distribution to uniform',
  },
  {
    broken: (impair) => lossModels(impair) > 1,
    text: 'duplicate loss argument: one of loss, lossState and lossGemodel; set the others to 0 and null',
  },
  {
    broken: (impair) => impair.ecn === true && lossModels(impair) === 0,
    text: 'ecn requested without loss model: set loss, lossState or lossGemodel, or ecn to false',
  },
  {
    broken: ({ lossState }) => lossState !== undefined && lossState.p13 === undefined,
    text: 'lossState: p13 is what a loss begins with: set it, or lossState to null',
  },
  {
    broken: ({ lossGemodel }) => lossGemodel !== undefined && lossGemodel.p === undefined,
    text: 'lossGemodel: p is what a loss begins with: set it, or lossGemodel to null',
  },
  {
    broken: ({ slot }) => (slot?.maxDelay ?? Number.POSITIVE_INFINITY) < (slot?.minDelay ?? 0),
    text: 'slot: Illegal "slot max_delay": maxDelay is less than minDelay',
  },
  {
    broken: ({ slot }) => slot?.minDelay !== undefined && slot.delay !== undefined,
    text: 'slot: minDelay and maxDelay, or distribution, delay and jitter; not both',
  },
  {
    broken: ({ slot }) => slot !== undefined && slot.minDelay === undefined && slot.delay === undefined,
    text: 'slot: minDelay, or delay, says how long one takes: set it, or slot to null',
  },
];

function lossModels({ loss, lossState, lossGemodel }: Impair): number {
  return Number(loss > 0) + Number(lossState !== undefined) + Number(lossGemodel !== undefined);
}

/** Why it is refused; null when it is not. */
export function impairProblem(impair: Impair): string | null {
  return RULES.find(({ broken }) => broken(impair))?.text ?? null;
}

/** Of all links, with their places in the lab. */
export function checkImpairs(links: readonly Link[]): (InputIssue & { readonly code: 'EINVAL' })[] {
  return links.flatMap(({ impair }, i) =>
    (['forward', 'reverse'] as const).flatMap((way) => {
      const message = impairProblem(impair[way]);
      return message === null
        ? []
        : [{ path: ['links', i, 'impair', way], message, code: 'EINVAL' as const }];
    }),
  );
}
