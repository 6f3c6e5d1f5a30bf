/** The rules of a driver that the checker knows, and what a kernel does to those who break them. */

export const RULES = {
  'skb-leak':
    'the memory is gone until the machine starts again; after enough of them no frame can be sent or received',
  'skb-double-free': 'refcount_t: underflow; use-after-free: the memory belongs to somebody else by then',
  'skb-use-after':
    'use-after-free: whoever has the memory now is read, or overwritten; KASAN stops the machine here',
  'dma-after-free': 'the card sends or overwrites memory that belongs to somebody else: silent corruption',
  'xmit-busy-awake':
    'the qdisc requeues the frame and calls again at once, for ever: a whole processor is lost to one frame',
  'xmit-busy-skb':
    'the qdisc requeues a frame that it no longer owns: the frame is sent twice, or memory is freed twice',
  'xmit-return': 'an unknown verdict is taken for NETDEV_TX_OK, so the frame is neither sent again nor freed',
  'queue-never-woken':
    'nothing is sent any more: NETDEV WATCHDOG: transmit queue 0 timed out, and ndo_tx_timeout has to reset the card',
  'napi-complete-full-budget':
    'the instance is on the poll list twice: list corruption, WARNING at net/core/dev.c',
  'napi-over-budget': 'WARNING: NAPI poll function returned more, exceeding its budget: others get no turn',
  'napi-complete-budget-0':
    'netpoll calls with budget 0 to reclaim only what was sent: frames received there deadlock the console',
  'napi-not-completed': 'the instance stays scheduled and is never polled again: the card is deaf',
  'irq-unmasked':
    'an interrupt per packet comes on top of the polling: under load the machine does nothing else (livelock)',
  'irq-storm': 'irq: nobody cared (try booting with the "irqpoll" option), and the line is disabled for good',
  'rx-after-stop':
    'frames of a device that is down reach the protocols, through memory that ndo_stop has freed',
  'stats-tx': '`ip -s link` lies: every tool that reads the counters does, and nobody finds where frames go',
  'stats-rx': '`ip -s link` lies: every tool that reads the counters does, and nobody finds where frames go',
  oops: 'BUG: unable to handle page fault: an exception in a driver is an oops, and in an interrupt a panic',
} as const;

export type Rule = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as Rule[];
