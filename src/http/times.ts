import { z } from 'zod';
import { DAY_MS } from '../model/time/duration.js';
import { instantFormatter, instantFromText } from '../model/time/rfc3339.js';
import { TimeZone } from '../model/time/zone.js';
import { invalidField } from './problem.js';

/** A time in an answer. */
export const wireTime = z.iso
  .datetime({ offset: true })
  .describe("RFC 3339 with the offset of the service's time zone");

/** Writes times of an answer in a zone, an IANA name; create one per resource. */
export const timeWriter = (timeZone: string) => instantFormatter(new TimeZone(timeZone));

/** A time in a query; an unescaped `+`, which arrives as a space, is accepted. */
export const instant = z
  .string()
  .max(40)
  .transform((text, context) => {
    const parsed = instantFromText(text.replace(/ (?=\d\d:\d\d$)/, '+'));
    if (parsed !== null) return parsed;
    context.addIssue({ code: 'custom', message: 'RFC 3339 with an offset, or epoch milliseconds' });
    return z.NEVER;
  })
  .describe('RFC 3339 with offset (`2026-11-23T08:00:00+08:00`), or epoch milliseconds');

/** @param part part of the request, such as `query` @throws ProblemError 422 if the period is empty or too long */
export function requirePeriod(
  { from, to }: { readonly from: number; readonly to: number },
  part: string,
  mostDays = Number.POSITIVE_INFINITY,
): void {
  const field = `${part}.from`;
  if (!(from < to)) throw invalidField(field, 'a time before `to`');
  if (to - from > mostDays * DAY_MS) throw invalidField(field, `at most ${mostDays} days before \`to\``);
}
