/**
 * What the real tc makes of a line, whether or not this kernel has the qdisc: the message that tc sends for the line is
 * read off its socket (strace), and handed back to tc as if the kernel had dumped it (`tc monitor file`).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finished } from '../support/program.ts';

/** Runs a program in the test's namespace. */
export type InNetns = (...words: string[]) => Promise<Finished>;

const RTM_NEWQDISC = 36;
const NLMSG_HDRLEN = 16;
const TCM_INFO = NLMSG_HDRLEN + 16;

export class TcOracle {
  readonly #in: InNetns;
  readonly #folder = mkdtempSync(join(tmpdir(), 'etherloom-tc-'));

  constructor(inNetns: InNetns) {
    this.#in = inNetns;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** What tc prints of the qdisc that `line` asks for. */
  async shown(line: string): Promise<string> {
    const file = join(this.#folder, 'dump');
    writeFileSync(file, await this.#message(line));
    const done = await this.#in('tc', 'monitor', 'file', file);
    if (done.code !== 0) throw new Error(`tc monitor file: ${done.stderr}`);
    return done.stdout;
  }

  async #message(line: string): Promise<Uint8Array> {
    const trace = ['-X', 'raw', '-e', 'trace=sendmsg', '-e', 'write=all'];
    const done = await this.#in('strace', ...trace, 'tc', ...words(line));
    const message = messages(done.stderr).find((each) => each.readUInt16LE(4) === RTM_NEWQDISC);
    if (message === undefined) throw new Error(`tc sent nothing for "${line}": ${done.stderr}`);
    message.writeUInt16LE(0, 6);
    message.writeUInt32LE(2, TCM_INFO);
    return line.includes(' netem') ? asNetemDumps(message) : message;
  }
}

const TCMSG_LEN = 20;
const TCA_OPTIONS = 2;
const NETEM_QOPT_LEN = 24;
const NLA_F_NESTED = 0x8000;

/** A kernel does not mark what is nested, as tc does. cf. netem_dump: dump_loss_model */
function asNetemDumps(message: Buffer): Buffer {
  const head = message.subarray(0, NLMSG_HDRLEN + TCMSG_LEN);
  const attributes = attributesOf(message.subarray(head.length)).map(([type, payload]) =>
    attribute(type, type === TCA_OPTIONS ? netemOptions(payload) : payload),
  );
  const whole = Buffer.concat([head, ...attributes]);
  whole.writeUInt32LE(whole.length, 0);
  return whole;
}

function netemOptions(payload: Buffer): Buffer {
  const qopt = payload.subarray(0, NETEM_QOPT_LEN);
  const nested = attributesOf(payload.subarray(NETEM_QOPT_LEN)).map(([type, value]) =>
    attribute(type & ~NLA_F_NESTED, value),
  );
  return Buffer.concat([qopt, ...nested]);
}

function attributesOf(bytes: Buffer): (readonly [type: number, payload: Buffer])[] {
  const found: (readonly [number, Buffer])[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += (bytes.readUInt16LE(at) + 3) & ~3) {
    found.push([bytes.readUInt16LE(at + 2), bytes.subarray(at + 4, at + bytes.readUInt16LE(at))]);
  }
  return found;
}

function attribute(type: number, payload: Buffer): Buffer {
  const bytes = Buffer.alloc((payload.length + 7) & ~3);
  bytes.writeUInt16LE(payload.length + 4, 0);
  bytes.writeUInt16LE(type, 2);
  payload.copy(bytes, 4);
  return bytes;
}

export function words(line: string): string[] {
  return line.split(' ').filter((word) => word !== '');
}

/** The buffers that strace dumped, each line of them ` | 00010  0a 0b ...  text |`. */
function messages(trace: string): Buffer[] {
  return trace
    .split(/^sendmsg/m)
    .slice(1)
    .map((part) => {
      const lines = [...part.matchAll(/^ \| [\da-f]{5} {2}((?:[\da-f]{2} {1,2}){1,16})/gm)];
      return Buffer.from(lines.map(([, hex]) => hex!.replaceAll(' ', '')).join(''), 'hex');
    })
    .filter((message) => message.length >= NLMSG_HDRLEN);
}
