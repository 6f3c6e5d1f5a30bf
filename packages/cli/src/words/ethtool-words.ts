/** Reads the words of `ethtool`: an option, a device, and for the setters what to set. cf. ethtool.c: args[], do_actions */
import type { EthtoolPatch } from '@etherloom/schema';
import { ETHTOOL_SETTERS, readFeatureWords, readSetterWords } from './ethtool-set-words.ts';
import { mistake } from './mistakes.ts';
import { WordList } from './word-list.ts';

export type EthtoolSection =
  | 'settings'
  | 'drvinfo'
  | 'features'
  | 'ring'
  | 'coalesce'
  | 'pause'
  | 'channels'
  | 'stats'
  | 'permaddr';

/** What is shown by each option. */
const GETTERS: readonly (readonly [section: EthtoolSection, ...options: string[]])[] = [
  ['drvinfo', '-i', '--driver'],
  ['features', '-k', '--show-features', '--show-offload'],
  ['ring', '-g', '--show-ring'],
  ['coalesce', '-c', '--show-coalesce'],
  ['pause', '-a', '--show-pause'],
  ['channels', '-l', '--show-channels'],
  ['stats', '-S', '--statistics'],
  ['permaddr', '-P', '--show-permaddr'],
];

/** Options that ethtool has and a lab's devices have nothing for. */
const OTHERS = (
  '-T -x -X -N -U -u -e -E -d -m -r -p -t -f -w -W -Q ' +
  '--show-nfc --config-nfc --show-ntuple --config-ntuple --show-rxfh --show-rxfh-indir --rxfh --set-rxfh-indir ' +
  '--show-time-stamping --show-eee --set-eee --show-fec --set-fec --show-priv-flags --set-priv-flags --show-module ' +
  '--set-module --module-info --dump-module-eeprom --show-tunnels --register-dump --eeprom-dump --change-eeprom ' +
  '--phy-statistics --get-phy-tunable --set-phy-tunable --get-tunable --set-tunable --negotiate --identify --test ' +
  '--flash --get-dump --set-dump --per-queue --reset --monitor --cable-test --cable-test-tdr'
).split(' ');

export type EthtoolCommand =
  | { readonly what: 'show'; readonly section: EthtoolSection; readonly dev: string }
  | { readonly what: 'set'; readonly option: string; readonly dev: string; readonly patch: EthtoolPatch }
  | { readonly what: 'help' }
  | { readonly what: 'version' };

export interface EthtoolWords {
  readonly json: boolean;
  /** The node, as -n NODE of ip and tc. */
  readonly node: string | null;
  readonly command: EthtoolCommand;
}

export function readEthtoolWords(line: readonly string[]): EthtoolWords {
  const words = new WordList(line);
  let json = false;
  let node: string | null = null;
  for (;;) {
    if (words.takeIf((word) => word === '--json' || word === '-j') !== null) json = true;
    else if (words.takeIf((word) => word === '-n' || word === '--netns') !== null) node = words.take();
    else if (words.takeIf((word) => word === '--debug') !== null) words.take();
    else if (words.takeIf((word) => word === '-I' || word === '--include-statistics') === null) break;
  }
  return { json, node, command: readCommand(words) };
}

function readCommand(words: WordList): EthtoolCommand {
  const first = words.takeIf(() => true);
  if (first === null) throw badLine();
  if (first === '-h' || first === '--help') return { what: 'help' };
  if (first === '--version') return { what: 'version' };
  if (!first.startsWith('-')) return { what: 'show', section: 'settings', dev: first };
  const getter = GETTERS.find(([, ...options]) => options.includes(first));
  if (getter !== undefined) return readGetter(getter[0], words);
  if (['-K', '--features', '--offload'].includes(first)) {
    const dev = deviceOf(words);
    return { what: 'set', option: first, dev, patch: { features: readFeatureWords(words) } };
  }
  const setter = ETHTOOL_SETTERS.find(({ options }) => options.includes(first));
  if (setter === undefined) throw OTHERS.includes(first) ? unsupported(first) : badLine();
  const dev = deviceOf(words);
  return { what: 'set', option: first, dev, patch: readSetterWords(setter, words) };
}

function readGetter(section: EthtoolSection, words: WordList): EthtoolCommand {
  const dev = deviceOf(words);
  if (words.more) throw mistake(`ethtool: unexpected parameter '${words.take()}'`, 1);
  return { what: 'show', section, dev };
}

function deviceOf(words: WordList): string {
  const dev = words.takeIf((word) => !word.startsWith('-'));
  if (dev === null) throw badLine();
  return dev;
}

function unsupported(option: string) {
  return mistake(`netlink error: Operation not supported: no device of a lab has what ${option} is about`, 1);
}

function badLine() {
  return mistake(
    'ethtool: bad command line argument(s)\nFor more information run etherloom ethtool --help',
    1,
  );
}
