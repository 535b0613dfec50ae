import { describe, expect, it } from 'vitest';
import { InfluxError } from '../../../../../src/historian/influxdb/errors.js';
import { Cursor } from '../../../../../src/historian/influxdb/write/cursor.js';
import { Rewriter } from '../../../../../src/historian/influxdb/write/rewriter.js';
import { ProgressFile } from '../../../../../src/historian/rollup/progress/progress-file.js';

const broken = new InfluxError('retry', 'connect ECONNREFUSED');
const silent = new InfluxError('retry', 'no answer', { timedOut: true });

function rewriter(keepBytes = 1_000) {
  const cursor = new Cursor(ProgressFile.open(':memory:'), 0, { keepBytes });
  const server = { life: 'first' as string | null, now: 0 };
  const back: string[] = [];
  let asks = 0;
  const it = new Rewriter({
    cursor,
    life: async () => {
      asks += 1;
      return server.life;
    },
    onBack: (reason) => back.push(reason),
    clock: () => server.now,
  });
  const write = (...seqs: number[]) => {
    for (const seq of seqs) cursor.moveTo(seq, 100);
  };
  const check = () => {
    server.now += 5_000;
    return it.check();
  };
  return { it, cursor, server, back, write, check, asked: () => asks };
}

describe('what was written last', () => {
  it('is kept up to its bound, and no further back', () => {
    const { cursor, write } = rewriter();
    write(...Array.from({ length: 30 }, (_, i) => i + 1));
    expect([cursor.seq, cursor.durable, cursor.kept.bytes]).toEqual([30, 20, 1_000]);
    cursor.moveTo(31);
    expect([cursor.durable, cursor.kept.bytes]).toEqual([31, 0]);
  });

  it('is written again from there after a broken connection', async () => {
    const { it, cursor, write } = rewriter();
    write(1, 2, 3);
    expect(it.wanted).toBe(false);
    it.failed(broken);
    expect(it.wanted).toBe(true);
    await it.goBack();
    expect([cursor.seq, cursor.reached, it.wanted, it.times]).toEqual([0, 3, false, 1]);
  });

  it('is written again when the server has been started anew unseen, and not while it is the same', async () => {
    const { it, server, write, check } = rewriter();
    write(1);
    await check();
    await check();
    expect(it.wanted).toBe(false);
    server.life = 'second';
    await check();
    expect(it.wanted).toBe(true);
    await it.goBack();
    await check();
    expect([it.wanted, it.times]).toEqual([false, 1]);
  });

  it('is written again when no answer came from a server that does not say how long it has lived', async () => {
    const { it, server, write, check } = rewriter();
    write(1);
    await check();
    it.failed(silent);
    expect(it.wanted).toBe(false);
    const unknown = rewriter();
    unknown.server.life = null;
    unknown.write(1);
    unknown.it.failed(silent);
    expect(unknown.it.wanted).toBe(true);
    expect(server.life).toBe('first');
  });

  it('keeps nobody from writing for the sake of a server that does not say how long it has lived', async () => {
    const { it, server, asked, check } = rewriter();
    server.life = null;
    for (let i = 0; i < 10; i += 1) {
      await it.goBack();
      server.now += 60_000;
    }
    expect(asked()).toBe(1);
    server.life = 'first';
    await check();
    expect(asked(), 'housekeeping asks on').toBe(2);
  });

  it('waits where the signs come faster than it is written, goes on with what is new, and keeps all meanwhile', async () => {
    const { it, cursor, server, write } = rewriter();
    server.life = null;
    write(1, 2, 3, 4);
    it.failed(broken);
    await it.goBack();
    write(1, 2);
    it.failed(broken);
    expect(it.wanted).toBe(false);
    for (let seq = 3; cursor.seq < cursor.reached - 1; seq += 1) write(seq);
    server.now += 2_000;
    expect(it.wanted).toBe(true);
    await it.goBack();
    expect([cursor.seq, cursor.durable]).toEqual([0, 0]);
    write(1);
    it.failed(broken);
    server.now += 2_000;
    expect(it.wanted).toBe(false);
    server.now += 2_000;
    expect(it.wanted).toBe(true);
  });

  it('has nothing to say of a server that the connection broke to, and that is still the same', async () => {
    const { it, server, write, check } = rewriter();
    write(1, 2, 3);
    it.failed(broken);
    await it.goBack();
    server.now += 2_000;
    write(1);
    it.failed(broken);
    await it.goBack();
    write(1);
    it.failed(broken);
    server.now -= 1_001;
    await check();
    expect([it.wanted, it.times]).toEqual([false, 2]);
    server.now += 600_000;
    expect(it.wanted).toBe(false);
  });
});
