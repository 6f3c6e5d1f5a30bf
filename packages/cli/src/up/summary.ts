/** What `etherloom up` says once the lab is ready: where things are, a table, and what to try next. */
import type { Lab } from '@etherloom/schema';
import { formatStatus, headline, type StatusView } from '../format/status.ts';
import { commandWord } from './command-word.ts';
import { kernelNodes } from './kernel-check.ts';

/** A table longer than this would push what matters off the screen. */
export const MANY_NODES = 40;

export interface ReadyView extends StatusView {
  readonly dataUrl: string;
}

export function readySummary(view: ReadyView, word: string = commandWord()): string {
  const { url, dataUrl } = view;
  const places = [`  REST    ${url}/v1/lab`, `  docs    ${url}/openapi.json`, `  switch  ${dataUrl}`];
  return [
    view.nodes.length > MANY_NODES ? headline(view).join('\n') : formatStatus(view),
    ['Ready.', ...places].join('\n'),
    ['Try, from another terminal:', ...tries(view.lab, url, word).map((line) => `  ${line}`)].join('\n'),
    'Ctrl-C ends the lab.',
  ].join('\n\n');
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Three commands that work on this very lab. */
function tries(lab: Lab, url: string, word: string): string[] {
  const at = url === DEFAULT_URL ? '' : ` --control ${url}`;
  const nodes = Object.entries(lab.nodes).filter(([, node]) => node.stack !== 'none');
  const [first, second] = nodes.map(([name]) => name);
  const link = lab.links[0];
  const out = [`${word} status${at}`];
  if (first !== undefined && second !== undefined) out.unshift(`${word} ping${at} -c 3 ${first} ${second}`);
  const [native] = kernelNodes(lab);
  if (native !== undefined) out.push(`sudo ${word} exec ${native} -- ip -s link`);
  else if (link !== undefined) {
    const body = `-X PATCH -H 'content-type: application/json' -d '{"impair":{"forward":{"delay":"20ms"}}}'`;
    out.push(`curl ${body} ${url}/v1/links/${link.name}`);
  }
  return out;
}
