import { z } from 'zod';
import { ID_RULE, isId } from '../model/ids.js';

/** An identifier to create. */
export const newId = z.string().max(63).refine(isId, ID_RULE).describe(ID_RULE);

/** An identifier in a path or filter: any text; an unknown one gets 404. */
export const anyId = z.string().min(1).max(63);

/** The park of a path. */
export const parkParams = z.strictObject({ park: anyId });

/** `true` or `false` in a query; `isTrue` is false where it is left out. */
export const truth = z.enum(['true', 'false']).transform((text) => text === 'true');
export const isTrue = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

const CONTROL = /\p{Cc}/u;

/** Text for people, on one line. */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'one line, without control characters');

const LIST_TEXT = 10_000;

/** One or several names: repeated (`device=a&device=b`) or with commas (`device=a,b`); duplicates count once. */
export function listOfNames(most: number) {
  const expected = `1 to ${most} names, repeated or with commas between them`;
  return z
    .union([z.string().max(LIST_TEXT), z.array(z.string().max(LIST_TEXT)).max(most)], expected)
    .transform((given, context) => {
      const all = [given].flat().flatMap((text) => text.split(','));
      const list = [...new Set(all.map((name) => name.trim()).filter((name) => name !== ''))];
      if (list.length >= 1 && list.length <= most) return list;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    });
}
