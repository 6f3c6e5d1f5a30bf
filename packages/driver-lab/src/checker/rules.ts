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
  'ops-return':
    'whoever asked takes the answer for a number, or for memory: eth0 selects TX queue N, but real number of TX queues is M',
  'napi-state':
    'napi_enable twice is a BUG() in net/core/dev.c; napi_disable twice waits for ever with rtnl_lock held, and every `ip` hangs',
  'irq-request':
    'genirq: request_irq returns -EBUSY; an irq that is never freed calls code that has been unloaded',
  'timer-active': 'ODEBUG: free active object type: timer_list: the timer fires into memory that is gone',
  bql: 'kernel BUG at lib/dynamic_queue_limits.c; or the queue stays stopped by its byte limit, and nothing is sent any more',
  carrier:
    'frames are sent into a card without link, or never sent at all: bonding, bridges and routes believe the carrier',
  'dma-bounds':
    'DMAR: DRHD: handling fault status: the IOMMU stops the card; without one, what lies behind is read or overwritten',
  async:
    'BUG: scheduling while atomic; and what comes behind the first await runs when the device may be gone already',
  'mtu-by-hand':
    'no NETDEV_CHANGEMTU is sent: routes, bridges and qdiscs go on with the old MTU; only ndo_change_mtu may write it',
  'stats-backwards':
    'counters only grow: a tool that computes a rate takes it for a wrap, and shows 18446744073709551615',
  'stats-tx': '`ip -s link` lies: every tool that reads the counters does, and nobody finds where frames go',
  'stats-rx': '`ip -s link` lies: every tool that reads the counters does, and nobody finds where frames go',
  oops: 'BUG: unable to handle page fault: an exception in a driver is an oops, and in an interrupt a panic',
} as const;

export type Rule = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as Rule[];
