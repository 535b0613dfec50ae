import type { HeardEvent } from './recorded.js';

/** Gaps and repeats in the numbers of a record that begins after `after`. Empty: each number is the next. */
export function holesIn(seqs: readonly number[], after = 0): string[] {
  const wrong: string[] = [];
  let last = after;
  for (const seq of seqs) {
    if (seq !== last + 1) wrong.push(seq <= last ? `event ${seq} after ${last}` : `no event ${last + 1} to ${seq - 1}`);
    last = Math.max(last, seq);
  }
  return wrong;
}

/** How a feed client's events differ from the record. Empty: the client got each event once, in order. */
export function compareFeed(record: readonly HeardEvent[], heard: readonly HeardEvent[]): string[] {
  const wrong: string[] = [];
  const known = new Map(record.map((event) => [event.seq, event]));
  let last = 0;
  for (const event of heard) {
    const own = known.get(event.seq);
    if (event.seq === last) wrong.push(`event ${event.seq} was told twice`);
    else if (event.seq < last) wrong.push(`event ${event.seq} was told after ${last}`);
    if (own === undefined) wrong.push(`event ${event.seq} was told and is not in the record`);
    else if (own.event !== event.event || own.alarm.id !== event.alarm.id) {
      wrong.push(`event ${event.seq} was told as ${event.event} ${event.alarm.id}: ${own.event} ${own.alarm.id}`);
    }
    last = Math.max(last, event.seq);
  }
  const told = new Set(heard.map(({ seq }) => seq));
  return wrong.concat(record.filter(({ seq }) => !told.has(seq)).map(({ seq }) => `event ${seq} was never told`));
}
