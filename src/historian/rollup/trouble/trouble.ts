import { HOUR_MS } from '../../../model/time/duration.js';
import type { RollupTrouble, TimeSpan } from '../../port/stats.js';
import type { SharedParts } from '../make/shared-parts.js';
import { united } from '../progress/hour-ranges.js';

/** Null where all that is due can be rolled up. */
export function troubleOf(shared: Pick<SharedParts, 'progress' | 'retries'>): RollupTrouble | null {
  const { progress, retries } = shared;
  const hours = waitingHours(shared).reduce((sum, { from, to }) => sum + (to - from) / HOUR_MS, 0);
  const days = progress.days.all.length;
  const series = retries.setAside('series').length;
  return hours + days + series === 0 ? null : { hours, days, series };
}

/** The same for the log and for whoever runs the service; null where there is nothing to say. */
export function describeTrouble(shared: Pick<SharedParts, 'progress' | 'retries'>): string | null {
  const { progress, retries } = shared;
  const trouble = troubleOf(shared);
  if (trouble === null) return null;
  const say = <T extends number | string>(
    kind: 'hour' | 'day' | 'series',
    first: T | undefined,
    text: (first: T) => string,
  ) => (first === undefined ? [] : [text(first) + because(retries.reasonOf(kind, first))]);
  const parts = [
    ...say('hour', waitingHours(shared)[0]?.from, (from) => `${trouble.hours} hours, the first ${iso(from)}`),
    ...say('day', progress.days.all[0]?.from, (from) => `${trouble.days} runs of days, the first from ${iso(from)}`),
    ...say('series', retries.setAside('series')[0], (name) => `${trouble.series} series, such as ${name}`),
  ];
  return `roll-ups fail and are tried again, the others go on: ${parts.join('; ')}`;
}

/**
 * Where hourly figures are missing, or lack what the hour before hands on, because hours could not be rolled up; also
 * those that never will be, for their readings are gone by now.
 */
export function gapsOf({ progress }: Pick<SharedParts, 'progress'>): readonly TimeSpan[] {
  const spans = progress.hours.all.map(({ from, to }) => ({ from, to: to + HOUR_MS }));
  return united(spans, Number.POSITIVE_INFINITY);
}

/** Hours that were passed over and whose readings are kept. */
function waitingHours({ progress }: Pick<SharedParts, 'progress'>): TimeSpan[] {
  return progress.hours.all
    .map(({ from, to }) => ({ from: Math.max(from, progress.keptFrom), to }))
    .filter(({ from, to }) => from < to);
}

const iso = (time: number) => new Date(time).toISOString().replace(':00.000Z', 'Z');
const because = (reason: string | null) => (reason === null ? '' : ` (${reason})`);
