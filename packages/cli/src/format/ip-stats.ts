/** The RX and TX tables of `ip -s [-s] link`, column for column. cf. iproute2 ip/ipaddress.c: print_stats64 */
import type { IpLink } from '@etherloom/schema';

export type Stats = NonNullable<IpLink['stats64']>;

/** A row's cells, by column; a hole stays empty. */
type Row = readonly (readonly [label: string, value: number] | null)[];

/** The last two columns appear in a row only when they count something. */
const RARE = 6;

const MIN_WIDTHS = [
  '*X errors:', 'packets', 'errors', 'dropped', 'heartbt', 'overrun', 'compressed', 'otherhost',
].map((label) => label.length); // biome-ignore format: iproute2's own list

/** How counters are written; the columns are as wide as whole counters all the same, as iproute2 has it. */
interface Scale {
  readonly human?: boolean;
  readonly iec?: boolean;
}

export function statLines({ rx, tx }: Stats, errors: boolean, scale: Scale = {}): string[] {
  const rxRow = row(['bytes', rx.bytes], ['packets', rx.packets], ['errors', rx.errors], ['dropped', rx.dropped], ['missed', rx.missed_errors ?? rx.over_errors], ['mcast', rx.multicast], rare('compressed', rx.compressed)); // biome-ignore format: a row of the table
  const rxErrors = row(null, ['length', rx.length_errors], ['crc', rx.crc_errors], ['frame', rx.frame_errors], ['fifo', rx.fifo_errors], ['overrun', rx.over_errors], rare('nohandler', rx.nohandler), rare('otherhost', rx.otherhost)); // biome-ignore format: a row of the table
  const txRow = row(['bytes', tx.bytes], ['packets', tx.packets], ['errors', tx.errors], ['dropped', tx.dropped], ['carrier', tx.carrier_errors], ['collsns', tx.collisions], rare('compressed', tx.compressed)); // biome-ignore format: a row of the table
  const txErrors = row(null, ['aborted', tx.aborted_errors], ['fifo', tx.fifo_errors], ['window', tx.window_errors], ['heartbt', tx.heartbeat_errors], ['transns', tx.carrier_changes]); // biome-ignore format: a row of the table
  const width = widths(errors ? [rxRow, rxErrors, txRow, shifted(txErrors)] : [rxRow, txRow]);
  const lines = [...plainRow('RX:', rxRow, width, scale)];
  if (errors) lines.push(...errorRow('RX errors:', rxErrors, width, scale));
  lines.push(...plainRow('TX:', txRow, width, scale));
  if (errors) lines.push(...errorRow('TX errors:', txErrors, width, scale));
  return lines;
}

function row(...cells: Row[number][]): Row {
  return cells;
}

function rare(label: string, value: number | undefined): Row[number] {
  return value ? [label, value] : null;
}

/** Why here: iproute2 sizes the columns of this one row a column further right than it prints them. */
function shifted(cells: Row): Row {
  return [null, ...cells];
}

function widths(rows: readonly Row[]): number[] {
  return MIN_WIDTHS.map((least, i) => Math.max(least, ...rows.map((cells) => digits(cells[i]))));
}

function digits(cell: Row[number] | undefined): number {
  return cell ? String(cell[1]).length : 0;
}

function plainRow(title: string, cells: Row, width: readonly number[], scale: Scale): string[] {
  const [first, ...others] = cells.slice(0, RARE);
  const last = cells[RARE]?.[0] ?? '';
  const heads = others.map((cell, i) => cell![0].padStart(width[i + 1]!));
  return [
    `    ${title} ${[first![0].padStart(width[0]! - 4), ...heads, last.padStart(width[RARE]!)].join(' ')}`,
    `    ${numbers(cells, width, scale)}`,
  ];
}

function errorRow(title: string, cells: Row, width: readonly number[], scale: Scale): string[] {
  const heads = cells.map((cell, i) => headOf(cell, i, width[i]!)).join('');
  return [
    `    ${title}${' '.repeat(width[0]! - 10)}${heads}`,
    `${' '.repeat(width[0]! + 5)}${numbers(cells, width, scale)}`,
  ];
}

function headOf(cell: Row[number], column: number, width: number): string {
  if (cell === null || column === 0) return '';
  return ` ${cell[0].padStart(width)}`;
}

function numbers(cells: Row, width: readonly number[], scale: Scale): string {
  return cells
    .map((cell, i) => (cell === null ? '' : `${countText(cell[1], scale).padStart(width[i]!)} `))
    .join('');
}

/** 135928 is "136k" for people, or with `iec` "133ki": three digits, cut to a unit from the first thousand on. */
function countText(count: number, { human = false, iec = false }: Scale): string {
  const base = iec ? 1024 : 1000;
  if (!human || count < base) return String(count);
  const power = Math.min(6, Math.floor(Math.log(count) / Math.log(base)));
  const value = count / base ** power;
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)}${'kMGTPE'[power - 1]}${iec ? 'i' : ''}`;
}
