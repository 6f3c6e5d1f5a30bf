/**
 * The demonstration as a picture: what arrives, and how many interrupts that takes, over what is offered. SVG by hand:
 * the plot library of the benches would bring 67 MB to everybody who installs the command.
 */
import type { Step } from './sweep.ts';
import type { Coalescing } from './words.ts';

const WIDTH = 860;
const HEIGHT = 480;
const PLOT = { left: 90, right: 640, top: 50, bottom: 420 };

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
  readonly points: readonly (readonly [number, number])[];
}

/** From a power of ten to a power of ten. */
class LogScale {
  readonly first: number;
  readonly last: number;
  readonly #from: number;
  readonly #to: number;

  constructor(values: readonly number[], from: number, to: number) {
    const logs = values.filter((v) => v > 0).map(Math.log10);
    this.first = Math.floor(Math.min(...logs));
    // Why less: a generator offers a little more than it was asked for, and would open another decade with that.
    this.last = Math.max(this.first + 1, Math.ceil(Math.max(...logs) - 0.02));
    this.#from = from;
    this.#to = to;
  }

  at(value: number): number {
    const share = (Math.log10(Math.max(value, 10 ** this.first)) - this.first) / (this.last - this.first);
    return this.#from + share * (this.#to - this.#from);
  }

  get decades(): number[] {
    return Array.from({ length: this.last - this.first + 1 }, (_, i) => 10 ** (this.first + i));
  }
}

export function drawSteps(steps: readonly Step[]): string {
  const lines = [
    ...linesOf(steps, 'off', 'an interrupt a frame', '#c0392b'),
    ...linesOf(steps, 'on', 'NAPI and batches', '#1f6fb2'),
  ];
  const points = lines.flatMap((line) => line.points);
  const x = new LogScale(points.map((p) => p[0]), PLOT.left, PLOT.right); // biome-ignore format: one axis a line
  const y = new LogScale(points.map((p) => p[1]), PLOT.bottom, PLOT.top); // biome-ignore format: one axis a line
  const body = [
    text(WIDTH / 2, 26, 'Frames delivered and interrupts taken, over frames offered', 'middle', 16),
    ...x.decades.flatMap((v) => gridX(x.at(v), v)),
    ...y.decades.flatMap((v) => gridY(y.at(v), v)),
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 18, 'frames offered a second', 'middle'),
    text(PLOT.left, PLOT.top - 10, 'a second', 'middle'),
    ...lines.flatMap((line, i) => drawLine(line, i, x, y)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif">
<rect width="100%" height="100%" fill="#ffffff"/>
${body.join('\n')}
</svg>
`;
}

function linesOf(steps: readonly Step[], mode: Coalescing, name: string, colour: string): Line[] {
  const own = steps.filter((step) => step.coalescing === mode);
  return [
    { name: `${name}: delivered`, colour, dash: '', points: own.map((s) => [s.offered, s.delivered]) },
    { name: `${name}: interrupts`, colour, dash: '6 4', points: own.map((s) => [s.offered, s.interrupts]) },
  ];
}

function drawLine({ name, colour, dash, points }: Line, i: number, x: LogScale, y: LogScale): string[] {
  const stroke = `fill="none" stroke="${colour}" stroke-width="2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
  const path = points.map(([a, b]) => `${n(x.at(a))},${n(y.at(b))}`).join(' ');
  const dots = points.map(
    ([a, b]) => `<circle cx="${n(x.at(a))}" cy="${n(y.at(b))}" r="3" fill="${colour}"/>`,
  );
  const row = PLOT.top + 14 + i * 22;
  const left = PLOT.right + 12;
  return [
    `<polyline points="${path}" ${stroke}/>`,
    ...dots,
    `<line x1="${left}" y1="${row - 4}" x2="${left + 24}" y2="${row - 4}" ${stroke}/>`,
    text(left + 30, row, name, 'start', 11),
  ];
}

function gridX(at: number, value: number): string[] {
  return [grid(at, PLOT.top, at, PLOT.bottom), text(at, PLOT.bottom + 20, figure(value), 'middle')];
}

function gridY(at: number, value: number): string[] {
  return [grid(PLOT.left, at, PLOT.right, at), text(PLOT.left - 8, at + 4, figure(value), 'end')];
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="#dddddd"/>`;
}

function text(x: number, y: number, words: string, anchor: string, size = 12): string {
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" font-size="${size}" fill="#222222">${words}</text>`;
}

function figure(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1000 ? `${value / 1000} k` : String(value);
}

function n(value: number): string {
  return value.toFixed(1);
}
