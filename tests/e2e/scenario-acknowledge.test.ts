import { afterAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../simulators/random.js';
import { compareAlarms } from '../../simulators/verdict/compare.js';
import type { RecordedEvent } from '../../simulators/verdict/recorded.js';
import { holesIn } from '../../simulators/verdict/sequence.js';
import { ApiError, call } from './helpers/api.js';
import { KilledPlay } from './helpers/killed-play.js';
import { ADMIN_TOKEN, removeDataDir } from './helpers/service.js';

const ROUNDS = 6;
const PARKS = ['lc-dezheng', 'lw-fupin', 'oh-diandu'];
const SCENARIOS = ['fire', 'gas-leak', 'chattering-detector', 'earth-leakage', 'discharge-exceedance'] as const;
const SEED = Number(process.env.PARK_TEST_SEED ?? 20_261_128);
/** What an operator lets pass between two looks at the list. */
const LOOK_MS = 30;
const SHARE_ANSWERED = 0.6;

interface Answer {
  readonly alarm: string;
  /** The event that was answered. */
  readonly seq: number;
  readonly comment: string;
  /** `lost`: the service was killed before it said anything, and nobody knows. */
  readonly outcome: 'done' | 'refused' | 'lost';
}

type Standing = RecordedEvent['alarm'];

/** Looks at what stands and acknowledges some of it, as seen, for as long as the service comes and goes. */
class Operator {
  readonly answers: Answer[] = [];
  private readonly passed = new Set<string>();
  private stopped = false;
  private readonly working: Promise<void>;

  constructor(
    private readonly play: KilledPlay,
    private readonly token: string,
    private readonly random: () => number,
  ) {
    this.working = this.work();
  }

  /** After one more look. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.working;
    await this.look();
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      await this.look();
    }
  }

  private async look(): Promise<void> {
    for (const alarm of await this.standing()) {
      const key = `${alarm.id} ${alarm.seq}`;
      if (!alarm.unacknowledged || this.passed.has(key)) continue;
      this.passed.add(key);
      if (this.random() < SHARE_ANSWERED) await this.acknowledge(alarm);
    }
  }

  /** Nothing when nobody answers. */
  private async standing(): Promise<readonly Standing[]> {
    try {
      const path = '/api/v1/alarms?limit=1000';
      return (await call<{ items: Standing[] }>(this.play.service, 'GET', path, undefined, this.token)).items;
    } catch {
      return [];
    }
  }

  private async acknowledge({ id, seq }: Standing): Promise<void> {
    const comment = `seen ${this.answers.length}`;
    const note = (outcome: Answer['outcome']) => this.answers.push({ alarm: id, seq, comment, outcome });
    try {
      await call(this.play.service, 'POST', `/api/v1/alarms/${id}/acknowledge`, { comment, seq }, this.token);
      note('done');
    } catch (error) {
      note(error instanceof ApiError && error.status < 500 ? 'refused' : 'lost');
    }
  }
}

describe('operators who acknowledge while the service is killed with SIGKILL', () => {
  let play: KilledPlay;
  afterAll(async () => {
    await play.close();
    removeDataDir(play.service.dataDir);
  });

  it('every acknowledgement that was answered is recorded once, by its operator, and takes nothing from the truth', {
    timeout: 120_000,
  }, async () => {
    const random = randomStream(SEED);
    play = await KilledPlay.begin({ parks: PARKS, scenarios: SCENARIOS, seed: SEED % 1_000, random });
    const { id, token } = await call<{ id: string; token: string }>(play.service, 'POST', '/api/v1/tokens', {
      name: 'operator',
      role: 'operator',
    });
    const operator = new Operator(play, token, randomStream(SEED + 1));
    for (let round = 1; round <= ROUNDS; round += 1) await play.round(round / (ROUNDS + 1));
    await play.finish();
    await operator.stop();
    const record = await play.record();
    const of = (outcome: Answer['outcome']) => operator.answers.filter((answer) => answer.outcome === outcome);
    const [done, refused, lost] = [of('done'), of('refused'), of('lost')];
    console.log(`seed ${SEED}: ${record.length} events, ${done.length} acknowledged, ${lost.length} lost;`, play.stats);

    expect(compareAlarms(play.truth.alarms.list(), record)).toEqual([]);
    expect(holesIn(record.map(({ seq }) => seq))).toEqual([]);
    const recorded = record.filter(({ event }) => event === 'acknowledged');
    const comments = recorded.map(({ comment }) => comment);
    expect(new Set(comments).size).toBe(comments.length);
    expect(recorded.every(({ by, cause }) => by === id && cause === 'operator')).toBe(true);
    expect(done.length).toBeGreaterThan(3);
    for (const { alarm, comment } of done) {
      expect(recorded.filter((event) => event.alarm.id === alarm && event.comment === comment)).toHaveLength(1);
    }
    for (const { comment } of refused) expect(comments).not.toContain(comment);
    // What was lost on the way may have been done; nothing else may.
    const known = new Set<string | null>([...done, ...lost].map(({ comment }) => comment));
    expect(comments.filter((comment) => !known.has(comment))).toEqual([]);
    // A second time there is nothing to acknowledge.
    for (const { alarm } of done.slice(0, 3)) {
      const after = record.findLast((event) => event.alarm.id === alarm && event.event !== 'cleared');
      if (after?.event !== 'acknowledged') continue;
      const again = call(play.service, 'POST', `/api/v1/alarms/${alarm}/acknowledge`, {}, ADMIN_TOKEN);
      await expect(again).rejects.toMatchObject({ status: 409, body: { code: 'not_unacknowledged' } });
    }
  });
});
