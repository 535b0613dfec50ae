import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** A client that reads nothing for this long is disconnected. */
const STALL_MS = 60_000;

/** How an answer is written. */
export interface Rendering<C> {
  readonly contentType: string;
  /** File name for the browser; null to show the answer in the browser. */
  readonly fileName: string | null;
  /** Called once the query has begun to answer. */
  headers?(): Readonly<Record<string, string>>;
  write(chunks: AsyncIterable<C>): AsyncGenerator<Buffer>;
}

/**
 * Streams an answer with the socket's back-pressure: the chunks of a query, after `through` and `write`. Nothing is
 * sent before the first chunk, so that an error until then becomes a problem; a later one cuts the connection, so that
 * no client takes the answer for complete. The query ends as soon as the client leaves.
 */
export async function sendAnswer<Q, C>(
  reply: FastifyReply,
  query: AsyncIterable<Q>,
  through: (chunks: AsyncIterable<Q>) => AsyncIterable<C>,
  { contentType, fileName, headers, write }: Rendering<C>,
  stallMs = STALL_MS,
): Promise<FastifyReply> {
  // Ends the query's own iterator: a generator around it would end only with its next chunk.
  const source = query[Symbol.asyncIterator]();
  const iterator = through({ [Symbol.asyncIterator]: () => source })[Symbol.asyncIterator]();
  const response = reply.raw;
  const left = () => {
    if (!response.writableFinished) void endQuery(source);
  };
  response.once('close', left);
  if (response.destroyed) left();
  const first = await iterator.next();
  endStalled(response, stallMs);
  // For HEAD the framework would read the whole body and send none of it.
  const asksHead = reply.request.method === 'HEAD';
  if (asksHead) await endQuery(source);
  const body = Readable.from(asksHead ? [] : write(resume(first, iterator)), { objectMode: false });
  if (fileName !== null) reply.header('content-disposition', `attachment; filename="${fileName}"`);
  if (headers !== undefined) reply.headers(headers());
  return reply.type(contentType).header('vary', 'accept').send(body);
}

/** Disconnects a client that reads nothing of its answer for so long. */
export function endStalled(response: ServerResponse, stallMs = STALL_MS): void {
  response.setTimeout(stallMs, () => {
    // Without unsent bytes the query is slow, not the client: it computes or waits for its turn.
    if (response.writableLength > 0) response.destroy();
  });
  response.once('finish', () => response.setTimeout(0));
}

async function* resume<C>(first: IteratorResult<C>, iterator: AsyncIterator<C>): AsyncGenerator<C> {
  try {
    for (let step = first; !step.done; step = await iterator.next()) {
      yield step.value;
      // Chunks that are ready must not block the event loop.
      await turn();
    }
  } finally {
    await endQuery(iterator);
  }
}

async function endQuery(iterator: AsyncIterator<unknown>): Promise<void> {
  // The client has left: the query's error has no reader.
  await iterator.return?.().catch(() => undefined);
}

/** Answers that wait to go on. */
const waiting: (() => void)[] = [];

function next(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(next);
}

/**
 * Resolves in a later turn of the event loop; each turn lets one answer go on, so that many that are written at once hold
 * up everything else for no longer than one.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(next);
  });
}
