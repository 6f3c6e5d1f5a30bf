/** What the card itself counts, whatever its driver says: `hw_*` in `ethtool -S`, and what the checker compares with. */
export class NicCounters {
  /** Frames that left on the wire, and their bytes. */
  txFrames = 0;
  txBytes = 0;
  /** Frames that the card took and could not send: no link, or no frame that a wire can carry. */
  txLost = 0;
  /** Frames that the driver was given: in a descriptor, or by onFrame. */
  rxFrames = 0;
  rxBytes = 0;
  /** Frames that came while neither the ring nor the card's own buffer had room. */
  rxMissed = 0;
  /** Frames that came while the receiver was off. */
  rxWhileStopped = 0;
  interrupts = 0;
  txDoorbells = 0;
  /** Messages on the wire, which carry many frames each. */
  txMessages = 0;
  rxMessages = 0;
}

export const NIC_COUNTER_NAMES: readonly string[] = [
  'hw_tx_frames',
  'hw_tx_bytes',
  'hw_tx_lost',
  'hw_rx_frames',
  'hw_rx_bytes',
  'hw_rx_missed',
  'hw_rx_while_stopped',
  'hw_interrupts',
  'hw_tx_doorbells',
  'hw_tx_messages',
  'hw_rx_messages',
];

/** In the order of NIC_COUNTER_NAMES. */
export function nicCounterValues(c: NicCounters): number[] {
  return [
    c.txFrames,
    c.txBytes,
    c.txLost,
    c.rxFrames,
    c.rxBytes,
    c.rxMissed,
    c.rxWhileStopped,
    c.interrupts,
    c.txDoorbells,
    c.txMessages,
    c.rxMessages,
  ];
}
