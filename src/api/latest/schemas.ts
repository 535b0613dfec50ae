import { z } from 'zod';
import { DATA_FLAGS, DOMAINS, QUALITIES } from '../../domain/reading.js';
import { wireTime } from '../readings/schemas.js';

export const MAX_LATEST_PAGE = 5_000;

export const latestQuery = z.strictObject({
  park: z.string().max(63).optional(),
  domain: z.enum(DOMAINS).optional(),
  device: z.string().max(63).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LATEST_PAGE).default(1_000).describe('series of one page'),
  cursor: z.string().max(400).optional().describe('`nextCursor` of the page before, with the same filters'),
});

export const latestAnswer = z.strictObject({
  latest: z
    .array(
      z.strictObject({
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
      }),
    )
    .describe('the newest reading of each series by its own time, whatever its quality; by device, then metric'),
  nextCursor: z.string().nullable(),
});
