import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmEvent } from '../../../../src/alarms/model/alarm.js';
import { DEFAULT_RULES } from '../../../../src/alarms/model/defaults/index.js';
import { cod, type Message, Run, smoke, summary, T0, withDir } from '../helpers.js';

const S = 1_000;
const NEVER = 3_600_000;

/** Four smoke detectors and two outlets, each series in order, several messages to a commit. */
const stream = fc
  .array(
    fc.record({
      // Of two readings of the same time the later arrival counts, and sent again both arrive anew.
      stepS: fc.integer({ min: 1, max: 40 }),
      source: fc.integer({ min: 0, max: 5 }),
      abnormal: fc.boolean(),
    }),
    { minLength: 5, maxLength: 40 },
  )
  .map((steps) => {
    let now = T0;
    return steps.map(({ stepS, source, abnormal }): Message => {
      now += stepS * S;
      return source < 4 ? smoke(now, abnormal, `smoke-${source}`) : cod(now, abnormal ? 600 : 100, `outlet-${source}`);
    });
  });

const batches = (messages: readonly Message[]) => {
  const cut: Message[][] = [];
  for (let at = 0; at < messages.length; at += 3) cut.push(messages.slice(at, at + 3));
  return cut;
};

/** Normal readings long after: every delay has ended by then. */
const endOf = (messages: readonly Message[]) =>
  [4, 5].map((source) => cod(messages.at(-1)!.ts + 1_000 * S, 100, `outlet-${source}`));

/** What is sent again ends a delay earlier than what came after it: that alarm's event then goes before others'. */
const ofEachAlarm = (events: readonly AlarmEvent[]) =>
  events
    .map((event) => ({ ...event, seq: 0, alarm: { ...event.alarm, seq: 0 } }))
    .sort((a, b) => (a.alarm.id < b.alarm.id ? -1 : Number(a.alarm.id > b.alarm.id)));

async function uninterrupted(messages: readonly Message[]): Promise<readonly AlarmEvent[]> {
  return withDir(async (dir) => {
    const run = await Run.start(dir);
    for (const batch of batches(messages)) await run.sendAll(batch);
    await run.sendAll(endOf(messages));
    await run.stop();
    return run.published;
  });
}

describe('alarms after a restart', () => {
  it('are those of an uninterrupted run, wherever it was killed and whatever was sent again', async () => {
    await fc.assert(
      fc.asyncProperty(
        stream,
        fc.array(fc.record({ after: fc.nat(12), clean: fc.boolean(), resend: fc.boolean() }), { maxLength: 4 }),
        async (messages, stops) => {
          const expected = await uninterrupted(messages);
          await withDir(async (dir) => {
            const told: AlarmEvent[] = [];
            let run = await Run.start(dir, { saveEveryMs: NEVER });
            for (const [index, batch] of batches(messages).entries()) {
              await run.sendAll(batch);
              for (const stop of stops.filter((one) => one.after === index)) {
                told.push(...run.published);
                if (stop.clean) await run.stop();
                else run.crash();
                run = await Run.start(dir, { saveEveryMs: NEVER });
                // It arrives anew, so not before what it is a repetition of.
                const receivedAt = batch.at(-1)!.ts;
                if (stop.resend) await run.sendAll(batch.map((message) => ({ ...message, receivedAt })));
              }
            }
            await run.sendAll(endOf(messages));
            told.push(...run.published);
            const recorded = run.alarms.events({ afterSeq: 0, limit: 1_000 });
            const resent = stops.some(({ resend }) => resend);
            expect(told).toEqual(recorded);
            expect(resent ? ofEachAlarm(recorded) : recorded).toEqual(resent ? ofEachAlarm(expected) : expected);
            expect(run.alarms.headSeq()).toBe(expected.length);
            await run.stop();
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('evaluate what the journal took while they were not there, from its bytes', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir, { saveEveryMs: NEVER });
      await first.send(cod(T0, 600));
      await first.alarms.close();
      await first.send(cod(T0 + 60 * S, 600));
      await first.send(smoke(T0 + 61 * S, true));
      first.crash();
      const second = await Run.start(dir);
      expect(summary(second.alarms.events({ afterSeq: 0, limit: 10 }))).toEqual([
        '1 raised cod-high:outlet-1 @60',
        '2 raised smoke-alarm:smoke-1 @61',
      ]);
      await second.stop();
    });
  });

  it('keep a running on-delay over a clean stop', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      await first.send(cod(T0, 600));
      await first.stop();
      const second = await Run.start(dir);
      await second.send(cod(T0 + 60 * S, 600));
      expect(summary(second.published)).toEqual(['1 raised cod-high:outlet-1 @60']);
      expect(second.published[0]?.alarm.since).toBe(T0);
      await second.stop();
    });
  });

  it('stand as before, and end when their rule is gone', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      await first.sendAll([smoke(T0, true), smoke(T0, true, 'smoke-2')]);
      const standing = first.alarms.standing();
      await first.stop();
      const second = await Run.start(dir);
      expect(second.alarms.standing()).toEqual(standing);
      second.state.db
        .prepare("UPDATE alarm_rules SET body = json_set(body, '$.enabled', json('false')) WHERE rule = 'smoke-alarm'")
        .run();
      await second.stop();
      const third = await Run.start(dir);
      expect(third.alarms.standing().map(({ state, latched }) => [state, latched])).toEqual([
        ['rtn_unack', false],
        ['rtn_unack', false],
      ]);
      const events = third.alarms.events({ afterSeq: 2, limit: 10 });
      expect(events.map(({ seq, event, cause }) => [seq, event, cause])).toEqual([
        [3, 'cleared', 'rule_withdrawn'],
        [4, 'reset', 'rule_withdrawn'],
        [5, 'cleared', 'rule_withdrawn'],
        [6, 'reset', 'rule_withdrawn'],
      ]);
      await third.stop();
    });
  });

  it('go on numbering when no event is kept', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      await first.send(smoke(T0, true));
      first.state.db.exec('DELETE FROM alarm_events');
      await first.stop();
      const second = await Run.start(dir);
      expect([second.alarms.oldestSeq(), second.alarms.headSeq()]).toEqual([2, 1]);
      await second.send(smoke(T0 + S, false));
      expect(summary(second.published)).toEqual(['2 cleared smoke-alarm:smoke-1 @1']);
      await second.stop();
    });
  });

  it('take a newer default rule, and leave an edited one alone', async () => {
    await withDir(async (dir) => {
      const [a, b] = [DEFAULT_RULES[0]!, DEFAULT_RULES[1]!];
      const first = await Run.start(dir, { defaults: [a, b] });
      first.state.db
        .prepare("INSERT INTO alarm_rules (rule, version, origin, body) VALUES (?, 3, 'edited', ?)")
        .run(b.id, JSON.stringify({ ...b, version: 3, onDelayS: 7 }));
      await first.stop();
      const newer = [a, b].map((rule) => ({ ...rule, version: 4, onDelayS: 9 }));
      const second = await Run.start(dir, { defaults: newer });
      expect(second.alarms.rules().map(({ id, version, onDelayS }) => [id, version, onDelayS])).toEqual(
        [
          [a.id, 4, 9],
          [b.id, 3, 7],
        ].toSorted(),
      );
      await second.stop();
    });
  });
});
