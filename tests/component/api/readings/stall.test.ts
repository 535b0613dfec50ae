import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { sendAnswer } from '../../../../src/http/send.js';

const STALL_MS = 200;
const PIECE = Buffer.alloc(1024 * 1024, 'x');

/** A server whose one answer is made of `pieces`, with the response that carries it, once it was asked for. */
async function answering(pieces: () => AsyncGenerator<Buffer>) {
  const app = Fastify({ forceCloseConnections: true });
  const steps = new EventEmitter();
  const begun = once(steps, 'begun').then(([response]) => response as ServerResponse);
  app.get('/', (_request, reply) => {
    steps.emit('begun', reply.raw);
    const written = { contentType: 'text/csv', fileName: null, write: asTheyAre };
    return sendAnswer(reply, pieces(), (all) => all, written, STALL_MS);
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return { url, port: (app.server.address() as AddressInfo).port, begun };
}

async function* asTheyAre(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

it('an answer whose query pauses longer than a client may is not cut off', async () => {
  const query = new EventEmitter();
  const { url, begun } = await answering(async function* () {
    yield PIECE;
    await once(query, 'goOn');
    yield PIECE;
  });
  const answer = await fetch(url);
  const body = answer.arrayBuffer();
  await once(await begun, 'timeout');
  query.emit('goOn');
  expect((await body).byteLength).toBe(2 * PIECE.length);
});

it('a client that takes nothing is cut off, and its query ends, also after such a pause', async () => {
  const query = new EventEmitter();
  const ended = once(query, 'ended');
  const { port, begun } = await answering(async function* () {
    try {
      yield Buffer.from('x');
      await once(query, 'goOn');
      for (;;) yield PIECE;
    } finally {
      query.emit('ended');
    }
  });
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nhost: park\r\n\r\n');
  await once(socket, 'data');
  socket.pause();
  const response = await begun;
  await once(response, 'timeout');
  expect(response.destroyed).toBe(false);
  query.emit('goOn');
  await ended;
  expect(response.destroyed).toBe(true);
});
