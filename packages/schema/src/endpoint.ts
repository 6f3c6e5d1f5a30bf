/** The two ends of a link: `h1:eth0`, `lan:office`, `raw:vm1` for who dials `/raw/raw:vm1`, or a machine that is not ours. */
import { z } from 'zod';
import { InputError } from './issues.ts';
import { Ifname, Name, NodeName } from './names.ts';

export type ParsedEndpoint =
  | { readonly kind: 'device'; readonly node: string; readonly device: string }
  | { readonly kind: 'lan'; readonly lan: string }
  | { readonly kind: 'raw'; readonly name: string };

const ENDPOINT_RULE =
  'an endpoint is "NODE:DEVICE" (as "h1:eth0"), "lan:NAME" (as "lan:office") or "raw:NAME" (who dials /raw/raw:NAME)';
const FOREIGN = /^(qemu|vde|pcap):/;

/** True for endpoints the grammar knows and this version cannot plug. */
export function isForeignEndpoint(text: string): boolean {
  return FOREIGN.test(text);
}

/** Splits an endpoint; throws InputError (EINVAL, or EOPNOTSUPP for a foreign one). */
export function parseEndpoint(text: string): ParsedEndpoint {
  const at = text.indexOf(':');
  const head = text.slice(0, at);
  const rest = text.slice(at + 1);
  if (isForeignEndpoint(text)) throw new InputError('EOPNOTSUPP', [{ path: [], message: foreignText(text) }]);
  if (at > 0 && head === 'lan' && Name.safeParse(rest).success) return { kind: 'lan', lan: rest };
  if (at > 0 && head === 'raw' && Name.safeParse(rest).success) return { kind: 'raw', name: rest };
  if (at > 0 && NodeName.safeParse(head).success && Ifname.safeParse(rest).success) {
    return { kind: 'device', node: head, device: rest };
  }
  throw new InputError('EINVAL', [{ path: [], message: `"${text}" is no endpoint: ${ENDPOINT_RULE}` }]);
}

/** Why a foreign endpoint is refused. */
export function foreignText(text: string): string {
  return `"${text}": ${text.slice(0, text.indexOf(':'))} endpoints are not supported yet; use NODE:DEVICE or lan:NAME`;
}

/** An endpoint as text; foreign ones pass here and are refused by the lab's checks. */
export const Endpoint = z
  .string(ENDPOINT_RULE)
  .refine((text) => isForeignEndpoint(text) || isEndpoint(text), {
    error: (issue) => `"${String(issue.input)}" is no endpoint: ${ENDPOINT_RULE}`,
  })
  .meta({ description: 'Endpoint: NODE:DEVICE, lan:NAME or raw:NAME.', examples: ['h1:eth0', 'lan:office'] });
export type Endpoint = z.output<typeof Endpoint>;

function isEndpoint(text: string): boolean {
  try {
    parseEndpoint(text);
    return true;
  } catch {
    return false;
  }
}

/** `h1:eth0`, `lan:office` -> `h1-eth0--office`. */
export function deriveLinkName(a: string, b: string): string {
  return `${endpointWord(a)}--${endpointWord(b)}`;
}

function endpointWord(endpoint: string): string {
  return endpoint.replace(/^lan:/, '').replaceAll(/[^a-z0-9_.-]/gi, '-');
}
