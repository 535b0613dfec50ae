import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';

/** Items that one turn of the event loop takes; each is a row of a file or an entry of a body. */
const AT_ONCE = 500;

/** What becomes of each item, one part after the other: a file may have tens of thousands. */
export async function flatMapInTurns<T, R>(
  items: readonly T[],
  map: (item: T, index: number) => readonly R[],
): Promise<R[]> {
  const all: R[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % AT_ONCE === 0) await setImmediate();
    for (const one of map(item, index)) all.push(one);
  }
  return all;
}

/** As `flatMapInTurns`, one of each. */
export const mapInTurns = <T, R>(items: readonly T[], map: (item: T, index: number) => R): Promise<R[]> =>
  flatMapInTurns(items, (item, index) => [map(item, index)]);

/** A list of an answer: each item as `write` makes it, checked and written in turns. */
export const longList = <T, S extends z.ZodType>(
  schema: S,
  items: readonly T[],
  write: (item: T) => z.input<S>,
): Promise<string> => mapInTurns(items, (item) => JSON.stringify(schema.parse(write(item)))).then((all) => `[${all}]`);

/** Sends JSON: `head` as it is, then the lists, whose texts are made already. */
export async function sendLists(
  reply: FastifyReply,
  head: object,
  lists: Readonly<Record<string, Promise<string>>>,
): Promise<FastifyReply> {
  const parts = [JSON.stringify(head).slice(1, -1)];
  for (const [name, text] of Object.entries(lists)) parts.push(`${JSON.stringify(name)}:${await text}`);
  return reply.type('application/json; charset=utf-8').send(Buffer.from(`{${parts.join(',')}}`));
}
