import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';

/** A client that takes nothing for this long is cut off. */
const STALL_MS = 60_000;

/** How an answer is written. */
export interface Rendering<C> {
  readonly contentType: string;
  /** What a browser saves it as; null for an answer to be looked at. */
  readonly fileName: string | null;
  /** Asked once the query has begun to answer. */
  headers?(): Readonly<Record<string, string>>;
  write(chunks: AsyncIterable<C>): AsyncGenerator<Buffer>;
}

/**
 * Streams an answer with the back-pressure of the socket: the chunks of a query, as `through` makes them, `written`. The
 * first chunk is awaited before anything is sent, so that an error up to there is answered as a problem; a later one cuts
 * the connection, which no client can take for a whole answer. The query is ended as soon as the client is gone.
 */
export async function sendAnswer<Q, C>(
  reply: FastifyReply,
  query: AsyncIterable<Q>,
  through: (chunks: AsyncIterable<Q>) => AsyncIterable<C>,
  { contentType, fileName, headers, write }: Rendering<C>,
  stallMs = STALL_MS,
): Promise<FastifyReply> {
  // The query's own iterator is the one to end: a generator around it would only end with its next chunk.
  const source = query[Symbol.asyncIterator]();
  const iterator = through({ [Symbol.asyncIterator]: () => source })[Symbol.asyncIterator]();
  const response = reply.raw;
  const left = () => {
    if (!response.writableFinished) void endQuery(source);
  };
  response.once('close', left);
  if (response.destroyed) left();
  const first = await iterator.next();
  response.setTimeout(stallMs, () => {
    // With nothing left to take it is the query that pauses: it works, or waits for its turn among others.
    if (response.writableLength > 0) response.destroy();
  });
  response.once('finish', () => response.setTimeout(0));
  // Of an answer to HEAD the framework reads the whole and sends nothing of it.
  const asksHead = reply.request.method === 'HEAD';
  if (asksHead) await endQuery(source);
  const body = Readable.from(asksHead ? [] : write(resume(first, iterator)), { objectMode: false });
  if (fileName !== null) reply.header('content-disposition', `attachment; filename="${fileName}"`);
  if (headers !== undefined) reply.headers(headers());
  return reply.type(contentType).header('vary', 'accept').send(body);
}

async function* resume<C>(first: IteratorResult<C>, iterator: AsyncIterator<C>): AsyncGenerator<C> {
  try {
    for (let step = first; !step.done; step = await iterator.next()) {
      yield step.value;
      // Chunks that are there already must not keep everything else from its turn.
      await setImmediate();
    }
  } finally {
    await endQuery(iterator);
  }
}

async function endQuery(iterator: AsyncIterator<unknown>): Promise<void> {
  // The client is gone: whatever the query still has to say can reach nobody.
  await iterator.return?.().catch(() => undefined);
}
