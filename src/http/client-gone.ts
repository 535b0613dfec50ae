import type { FastifyReply } from 'fastify';
import { problem } from './problem.js';

/**
 * Runs `work` with a signal that fires when the client leaves early. @throws ProblemError 408 then, only for the log
 */
export async function whileClientWaits<T>(reply: FastifyReply, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? problem(408, 'client_gone', 'the client went away') : error;
  }
}
