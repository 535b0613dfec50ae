/** Edition of HJ 212 that a logger speaks. It comes from the logger's profile: loggers sent Flag=9 years before 2025. */
export type Edition = '2005' | '2017' | '2025';

/** How a logger speaks, by its profile; `strict` refuses what its edition of the standard does not say. */
export interface Dialect {
  readonly edition: Edition;
  readonly strict: boolean;
}

/** Bits 2 to 7 of Flag: HJ/T 212-2005 0, HJ 212-2017 1, HJ 212-2025 2. */
const VERSION_BITS: Readonly<Record<Edition, number>> = { '2005': 0, '2017': 4, '2025': 8 };

/** Lowest bit of Flag: an answer is wanted. The next: PNUM and PNO are present. */
const ANSWER = 1;
const PARTS = 2;

export const versionFlag = (edition: Edition, wantsAnswer = false, inParts = false): number =>
  VERSION_BITS[edition] | (wantsAnswer ? ANSWER : 0) | (inParts ? PARTS : 0);

/** A packet without Flag wants no answer. */
export const wantsAnswer = (flag: number | null): boolean => flag !== null && (flag & ANSWER) !== 0;
export const isInParts = (flag: number | null): boolean => flag !== null && (flag & PARTS) !== 0;

/** What was read, or why it was refused. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export const read = <T>(value: T): Result<T> => ({ ok: true, value });
export const refuse = (problem: string): { readonly ok: false; readonly problem: string } => ({ ok: false, problem });
