import { z } from 'zod';
import { instant } from '../http/times.js';
import type { AsOf } from '../intensity/model/statistics/ledger.js';

/** `asOf` in a query: what was known then, instead of what is known now. */
export const asOf = z
  .string()
  .max(40)
  .transform((text, context): AsOf => {
    const version = /^version:(\d{1,9})$/.exec(text)?.[1];
    if (version !== undefined) return { version: Number(version) };
    const time = instant.safeParse(text);
    if (time.success) return { time: time.data };
    context.addIssue({ code: 'custom', message: 'RFC 3339 with an offset, epoch milliseconds, or version:N' });
    return z.NEVER;
  })
  .optional()
  .describe('answers as was known then: RFC 3339 with offset, or `version:N` of what is asked for');
