/** `etherloom trace`: follows frames of a running lab through nodes and switch; drops with reason and place. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ClientError } from '@etherloom/client';
import type { Trace } from '@etherloom/schema';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addConnection, connect } from '../connect.ts';
import { toolJson } from '../format/json.ts';
import { traceText } from '../format/trace.ts';
import { print, printError } from '../output.ts';
import { mistake } from '../words/mistakes.ts';
import { readTraceWords, type TraceFilterWords } from '../words/trace-words.ts';

const LOOK_MS = 200;
/** Copies and answers may be under way when the last frame has been seen for the first time. */
const SETTLE_MS = 300;

const HELP = `
FILTER, all of which must be so ("and" may stand between):
  [arp|icmp|icmp6|tcp|udp] [host A] [src A] [dst A] [port N] [ether host MAC] [on NODE[:DEV]]
One table a frame: microseconds since it was first seen, where, the function it was in, what happened.
Exit code: 0 frames were seen, 1 none was, or the filter makes no sense.

Examples:
  etherloom trace icmp and host 10.0.0.2
  etherloom trace -c 1 arp on h1:eth0
  etherloom trace --ping h1 h2`;

interface TraceOptions {
  readonly count?: number;
  readonly wait: number;
  readonly json?: boolean;
  readonly ping?: boolean;
}

export function traceCommand(program: Command): void {
  const command = program
    .command('trace')
    .argument('[FILTER...]', 'which frames; with --ping: the node that pings, and its target')
    .description('follow frames through a running lab, with times and the reasons and places of drops');
  addConnection(command)
    .addOption(number('-c, --count <COUNT>', 'frames to follow (default: 10; with --ping: all)', COUNT))
    .addOption(number('-w, --wait <SECONDS>', 'how long to look for frames', WAIT).default(10))
    .option('-j, --json', 'as JSON')
    .option('--ping', 'send one ping, from the first word to the second, and show it both ways')
    .addHelpText('after', HELP)
    .action(async (words: string[]) => {
      const options = command.opts<TraceOptions>();
      const { client } = connect(command);
      const trace = options.ping
        ? await tracePing(client, words, options)
        : await follow(client, words, options);
      if (options.json) print(toolJson(trace, true));
      else if (trace.frames.length > 0) print(traceText(trace));
      else printError('etherloom trace: no such frame was seen');
      process.exitCode = trace.frames.length > 0 ? 0 : 1;
    });
}

interface Bounds {
  readonly written: RegExp;
  readonly least: number;
  readonly most: number;
  readonly text: string;
}

/** As the API bounds them. */
const COUNT: Bounds = { written: /^\d+$/, least: 1, most: 1000, text: 'a whole number from 1 to 1000' };
const WAIT: Bounds = { written: /^\d*\.?\d+$/, least: 0.1, most: 300, text: 'seconds, from 0.1 to 300' };

function number(flags: string, description: string, { written, least, most, text }: Bounds): Option {
  return new Option(flags, description).argParser((word) => {
    const value = Number(word);
    if (written.test(word) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes ${text}.`);
  });
}

async function follow(client: Client, words: readonly string[], options: TraceOptions): Promise<Trace> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  return withTrace(client, readTraceWords(words), options.count ?? 10, options.wait, async (look) => {
    while (!stop.signal.aborted && !(await look()).done)
      await sleep(LOOK_MS, undefined, stop).catch(() => {});
  });
}

/** One echo and whatever it takes: ARP both ways, request and answer. */
async function tracePing(client: Client, words: readonly string[], options: TraceOptions): Promise<Trace> {
  const [node, target, more] = words;
  if (node === undefined || target === undefined || more !== undefined)
    throw mistake('etherloom trace: --ping takes two words: the node that pings, and its target', 1);
  const body = { target, count: 1, timeout: 1 };
  return withTrace(client, { node }, options.count ?? 100, options.wait, async () => {
    await client.ping({ params: { node }, body });
  });
}

type Look = () => Promise<Trace>;

async function withTrace(
  client: Client,
  filter: TraceFilterWords,
  count: number,
  timeout: number,
  run: (look: Look) => Promise<void>,
): Promise<Trace> {
  const { id } = await client.createTrace({ body: { filter, count, timeout } });
  const params = { trace: id };
  try {
    await run(() => client.getTrace({ params }));
    await sleep(SETTLE_MS);
    return await client.getTrace({ params });
  } finally {
    await client.deleteTrace({ params }).catch((error: unknown) => {
      if (!(error instanceof ClientError)) throw error;
    });
  }
}
