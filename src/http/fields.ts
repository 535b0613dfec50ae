import { z } from 'zod';
import { ID_RULE, isId } from '../model/ids.js';

/** An identifier that is about to be made. */
export const newId = z.string().max(63).refine(isId, ID_RULE).describe(ID_RULE);

/** An identifier in a path or filter: any text; one that nothing bears is answered 404. */
export const anyId = z.string().min(1).max(63);

const CONTROL = /\p{Cc}/u;

/** A text for people, on one line. */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'one line, without control characters');
