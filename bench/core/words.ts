/** What a process of bridge-core.ts tells: first how right it is, then how fast, round by round. */
export interface CoreReply {
  readonly wrong?: number;
  readonly decisions?: number;
  readonly mpps?: number;
}
