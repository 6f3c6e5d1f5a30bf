/** The switch as an agent of control: dials, says who it is, answers, and tells of links that change. */
import { AGENT_PATH, AGENT_PROTOCOL, type LinkState } from '@etherloom/schema';
import { type Log, RpcClient, type RpcPeer } from '@etherloom/transport-ws';
import type { SwitchCalls } from './switch-service.ts';
import { ALL_TRACES } from './trace.ts';
import { withPath } from './url.ts';

export interface ControlLinkOptions {
  readonly url: string;
  readonly token?: string | undefined;
  readonly ca?: string | Buffer | undefined;
  readonly name: string;
  readonly version: string;
  readonly dataUrl: string;
  readonly service: SwitchCalls;
  readonly log: Log;
}

export class ControlLink {
  /** Control knows us. */
  joined = false;
  #failing = false;
  #refusal = '';
  readonly #client: RpcClient;
  readonly #options: ControlLinkOptions;

  constructor(options: ControlLinkOptions) {
    this.#options = options;
    const { token, ca, log } = options;
    const url = withPath(options.url, AGENT_PATH);
    this.#client = new RpcClient({ url, token, ca, protocol: AGENT_PROTOCOL, random: Math.random, log });
    this.#client.onconnect = (peer) => {
      this.#failing = false;
      void this.#join(peer);
    };
    this.#client.onfailed = (err) => {
      // Once, not at every attempt.
      if (!this.#failing) log.warn({ err }, 'cannot reach control; dialling again until it answers');
      this.#failing = true;
    };
    this.#client.ondisconnect = (code, reason) => {
      if (this.joined) log.warn({ code, reason }, 'control is away; forwarding goes on');
      this.joined = false;
      this.#endTraces();
    };
  }

  open(): void {
    this.#client.open();
  }

  close(): void {
    this.joined = false;
    this.#client.close(1001, 'switch stops');
  }

  linkChanged(link: LinkState): void {
    if (this.joined) this.#client.peer?.notify('link.changed', { link });
  }

  /** Nobody is left who could read them. */
  #endTraces(): void {
    const ended = Promise.resolve(this.#options.service.call('trace.stop', { id: ALL_TRACES }));
    ended.catch((err: unknown) =>
      this.#options.log.warn({ err }, 'a trace did not end; it ends by its time'),
    );
  }

  async #join(peer: RpcPeer): Promise<void> {
    const { name, version, dataUrl, service, log } = this.#options;
    service.register((method, fn) => peer.handle(method, fn));
    try {
      // From here on control may ask, and hear of changes, even before its answer is in.
      this.joined = true;
      await peer.call('agent.hello', { role: 'switch', name, version, pid: process.pid, dataUrl });
      this.#refusal = '';
      log.info({ name }, 'joined control');
    } catch (err) {
      this.joined = false;
      const reason = (err as Error).message;
      // Once for each reason, not at every attempt.
      if (reason !== this.#refusal)
        log.warn({ name, reason }, 'control does not take this switch; trying again');
      this.#refusal = reason;
      peer.close(1000, 'not taken');
    }
  }
}
