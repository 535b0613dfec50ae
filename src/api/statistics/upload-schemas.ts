import { z } from 'zod';
import { XLSX_TYPE } from '../../http/negotiate.js';
import { anyId } from '../../http/request-texts.js';
import { LANGUAGES } from '../../model/language.js';
import { toldShape } from '../intensity-query.js';
import { effectsAnswer } from './effects.js';
import { entryAfter, entryAnswer, putQuery } from './schemas.js';

/** Media types of files, by their kind. */
export const FILE_TYPES = { csv: 'text/csv', xlsx: XLSX_TYPE } as const;

export const uploadQuery = z.strictObject({
  ...putQuery.shape,
  ...toldShape,
  basedOn: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('`version` of the dry run that people looked at; 409 when somebody recorded a figure anew since'),
});

/** A file as a body. The parser of the scope makes the bytes; JSON Schema has no word for them. */
const bytes = (description: string) => z.unknown().meta({ type: 'string', format: 'binary', description });
export const uploadBody = bytes(
  'CSV in UTF-8 with or without its mark, or in GBK; or a workbook without macros; columns as in the template',
);

export const wrongCell = z.strictObject({
  sheet: z.string().nullable().describe('null in CSV'),
  cell: z.string().nullable().describe('such as C5; null: the table as a whole'),
  found: z.string().nullable().describe('what stands there, clipped; null: nothing'),
  wrong: z.string(),
  expected: z.string(),
});

export const uploadAnswer = z.strictObject({
  dryRun: z.boolean(),
  recorded: z.boolean().describe('false in a dry run, and when nothing differs from what is believed'),
  version: z.number().int().describe('of the statistics, after this request; 0: nothing was recorded yet'),
  figures: z.strictObject({
    read: z.number().int().describe('figures of rows without a wrong cell'),
    new: z.number().int(),
    revised: z.number().int(),
    same: z.number().int(),
  }),
  rowsWithoutFigures: z.number().int().describe('rows with a period and no figure, which the service skips'),
  wrongCount: z
    .number()
    .int()
    .describe('cells that the service cannot read; it records nothing of a file that has one'),
  wrong: z.array(wrongCell).describe('the first of these cells'),
  effects: effectsAnswer.optional().describe('of a dry run: what would become of the verdicts'),
  changes: z
    .array(
      z.strictObject({
        sheet: z.string().nullable().describe('where the file says so; null in CSV'),
        row: z.number().int().describe('as spreadsheets count'),
        before: entryAnswer.nullable().describe('what is believed so far; null: nothing'),
        after: entryAfter,
      }),
    )
    .describe('the first 1,000 of the new and revised figures'),
});

export const templateQuery = z.strictObject({
  lang: z.enum(LANGUAGES).default('zh').describe('of the headers and instructions'),
  park: anyId.optional().describe('only this one; all in scope when left out'),
});

export const templateFile = bytes('The file to fill in');
