/** A traced frame as a table: microseconds since it was first seen, where, what happened, and how it ended. */
import type { Trace, TracedEvent, TracedFrame } from '@etherloom/schema';
import { table } from './table.ts';

export function traceText(trace: Trace): string {
  const frames = trace.frames.map(frameText);
  const lost = trace.lost > 0 ? [`${trace.lost} events did not fit and are not shown`] : [];
  const clock = trace.clock === 'wall' ? ['times of several machines, as exact as their clocks agree'] : [];
  return [...frames, ...lost, ...clock].join('\n\n');
}

export function frameText(frame: TracedFrame): string {
  const first = frame.events[0]?.at ?? 0;
  const columns = [
    { title: 'us', align: 'right' as const },
    { title: 'where' },
    { title: 'place' },
    { title: 'what' },
  ];
  const rows = frame.events.map((event) => [
    ((event.at - first) * 1e6).toFixed(1),
    `${event.agent} ${event.where}`.trimEnd(),
    event.place,
    what(event),
  ]);
  return [
    `${frame.summary}  (frame ${frame.id})`,
    ...table(columns, rows).map((line) => `  ${line}`),
    `  ${ending(frame)}`,
  ].join('\n');
}

function what({ verdict = '', reason }: TracedEvent): string {
  return reason === undefined ? verdict : `${verdict}: ${reason}`;
}

/** The drop that was the end of it; of a flood also those that some copies met. */
function ending({ fate, events }: TracedFrame): string {
  const last = events.findLast(({ verdict }) => verdict === 'dropped');
  if (fate === 'dropped' && last !== undefined)
    return `dropped by ${last.reason} at ${last.place}, ${last.agent} ${last.where}`.trimEnd();
  if (fate === 'delivered') {
    const end = events.findLast(({ verdict }) => verdict === 'consumed')!;
    const sent = sendings(events);
    const again = sent.length > 1 ? `, sent ${sent.length} times` : '';
    const since = sent.findLast(({ at }) => at <= end.at) ?? end;
    return `delivered to ${end.agent} ${end.where} after ${((end.at - since.at) * 1e6).toFixed(1)} us${again}`;
  }
  return 'not seen again';
}

/** A frame is known by its bytes: the same question asked again is the same frame, seen again where it began. */
function sendings(events: readonly TracedEvent[]): readonly TracedEvent[] {
  const [first] = events;
  return events.filter(
    ({ agent, where, place }) => agent === first?.agent && where === first.where && place === first.place,
  );
}
