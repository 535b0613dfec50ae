import { type DeviceKey, deviceKey } from '../../../model/ids.js';

/** Rows of one group of an answer as columns, as received: a group may continue in the next block. */
export interface AnswerBlock {
  /** The measurement. */
  readonly name: string;
  /** Tags that the statement groups by; an empty text if a point has no such tag. */
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly rows: number;
  /** A column's numbers, NaN for other cells; times in epoch milliseconds. */
  numbers(column: number): Float64Array;
  /** A column's texts, undefined for other cells. */
  texts(column: number): readonly (string | undefined)[];
}

/** Device of a block; the statement groups by `DEVICE_TAGS`. */
export function deviceIn({ tags }: AnswerBlock): DeviceKey {
  return deviceKey(tags.park ?? '', tags.device ?? '');
}

/** Numbers of the named column, which every answer to such a statement has. */
export const numbersOf = (block: AnswerBlock, name: string) => block.numbers(block.columns.indexOf(name));
/** Texts of the named column. */
export const textsOf = (block: AnswerBlock, name: string) => block.texts(block.columns.indexOf(name));

/** Decodes the bytes of one answer into blocks. */
export interface AnswerDecoder {
  /** The blocks that these bytes complete. @throws InfluxError when the server reports an error midway */
  accept(bytes: Uint8Array): Iterable<AnswerBlock>;
  /** Ends the answer. @throws InfluxError when it is incomplete */
  end(): Iterable<AnswerBlock>;
}
