/** `ping` by the kernel's own stack, in any namespace; the counterpart of the user stack's ping. */
import { performance } from 'node:perf_hooks';
import { pollFd } from './fd-poll.ts';
import { IcmpSocket } from './icmp-socket.ts';
import type { PollHandle } from './libc.ts';
import { inNetns } from './netns.ts';

/** Times in seconds, as in REST. */
export interface KernelPingRequest {
  target: string;
  count: number;
  interval: number;
  size: number;
  timeout: number;
}

export interface KernelPingResult {
  target: string;
  sent: number;
  received: number;
  duplicates: number;
  /** Seconds; null when nothing came back. */
  rtt: { min: number; avg: number; max: number; mdev: number } | null;
  /** What came back instead, each text once. */
  errors: string[];
}

let lastId = process.pid;

/** Resolves when every reply is there, or `timeout` after the last request. */
export function kernelPing(netns: string | null, request: KernelPingRequest): Promise<KernelPingResult> {
  lastId = (lastId + 1) & 0xffff;
  const socket = inNetns(netns, () => new IcmpSocket(request.target, lastId));
  return new Promise((resolve) => new PingRun(socket, request, resolve).start());
}

class PingRun {
  readonly #socket: IcmpSocket;
  readonly #request: KernelPingRequest;
  readonly #resolve: (result: KernelPingResult) => void;
  readonly #sentAt: number[] = [];
  readonly #rtts: number[] = [];
  readonly #seen = new Set<number>();
  readonly #errors = new Set<string>();
  #duplicates = 0;
  #poll: PollHandle | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: IcmpSocket, request: KernelPingRequest, resolve: (result: KernelPingResult) => void) {
    this.#socket = socket;
    this.#request = request;
    this.#resolve = resolve;
  }

  start(): void {
    this.#listen();
    this.#send();
  }

  /** An ICMP error makes the socket's poll report a dead fd: it lives, so listen again. */
  #listen(): void {
    this.#poll?.close();
    this.#poll = pollFd(this.#socket.fd, (status) => {
      this.#receive();
      if (status < 0 && this.#poll !== null) this.#listen();
    });
  }

  #send(): void {
    const seq = this.#sentAt.length;
    this.#sentAt.push(performance.now());
    const refused = this.#socket.send(seq & 0xffff, this.#request.size);
    if (refused !== null) this.#errors.add(refused);
    const more = this.#sentAt.length < this.#request.count;
    const wait = more ? this.#request.interval : this.#request.timeout;
    this.#timer = setTimeout(() => (more ? this.#send() : this.#finish()), wait * 1000);
  }

  #receive(): void {
    const now = performance.now();
    this.#socket.drain(
      (seq) => this.#reply(seq, now),
      (errno) => this.#errors.add(errno),
    );
    if (this.#rtts.length === this.#request.count) this.#finish();
  }

  #reply(seq: number, now: number): void {
    const sentAt = this.#sentAt[seq];
    if (sentAt === undefined) return;
    if (this.#seen.has(seq)) {
      this.#duplicates++;
      return;
    }
    this.#seen.add(seq);
    this.#rtts.push((now - sentAt) / 1000);
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#poll?.close();
    this.#poll = null;
    this.#socket.close();
    this.#resolve({
      target: this.#request.target,
      sent: this.#sentAt.length,
      received: this.#rtts.length,
      duplicates: this.#duplicates,
      rtt: summary(this.#rtts),
      errors: [...this.#errors],
    });
  }
}

/** ping(8)'s line: mdev is the standard deviation. */
export function summary(rtts: number[]): KernelPingResult['rtt'] {
  if (rtts.length === 0) return null;
  const avg = rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length;
  const variance = rtts.reduce((sum, rtt) => sum + (rtt - avg) ** 2, 0) / rtts.length;
  return { min: Math.min(...rtts), avg, max: Math.max(...rtts), mdev: Math.sqrt(variance) };
}
