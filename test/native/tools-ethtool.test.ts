/** Our layouts beside ethtool's, of the namespace's interfaces and of whatever the machine has. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  channelsText,
  drvinfoText,
  featuresText,
  ringText,
  statsText,
} from '../../packages/cli/src/format/ethtool.ts';
import { settingsText } from '../../packages/cli/src/format/ethtool-settings.ts';
import { describeWith } from '../requirements.ts';
import { run } from '../support/program.ts';
import { real, setUpTools, tearDownTools } from './tools-bed.ts';

describeWith('ethtool prints what the real one prints', ['root', 'tun', 'netns', 'ethtool'], () => {
  beforeAll(setUpTools);
  afterAll(tearDownTools);

  /** The namespace's own, and whatever the machine has. */
  const interfaces = () =>
    ['v0', 'tap0', 'lo']
      .map((dev) => ({ dev, ask: real }))
      .concat(
        readdirSync('/sys/class/net').map((dev) => ({
          dev,
          ask: (...line: string[]) => run(line[0]!, line.slice(1)),
        })),
      );

  test('-k: the text that goes with what --json says', async () => {
    for (const { dev, ask } of interfaces()) {
      const [{ ifname: _, ...features }] = JSON.parse((await ask('ethtool', '--json', '-k', dev)).stdout);
      expect(featuresText(dev, features)).toBe((await ask('ethtool', '-k', dev)).stdout.trimEnd());
    }
  });

  test.for([
    ['-i', (_dev: string, values: Values) => drvinfoText(values)],
    ['-S', (_dev: string, values: Values) => statsText(values)],
    ['-g', ringText],
    ['-l', channelsText],
  ] as const)('%s: the text that goes with the values', async ([option, text]) => {
    let compared = 0;
    for (const { dev, ask } of interfaces()) {
      const { code, stdout } = await ask('ethtool', option, dev);
      if (code !== 0) continue;
      expect(text(dev, valuesOf(stdout))).toBe(stdout.trimEnd());
      compared++;
    }
    // A veth and a TAP have no rings: where the machine has no card, ethtool.test.ts beside the code holds their text.
    if (option !== '-g') expect(compared).toBeGreaterThan(0);
  });

  test('without an option: the settings', async () => {
    for (const { dev, ask } of interfaces()) {
      const { stdout: theirs, code } = await ask('ethtool', dev);
      if (code !== 0) continue;
      expect(settingsText(dev, settingsOf(theirs))).toBe(
        theirs.replace(/^\s*Current message level[\s\S]*?\n(?=\tLink)/m, '').trimEnd(),
      );
    }
  });
});

type Values = Readonly<Record<string, unknown>>;

/** `label: value` lines as keys of ethtool's JSON; the second of two equal labels is the current value. */
function valuesOf(text: string): Values {
  const values: Record<string, unknown> = {};
  let suffix = '';
  for (const line of text.split('\n').slice(/^(driver)/.test(text) ? 0 : 1)) {
    if (line === 'Pre-set maximums:') suffix = '-max';
    else if (line === 'Current hardware settings:') suffix = '';
    const [, label, value] = /^\s*([^:]+):[\t ]*(.*)$/.exec(line) ?? [];
    if (label === undefined || value === undefined || value === 'n/a' || line.endsWith('maximums:')) continue;
    const key = /^(RX|TX|Other|Combined|CQE|TCP)/.test(label)
      ? label.toLowerCase().replaceAll(' ', '-') + suffix
      : label;
    values[key] = value;
  }
  delete values['Current hardware settings'];
  return values;
}

function settingsOf(text: string): Values {
  const field = (label: string) => new RegExp(`^\\t${label}: (.*)$`, 'm').exec(text)?.[1];
  const speed = /^(\d+)Mb/.exec(field('Speed') ?? '')?.[1];
  return {
    ...(speed === undefined ? {} : { speed: Number(speed) }),
    ...(field('Port') === undefined
      ? {}
      : {
          port: field('Port'),
          duplex: field('Duplex'),
          transceiver: field('Transceiver'),
          phyad: Number(field('PHYAD')),
        }),
    'auto-negotiation': field('Auto-negotiation') === 'on',
    'supports-auto-negotiation': field('Supports auto-negotiation') === 'Yes',
    'supported-ports': (/\[ (.*?) \]/.exec(text)?.[1] ?? '')
      .split('\t')
      .map((port) => port.trim())
      .filter((port) => port !== ''),
    'link-detected': field('Link detected') === 'yes',
  };
}
