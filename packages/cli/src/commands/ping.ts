/** `etherloom ping NODE TARGET`: ping from a node, in the words and with the exit codes of ping(8). */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@etherloom/client';
import { type PingResult, parseDuration } from '@etherloom/schema';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addConnection, connect } from '../connect.ts';
import { pingHead, pingReply, pingSummary } from '../format/ping.ts';
import { print, printError } from '../output.ts';

const HELP = `
Exit code: 0 an answer came, 1 none came (with -c and -w: fewer than COUNT in time), 2 an error.

Examples:
  etherloom ping h1 10.0.0.2
  etherloom ping h1 h2 -c 3 -i 0.2`;

interface PingOptions {
  readonly count?: number;
  readonly interval: number;
  readonly size: number;
  readonly timeout: number;
  readonly deadline?: number;
  readonly quiet?: boolean;
}

interface PingWords {
  readonly node: string;
  readonly target: string;
}

export function pingCommand(program: Command): void {
  const command = program
    .command('ping')
    .argument('<NODE>', 'the node that pings')
    .argument('<TARGET>', 'an address, or a node ("h2") or device ("h2:eth0") of the lab')
    .description('ping from a node of a running lab')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  addConnection(command)
    .addOption(
      number('-c, --count <COUNT>', 'stop after this many (default: go on until Ctrl-C)', wholeFrom(1)),
    )
    .addOption(number('-i, --interval <SECONDS>', 'time between two', seconds).default(1, '1'))
    .addOption(number('-s, --size <BYTES>', 'bytes of payload', wholeFrom(0)).default(56))
    .addOption(number('-W, --timeout <SECONDS>', 'how long to wait for an answer', seconds).default(1, '1'))
    .addOption(number('-w, --deadline <SECONDS>', 'end after this time, however many were sent', deadline))
    .option('-n, --numeric', 'taken, as addresses are shown as they are')
    .option('-q, --quiet', 'only the first line and the summary')
    .addHelpText('after', HELP)
    .action(async (node: string, target: string) => {
      const run = new PingRun(connect(command).client, { node, target }, command.opts<PingOptions>());
      process.exitCode = await run.run();
    });
}

function number(flags: string, description: string, parse: (text: string) => number): Option {
  return new Option(flags, description).argParser(parse);
}

function wholeFrom(least: number) {
  return (text: string) => {
    if (/^\d{1,7}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It takes a whole number from ${least}.`);
  };
}

function seconds(text: string): number {
  const value = /^[\d.]+$/.test(text) ? Number(text) : parseDuration(text);
  if (value !== null && value >= 0.001 && value <= 60) return value;
  throw new InvalidArgumentError('It takes seconds, from 0.001 to 60.');
}

function deadline(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It takes whole seconds from 1.');
}

/** One REST call an echo, started on time whether or not the one before has been answered, as ping sends. */
class PingRun {
  readonly #client: Client;
  readonly #words: PingWords;
  readonly #options: PingOptions;
  readonly #rtts: number[] = [];
  #sent = 0;
  #errors = 0;
  #lastSentAt = 0;
  #address = '';
  #overdue = false;
  readonly #stop = new AbortController();

  constructor(client: Client, words: PingWords, options: PingOptions) {
    this.#client = client;
    this.#words = words;
    this.#options = options;
  }

  async run(): Promise<number> {
    const { count = Number.POSITIVE_INFINITY, interval } = this.#options;
    process.once('SIGINT', () => this.#stop.abort());
    this.#endAtDeadline();
    const startedAt = performance.now();
    const echoes: Promise<void>[] = [];
    while (this.#sent < count && !this.#stop.signal.aborted) {
      const seq = ++this.#sent;
      this.#lastSentAt = performance.now();
      const echo = this.#echo(seq);
      echoes.push(echo);
      // Why first alone: its answer says who the target is, or that the question makes no sense.
      if (seq === 1) await echo;
      const due = startedAt + seq * interval * 1000;
      if (seq < count) await sleep(due - performance.now(), undefined, this.#stop).catch(() => {});
      if (echoes.length > 256) await echoes.shift();
    }
    await Promise.all(echoes);
    return this.#summary(this.#lastSentAt - startedAt);
  }

  /** What is under way then has been sent, and is lost. */
  #endAtDeadline(): void {
    if (this.#options.deadline === undefined) return;
    const end = () => {
      this.#overdue = true;
      this.#stop.abort();
    };
    setTimeout(end, this.#options.deadline * 1000).unref();
  }

  async #echo(seq: number): Promise<void> {
    const { node, target } = this.#words;
    const { size, timeout } = this.#options;
    const body = { target, count: 1, size, timeout };
    const call = this.#client.ping({ params: { node }, body }, { signal: this.#stop.signal });
    const result = await call.catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
      if (!this.#overdue) this.#sent--;
      return null;
    });
    if (result !== null) this.#show(seq, result);
  }

  #show(seq: number, result: PingResult): void {
    const { size, quiet } = this.#options;
    if (seq === 1) {
      this.#address = result.target;
      print(pingHead(this.#words.target, this.#address, size));
    }
    for (const error of result.errors ?? []) {
      this.#errors++;
      if (!quiet) print(`From ${this.#words.node} icmp_seq=${seq} ${error}`);
    }
    if (result.rtt === null) return;
    this.#rtts.push(result.rtt.avg);
    if (!quiet) print(pingReply(this.#address, size, seq, result.rtt.avg));
  }

  #summary(elapsedMs: number): number {
    if (this.#address === '') {
      printError('ping: interrupted before the first answer');
      return 1;
    }
    const counts = { sent: this.#sent, received: this.#rtts.length, errors: this.#errors };
    print('');
    print(pingSummary({ target: this.#words.target, ...counts, elapsedMs, rtts: this.#rtts }));
    const { count = 1, deadline: limit } = this.#options;
    return this.#rtts.length >= (limit === undefined ? 1 : count) ? 0 : 1;
  }
}
