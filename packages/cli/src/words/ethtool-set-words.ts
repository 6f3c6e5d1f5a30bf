/** What `ethtool -s -G -C -A -L -K DEV` may set, in its words, and what each becomes in REST. cf. ethtool netlink/parser.c */
import type { EthtoolPatch } from '@etherloom/schema';
import { mistake } from './mistakes.ts';
import { readUnsigned } from './tc-units.ts';
import type { WordList } from './word-list.ts';

type Section = Exclude<keyof EthtoolPatch, 'features'>;
type Reader = (text: string) => number | boolean | string | null;

export interface EthtoolSetter {
  readonly section: Section;
  readonly options: readonly string[];
  readonly words: Readonly<Record<string, readonly [key: string, read: Reader]>>;
  /** Words that ethtool knows and a lab's drivers have nothing for. */
  readonly unsupported: readonly string[];
}

const COALESCE_UNSUPPORTED =
  'adaptive-rx adaptive-tx sample-interval stats-block-usecs pkt-rate-low pkt-rate-high rx-usecs-irq rx-frames-irq tx-usecs-irq tx-frames-irq rx-usecs-low rx-frames-low tx-usecs-low tx-frames-low rx-usecs-high rx-frames-high tx-usecs-high tx-frames-high cqe-mode-rx cqe-mode-tx'; // biome-ignore format: one line of text

export const ETHTOOL_SETTERS: readonly EthtoolSetter[] = [
  {
    section: 'settings',
    options: ['-s', '--change'],
    words: { speed: ['speed', count], duplex: ['duplex', duplex], autoneg: ['auto-negotiation', onOff] },
    unsupported: 'lanes port mdix advertise phyad xcvr wol sopass msglvl master-slave'.split(' '),
  },
  {
    section: 'ring',
    options: ['-G', '--set-ring'],
    words: { rx: ['rx', count], tx: ['tx', count] },
    unsupported: 'rx-mini rx-jumbo rx-buf-len cqe-size tx-push tcp-data-split'.split(' '),
  },
  {
    section: 'coalesce',
    options: ['-C', '--coalesce'],
    words: Object.fromEntries(
      ['rx-usecs', 'rx-frames', 'tx-usecs', 'tx-frames'].map((name) => [name, [name, count]]),
    ),
    unsupported: COALESCE_UNSUPPORTED.split(' '),
  },
  {
    section: 'pause',
    options: ['-A', '--pause'],
    words: { autoneg: ['autonegotiate', onOff], rx: ['rx', onOff], tx: ['tx', onOff] },
    unsupported: [],
  },
  {
    section: 'channels',
    options: ['-L', '--set-channels'],
    words: { rx: ['rx', count], tx: ['tx', count], combined: ['combined', count] },
    unsupported: ['other'],
  },
];

export function readSetterWords(setter: EthtoolSetter, words: WordList): EthtoolPatch {
  const [option] = setter.options as readonly [string];
  const values: Record<string, unknown> = {};
  while (words.more) {
    const word = words.take();
    if (setter.unsupported.includes(word)) throw unsupported(option, word);
    const entry = Object.hasOwn(setter.words, word) ? setter.words[word] : undefined;
    if (entry === undefined) throw mistake(`ethtool (${option}): unknown parameter '${word}'`, 1);
    if (!words.more) throw mistake(`ethtool (${option}): no value for parameter '${word}'`, 1);
    const text = words.take();
    const value = entry[1](text);
    if (value === null)
      throw mistake(`ethtool (${option}): invalid value '${text}' for parameter '${word}'`, 1);
    if (entry[0] in values) throw mistake(`ethtool (${option}): duplicate parameter '${word}'`, 1);
    values[entry[0]] = value;
  }
  return { [setter.section]: values };
}

/** NAME on|off ...: which names there are is the device's to say. */
export function readFeatureWords(words: WordList): Record<string, boolean> {
  const features: Record<string, boolean> = {};
  while (words.more) {
    const name = words.take();
    const text = words.takeIf(() => true);
    const value = text === null ? null : onOff(text);
    if (value === null) {
      const given = text === null ? '' : ` '${text}'`;
      throw mistake(`ethtool (-K): flag${given} for parameter '${name}' is not followed by 'on' or 'off'`, 1);
    }
    features[name] = value;
  }
  if (Object.keys(features).length === 0) throw mistake('Could not change any device features', 1);
  return features;
}

function unsupported(option: string, word: string) {
  return mistake(`netlink error: Operation not supported: no device of a lab has "${word}" (${option})`, 1);
}

function count(text: string): number | null {
  return readUnsigned(text);
}

function onOff(text: string): boolean | null {
  return text === 'on' || text === 'off' ? text === 'on' : null;
}

function duplex(text: string): string | null {
  return text === 'half' || text === 'full' ? text : null;
}
