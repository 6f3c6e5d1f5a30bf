/** The words of ping(8) from iputils: head, replies and the summary. Times come in seconds and are shown in ms. */
const IP_AND_ICMP = 28;

export function pingHead(target: string, address: string, size: number): string {
  if (address.includes(':')) return `PING ${target}(${address}) ${size} data bytes`;
  return `PING ${target} (${address}) ${size}(${size + IP_AND_ICMP}) bytes of data.`;
}

export function pingReply(address: string, size: number, seq: number, seconds: number): string {
  return `${size + 8} bytes from ${address}: icmp_seq=${seq} time=${replyTime(seconds * 1e3)} ms`;
}

/** As many digits as iputils shows: three significant ones, never more than a microsecond. */
function replyTime(ms: number): string {
  if (ms >= 100) return ms.toFixed(0);
  if (ms >= 10) return ms.toFixed(1);
  return ms >= 1 ? ms.toFixed(2) : ms.toFixed(3);
}

export interface PingTally {
  readonly target: string;
  readonly sent: number;
  readonly received: number;
  readonly errors: number;
  readonly elapsedMs: number;
  /** Seconds, one for each reply. */
  readonly rtts: readonly number[];
}

export function pingSummary(tally: PingTally): string {
  const { sent, received, errors } = tally;
  const loss = sent === 0 ? 0 : ((sent - received) * 100) / sent;
  const failed = errors > 0 ? `, +${errors} errors` : '';
  const lines = [
    `--- ${tally.target} ping statistics ---`,
    `${sent} packets transmitted, ${received} received${failed}, ${Number(loss.toPrecision(6))}% packet loss, time ${Math.round(tally.elapsedMs)}ms`,
  ];
  if (tally.rtts.length > 0) lines.push(rttLine(tally.rtts));
  return lines.join('\n');
}

function rttLine(rtts: readonly number[]): string {
  const avg = mean(rtts);
  const mdev = Math.sqrt(Math.max(0, mean(rtts.map((rtt) => rtt * rtt)) - avg * avg));
  const values = [Math.min(...rtts), avg, Math.max(...rtts), mdev];
  return `rtt min/avg/max/mdev = ${values.map((s) => (s * 1e3).toFixed(3)).join('/')} ms`;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
