/** What netem's words are gathered in, and the distributions there are tables for. */
import { refuse } from './option-mistakes.ts';

export type NetemDraft = Record<string, unknown>;

const DISTRIBUTIONS = ['uniform', 'normal', 'pareto', 'paretonormal'];

export function readDistribution(name: string): string {
  if (DISTRIBUTIONS.includes(name)) return name;
  throw refuse(`No distribution data for ${name} (known are ${DISTRIBUTIONS.join(', ')})`);
}
