import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import type { LatestQuery, LatestValue } from '../../port/queries.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import type { LatestValues } from './latest-values.js';

export function findLatest(values: LatestValues, series: SeriesDictionary, query: LatestQuery): LatestValue[] {
  const found: LatestValue[] = [];
  for (let id = 0; id < values.size; id += 1) {
    const entry = series.entry(id);
    if (entry === undefined || !values.has(id)) continue;
    if (query.park !== undefined && entry.park !== query.park) continue;
    if (query.domain !== undefined && entry.domain !== query.domain) continue;
    if (query.device !== undefined && entry.device !== query.device) continue;
    found.push({
      ...entry,
      ts: values.ts[id]!,
      value: values.value[id]!,
      flag: DATA_FLAGS[values.flag[id]!]!,
      quality: QUALITIES[values.quality[id]!]!,
      receivedAt: values.receivedAt[id]!,
    });
  }
  return found;
}
