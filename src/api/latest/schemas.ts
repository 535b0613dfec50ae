import { z } from 'zod';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { anyId } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { DATA_FLAGS, DOMAINS, QUALITIES } from '../../model/reading.js';

const MAX_LATEST_PAGE = 5_000;

export const latestQuery = z.strictObject({
  park: anyId.optional(),
  domain: z.enum(DOMAINS).optional(),
  device: anyId.optional(),
  ...pagingQuery(MAX_LATEST_PAGE, 1_000),
});

const newest = z.strictObject({
  park: z.string(),
  domain: z.enum(DOMAINS),
  device: z.string(),
  metric: z.string(),
  unit: z.string(),
  ts: wireTime,
  value: z.number(),
  flag: z.enum(DATA_FLAGS),
  quality: z.enum(QUALITIES),
  receivedAt: wireTime,
});

export const latestAnswer = pageOf(
  newest,
  'by device, then metric; the newest reading by its own time, whatever its quality',
);
