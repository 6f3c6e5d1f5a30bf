/** The colours of iproute2 with -c: names, addresses and states. cf. iproute2 lib/color.c */
import process from 'node:process';

export type Hue = 'ifname' | 'mac' | 'inet' | 'inet6' | 'up' | 'down';

/** The text, in its colour where colours are wanted. */
export type Paint = (hue: Hue | null, text: string) => string;

export const PLAIN: Paint = (_hue, text) => text;

const CODES: Readonly<Record<Hue, number>> = { ifname: 36, mac: 33, inet: 35, inet6: 34, up: 32, down: 31 };

/** Bold on a dark background, which a terminal tells in COLORFGBG. */
export function colours(dark: boolean): Paint {
  return (hue, text) => (hue === null ? text : `\u001b[${dark ? '1;' : ''}${CODES[hue]}m${text}\u001b[0m`);
}

interface Wanted {
  readonly color: 'always' | 'auto' | 'never';
  readonly json: boolean;
}

export function paintFor(
  { color, json }: Wanted,
  isTTY: boolean = process.stdout.isTTY,
  env: NodeJS.ProcessEnv = process.env,
): Paint {
  const auto = isTTY && !env['NO_COLOR'];
  if (json || color === 'never' || (color === 'auto' && !auto)) return PLAIN;
  return colours(/;([0-6]|8)$/.test(env['COLORFGBG'] ?? ''));
}

export function stateHue(operstate: string): Hue | null {
  if (operstate === 'UP') return 'up';
  return operstate === 'DOWN' ? 'down' : null;
}

export function familyHue(address: string): Hue {
  return address.includes(':') ? 'inet6' : 'inet';
}
