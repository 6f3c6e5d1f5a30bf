/** The text of `ethtool DEV`. cf. ethtool netlink/settings.c */

type Values = Readonly<Record<string, unknown>>;

export function settingsText(dev: string, settings: Values): string {
  const lines = settings['port'] === undefined && settings['speed'] === undefined ? [] : linkLines(settings);
  const link = `\tLink detected: ${settings['link-detected'] ? 'yes' : 'no'}`;
  return [`Settings for ${dev}:`, ...lines, link].join('\n');
}

function linkLines(settings: Values): string[] {
  const { speed, duplex, port } = settings;
  const text = (key: string): string => String(settings[key] ?? 'Unknown');
  return [
    `\tSupported ports: [ ${list(settings['supported-ports']).join('\t ')} ]`,
    ...modeLines('Supported', settings['supported-link-modes'], `Supports auto-negotiation: ${yesNo(settings['supports-auto-negotiation'])}`),
    ...modeLines('Advertised', settings['advertised-link-modes'], `Advertised auto-negotiation: ${yesNo(settings['auto-negotiation'])}`),
    `\tSpeed: ${speed === undefined ? 'Unknown!' : `${speed}Mb/s`}`,
    `\tDuplex: ${duplex ?? 'Unknown! (255)'}`,
    `\tAuto-negotiation: ${settings['auto-negotiation'] ? 'on' : 'off'}`,
    `\tPort: ${text('port')}`,
    `\tPHYAD: ${settings['phyad'] ?? 0}`,
    `\tTransceiver: ${settings['transceiver'] ?? 'internal'}`,
    ...(port === 'Twisted Pair' ? ['\tMDI-X: Unknown'] : []),
  ]; // biome-ignore format: a list of lines
}

/** Each mode has a line of its own below the first. */
function modeLines(word: string, modes: unknown, negotiation: string): string[] {
  const label = `\t${word} link modes:  ${word === 'Supported' ? ' ' : ''}`;
  const shown = list(modes);
  return [
    `${label}${shown.length === 0 ? 'Not reported' : shown.join(`\n\t${' '.repeat(24)}`)}`,
    `\t${word} pause frame use: No`,
    `\t${negotiation}`,
    `\t${word} FEC modes: Not reported`,
  ];
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function yesNo(value: unknown): string {
  return value ? 'Yes' : 'No';
}
