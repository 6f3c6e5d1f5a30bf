/** What `etherloom up` and the processes that host its nodes say to each other, over the IPC channel. */

export interface ToChild {
  readonly type: 'start' | 'stop';
  readonly name: string;
}

export type FromChild =
  /** Its modules are loaded and its first nodes dial. */
  | { readonly type: 'ready' }
  /** The node has been closed, as asked. */
  | { readonly type: 'stopped'; readonly name: string }
  /** Control will not take the node in; it has been closed. */
  | { readonly type: 'refused'; readonly name: string; readonly reason: string }
  /** A user's driver broke a rule: told once for each place. */
  | { readonly type: 'broken'; readonly rule: string };
