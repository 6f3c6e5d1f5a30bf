/** The text of `ethtool [-i|-k|-g|-c|-a|-S|-l] DEV`, line for line. cf. ethtool netlink/rings.c, coalesce.c, pause.c, features.c */
import type { Ethtool } from '@etherloom/schema';

type Values = Readonly<Record<string, unknown>>;

/** `n/a` stands for what a driver does not say. */
function shown(value: unknown): string {
  if (value === undefined) return 'n/a';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}

export function drvinfoText(drvinfo: Values): string {
  return Object.entries(drvinfo).map(([key, value]) => `${key}: ${value}`).join('\n'); // biome-ignore format: one thought
}

export function statsText(stats: Values): string {
  return ['NIC statistics:', ...Object.entries(stats).map(([name, value]) => `     ${name}: ${value}`)].join(
    '\n',
  );
}

const RING_LINES = [
  ['Pre-set maximums:'],
  ['RX:\t\t', 'rx-max'], ['RX Mini:\t', 'rx-mini-max'], ['RX Jumbo:\t', 'rx-jumbo-max'], ['TX:\t\t', 'tx-max'],
  ['Current hardware settings:'],
  ['RX:\t\t', 'rx'], ['RX Mini:\t', 'rx-mini'], ['RX Jumbo:\t', 'rx-jumbo'], ['TX:\t\t', 'tx'],
  ['RX Buf Len:\t\t', 'rx-buf-len'], ['CQE Size:\t\t', 'cqe-size'], ['TX Push:\t', 'tx-push'], ['TCP data split:\t', 'tcp-data-split'],
] as const; // biome-ignore format: a table

export function ringText(dev: string, ring: Values): string {
  const values: Values = { 'tx-push': false, ...ring };
  return [`Ring parameters for ${dev}:`, ...RING_LINES.map((line) => lineText(line, values))].join('\n');
}

const CHANNEL_LINES = [
  ['Pre-set maximums:'],
  ['RX:\t\t', 'rx-max'], ['TX:\t\t', 'tx-max'], ['Other:\t\t', 'other-max'], ['Combined:\t', 'combined-max'],
  ['Current hardware settings:'],
  ['RX:\t\t', 'rx'], ['TX:\t\t', 'tx'], ['Other:\t\t', 'other'], ['Combined:\t', 'combined'],
] as const; // biome-ignore format: a table

export function channelsText(dev: string, channels: Values): string {
  return [`Channel parameters for ${dev}:`, ...CHANNEL_LINES.map((line) => lineText(line, channels))].join(
    '\n',
  );
}

function lineText([label, key]: readonly [label: string, key?: string], values: Values): string {
  return key === undefined ? label : `${label}${shown(values[key])}`;
}

/** A hole is an empty line. */
const COALESCE_KEYS = [
  'stats-block-usecs', 'sample-interval', 'pkt-rate-low', 'pkt-rate-high', null,
  'rx-usecs', 'rx-frames', 'rx-usecs-irq', 'rx-frames-irq', null,
  'tx-usecs', 'tx-frames', 'tx-usecs-irq', 'tx-frames-irq', null,
  'rx-usecs-low', 'rx-frame-low', 'tx-usecs-low', 'tx-frame-low', null,
  'rx-usecs-high', 'rx-frame-high', 'tx-usecs-high', 'tx-frame-high', null,
] as const; // biome-ignore format: a table

export function coalesceText(dev: string, coalesce: Values): string {
  const adaptive = `Adaptive RX: ${shown(coalesce['adaptive-rx'])}  TX: ${shown(coalesce['adaptive-tx'])}`;
  const cqe = `CQE mode RX: ${shown(coalesce['cqe-mode-rx'])}  TX: ${shown(coalesce['cqe-mode-tx'])}`;
  const lines = COALESCE_KEYS.map((key) => (key === null ? '' : `${key}: ${shown(coalesce[key])}`));
  return [`Coalesce parameters for ${dev}:`, adaptive, ...lines, cqe, ''].join('\n').concat('\n');
}

export function pauseText(dev: string, pause: Values): string {
  const negotiated = pause['negotiated'] as Values | undefined;
  return [
    `Pause parameters for ${dev}:`,
    `Autonegotiate:\t${shown(pause['autonegotiate'])}`,
    `RX:\t\t${shown(pause['rx'])}`,
    `TX:\t\t${shown(pause['tx'])}`,
    ...(negotiated === undefined ? [] : [`RX negotiated: ${shown(negotiated['rx'])}`, `TX negotiated: ${shown(negotiated['tx'])}`]), // biome-ignore format: one case
    '',
  ].join('\n').concat('\n'); // biome-ignore format: a list
}

/** Which lines sum up those below them, which are set off by a tab. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  'tx-checksumming': /^tx-checksum-/,
  'scatter-gather': /^tx-scatter-gather/,
  'tcp-segmentation-offload': /^tx-tcp/,
};

export function featuresText(dev: string, features: Ethtool['features']): string {
  let group: RegExp | undefined;
  const lines = Object.entries(features).map(([name, feature]) => {
    if (group !== undefined && !group.test(name)) group = undefined;
    const line = `${group === undefined ? '' : '\t'}${featureText(name, feature)}`;
    group = GROUPS[name] ?? group;
    return line;
  });
  return [`Features for ${dev}:`, ...lines].join('\n');
}

function featureText(name: string, { active, fixed, requested }: Ethtool['features'][string]): string {
  if (fixed) return `${name}: ${shown(active)} [fixed]`;
  const wanted = requested === null || requested === active ? '' : ` [requested ${shown(requested)}]`;
  return `${name}: ${shown(active)}${wanted}`;
}
