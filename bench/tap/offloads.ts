/** Takes offloads away from every interface of a cable, so that TCP makes frames of 1514 bytes, checksums included. */
import { z } from 'zod';
import { must } from '../rivals/bed.ts';
import type { Cable } from '../rivals/cable.ts';
import type { Host } from '../rivals/rival.ts';

const OFF = ['tx', 'sg', 'tso', 'gso', 'gro'];
const NAMES = [
  'tx-checksumming',
  'tcp-segmentation-offload',
  'generic-segmentation-offload',
  'generic-receive-offload',
];

const Feature = z.object({ active: z.boolean() });
/** The interface's name lies among its features. */
const Interfaces = z.tuple([z.record(z.string(), z.unknown())]);

/** Those of `names` that `ethtool --json -k DEV` says are on. */
export function stillOn(text: string, names: readonly string[]): string[] {
  const [features] = Interfaces.parse(JSON.parse(text));
  return names.filter((name) => Feature.parse(features[name]).active);
}

async function takeAway({ netns, dev }: Host): Promise<void> {
  const ethtool = (...words: string[]): Promise<string> =>
    must('ip', 'netns', 'exec', netns, 'ethtool', ...words);
  await ethtool('-K', dev, ...OFF.flatMap((name) => [name, 'off']));
  const left = stillOn(await ethtool('--json', '-k', dev), NAMES);
  if (left.length > 0) throw new Error(`${dev} in ${netns} keeps ${left.join(', ')}`);
}

export async function offloadsOff(cable: Cable): Promise<void> {
  for (const host of cable.interfaces) await takeAway(host);
}
