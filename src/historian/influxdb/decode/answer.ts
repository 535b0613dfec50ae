import type { Statement } from '../read/statements.js';
import type { Transport } from '../transport.js';
import type { AnswerBlock } from './answer-block.js';
import { CsvAnswer } from './answer-csv.js';
import { JsonAnswer } from './answer-json.js';

/**
 * Asks one statement and gives its answer block by block, no faster than they are taken. Ending the iteration ends the
 * request. An answer that InfluxDB could not complete is an error, never a shorter one.
 * @throws InfluxError
 */
export async function* answerBlocks(
  transport: Pick<Transport, 'api' | 'query'>,
  database: string,
  { text, params, groupBy }: Statement,
  signal?: AbortSignal,
): AsyncGenerator<AnswerBlock, void, undefined> {
  const decoder = transport.api === 'v3' ? new CsvAnswer(groupBy) : new JsonAnswer();
  for await (const bytes of transport.query(database, text, params, signal)) yield* decoder.accept(bytes);
  yield* decoder.end();
}
