import { type DeviceKey, deviceKey } from '../../../model/ids.js';

/** Rows of one group of an answer as columns, as they came: a group may go on in the next block. */
export interface AnswerBlock {
  /** The measurement. */
  readonly name: string;
  /** Of what the statement groups by; empty where a point has no such tag. */
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly rows: number;
  /** A column's numbers, NaN where it has none; times in epoch milliseconds. */
  numbers(column: number): Float64Array;
  /** A column's text, undefined where it has none. */
  texts(column: number): readonly (string | undefined)[];
}

/** Of which device a block is, where the statement groups by `DEVICE_TAGS`. */
export function deviceIn({ tags }: AnswerBlock): DeviceKey {
  return deviceKey(tags.park ?? '', tags.device ?? '');
}

/** A column's numbers by its name; the column is in every answer to such a statement. */
export const numbersOf = (block: AnswerBlock, name: string) => block.numbers(block.columns.indexOf(name));
/** The same of its texts. */
export const textsOf = (block: AnswerBlock, name: string) => block.texts(block.columns.indexOf(name));

/** What makes the blocks of one answer out of its bytes. */
export interface AnswerDecoder {
  /** The blocks that these bytes complete. @throws InfluxError when the server reports one midway */
  accept(bytes: Uint8Array): Iterable<AnswerBlock>;
  /** The answer is at its end. @throws InfluxError when it is not whole */
  end(): Iterable<AnswerBlock>;
}
