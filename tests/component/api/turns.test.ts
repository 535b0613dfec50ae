import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { sendAnswer } from '../../../src/http/send.js';

it('many answers that are written at once go on one in each turn of the event loop', async () => {
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  const pieces: number[] = [];
  async function* piecesOf(answer: number) {
    for (let i = 0; i < 50; i += 1) {
      // The first is written before there is anything to wait for.
      if (i > 0) pieces.push(turn);
      yield `${answer} ${i}\n`;
    }
  }
  const app = Fastify();
  onTestFinished(() => app.close());
  app.get<{ Params: { answer: string } }>('/:answer', (request, reply) =>
    sendAnswer(reply, piecesOf(Number(request.params.answer)), (all) => all, {
      ...{ contentType: 'text/plain', fileName: null },
      async *write(chunks) {
        for await (const chunk of chunks) yield Buffer.from(chunk);
      },
    }),
  );
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  count();
  const answers = await Promise.all(Array.from({ length: 30 }, async (_, n) => (await fetch(`${url}/${n}`)).text()));
  isOver = true;
  for (const [n, text] of answers.entries()) expect(text.trimEnd().split('\n').at(-1)).toBe(`${n} 49`);
  const ofTurn = new Map<number, number>();
  for (const one of pieces) ofTurn.set(one, (ofTurn.get(one) ?? 0) + 1);
  expect(pieces).toHaveLength(30 * 49);
  expect(Math.max(...ofTurn.values())).toBeLessThanOrEqual(2);
});
