import type { DeviceKey } from '../../../model/ids.js';
import type { SeriesKey } from '../../port/queries.js';

/** Metrics of one device read side by side at most. */
const SIDE_BY_SIDE = 16;

/** Series of one device that follow each other in the order asked, each once. */
export interface Group {
  readonly device: DeviceKey;
  readonly series: SeriesKey[];
}

/** What one statement can answer together. */
export function groupsOf(series: readonly SeriesKey[]): Group[] {
  const groups: Group[] = [];
  for (const key of series) {
    const group = groups.at(-1);
    const joins =
      group?.device === key.device &&
      group.series.length < SIDE_BY_SIDE &&
      group.series.every(({ metric }) => metric !== key.metric);
    if (joins) group.series.push(key);
    else groups.push({ device: key.device, series: [key] });
  }
  return groups;
}
