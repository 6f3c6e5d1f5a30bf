/** What processes of the ladder tell their parent. */
export interface EndReply {
  readonly ready?: boolean;
  readonly port?: number;
  /** Frames. */
  readonly sent?: number;
  readonly received?: number;
}
