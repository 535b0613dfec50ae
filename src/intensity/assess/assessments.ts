import { type Historian, type HistoryLag, olderLag } from '../../historian/port/queries.js';
import type { DeviceKey } from '../../model/ids.js';
import { waitWithin } from '../../model/time/within.js';
import { breath } from '../breath.js';
import { monthAt } from '../local-months.js';
import type { Assessment } from '../model/assess/assessment.js';
import { assessmentOf, type PublicationDigest } from '../model/assess/publish.js';
import { TRACKED } from '../model/assess/quantity-book.js';
import { parseScope, type Scope, scopeText } from '../model/assess/scope.js';
import type { AsOf, Believed } from '../model/statistics/ledger.js';
import { yearOf } from '../model/statistics/period.js';
import { publicationKey, restatementsOf } from '../model/tracking/publication.js';
import type { Warnings } from '../model/warn/warning.js';
import type { MeterBook } from '../port.js';
import { Assessor, type AssessorDeps } from './assessor.js';
import { setsAt } from './known.js';
import { type LateMessage, LateParks } from './late-parks.js';
import { setOfPark } from './park-books.js';
import {
  type Answer,
  AssessmentComputingError,
  type AssessmentQuestion,
  type Assessments,
  type Effect,
  type PublicationRef,
  type Restatement,
  type Supposed,
} from './port.js';
import { Publisher } from './publisher.js';
import type { ResultSink } from './result-sink.js';
import { revisionsBetween, revisionsOf } from './revisions.js';
import { scorecardOf } from './scorecards.js';
import { Warner } from './warner.js';

interface AssessmentsDeps extends AssessorDeps {
  readonly historian: Pick<Historian, 'latest'>;
  /** Called for each device with late readings; see `RunningConsumption`. */
  readonly onLate?: (device: DeviceKey) => void;
  /** Replaces `COLD_WAIT_MS`, for tests. */
  readonly coldWaitMs?: number;
  /** In place of `BEAT_MS`. */
  readonly beatMs?: number | undefined;
  readonly meters: Pick<MeterBook, 'tree'>;
  readonly log: { error(fields: object, message: string): void };
  /** When left out, the historian gets no results. */
  readonly results?: ResultSink;
}

/** How long a client waits while the service reads years of readings for the first time since its start. */
const COLD_WAIT_MS = 2_000;
/** How often the publisher looks for verdicts that are due. */
const BEAT_MS = 5_000;

/** The assessments, with the publisher that records new verdicts until `close`. */
interface RunningAssessments extends Assessments {
  /** Publishes what is due by the clock, every few seconds. Resolves to the number of scopes computed. */
  publish(): Promise<number>;
  /** Calls `listener` with all known warnings, whenever one of them is new and once a minute. */
  onWarnings(listener: (warnings: Warnings) => void): void;
  /** Accepts every message with a late reading, once it is committed. */
  noteLate(message: LateMessage): void;
  /** Resolves once no computation runs; call it before the historian closes. */
  close(): Promise<void>;
}

export function startAssessments(deps: AssessmentsDeps): RunningAssessments {
  const { ledgers, zone, clock, log, results } = deps;
  const assessor = new Assessor(deps);
  const { onLate = () => undefined, coldWaitMs = COLD_WAIT_MS, beatMs = BEAT_MS } = deps;
  const warner = new Warner({ ...deps, assessor });
  const onAssessed: Warner['assessed'] = (...told) => warner.assessed(...told);
  const late = new LateParks({ zone, clock, onLate });
  const publisher = new Publisher({ ledgers, assessor, zone, clock, onAssessed, log, results, late });
  const tick = async () => {
    const computed = await publisher.tick();
    await warner.tick();
    return computed;
  };
  const timer = setInterval(() => void tick(), beatMs);
  timer.unref();
  const toldAt = (scope: Scope, { carrier, year }: Pick<AssessmentQuestion, 'carrier' | 'year'>, asOf: AsOf) =>
    ledgers.publications.believed(asOf).at.get(publicationKey({ scope: scopeText(scope), carrier, year }));
  const restated = (scope: Scope, { carrier, year }: Pick<AssessmentQuestion, 'carrier' | 'year'>, version: number) =>
    restatementsOf(ledgers.publications.ledger, publicationKey({ scope: scopeText(scope), carrier, year }))
      .filter((one) => one.version <= version)
      .map((one): Restatement => {
        const parks = assessor.parksOf(scope);
        const places = new Set(['city', ...parks.flatMap(({ id, district }) => [id, district])]);
        return { ...one, told: revisionsBetween(ledgers, places, one.basis.from, one.basis.to) };
      });

  /** One at a time: each may read years of history. */
  let isSupposing = false;
  const suppose = async (told: Supposed, questions: readonly AssessmentQuestion[]) => {
    const after = await assessor.assessSupposing(told, questions);
    const effects: Effect[] = [];
    for (const [i, question] of questions.entries()) {
      const { scope, carrier } = question;
      effects.push({ scope, carrier, before: await assessor.assess(question), after: after[i]! });
    }
    return effects;
  };

  const publishedAt = ({ version, key }: Believed<PublicationDigest>) => ledgers.publications.wholeOf(version, key);
  const wholeOf = (told: Believed<PublicationDigest>) => {
    const whole = publishedAt(told);
    return whole && assessmentOf(whole);
  };
  const compute = async (question: AssessmentQuestion): Promise<Answer> => {
    const { basis } = assessor.known();
    const read = [assessor.reading()];
    const assessment = await assessor.assess(question);
    const each = async (scopes: readonly Scope[]) => {
      const all = [];
      for (const scope of scopes) all.push(await assessor.assess({ ...question, scope }));
      return all;
    };
    const parts = await each(assessor.partsOf(question.scope));
    const members = await each(membersOf(question, assessment));
    read.push(assessor.reading());
    const published = toldAt(question.scope, question, 'latest');
    const restatements = restated(question.scope, question, Number.POSITIVE_INFINITY);
    return {
      ...{
        assessment,
        basis,
        isPublished: false,
        parts,
        members,
        restatements,
        revisions: revisionsOf(ledgers, basis),
      },
      published: published ? refOf(published) : null,
      lag: read.reduce((lag: HistoryLag | null, one) => olderLag(lag, one.lag), null),
    };
  };
  const tell = (question: Omit<AssessmentQuestion, 'electricity'>, asOf: AsOf): Answer | null => {
    const told = toldAt(question.scope, question, asOf);
    if (told === undefined) return null;
    const whole = publishedAt(told);
    if (whole === null) return null;
    const assessment = assessmentOf(whole);
    // A park that moved since belongs to the district that it was in then.
    const scopes = whole.parts?.flatMap((text) => parseScope(text) ?? []) ?? assessor.partsOf(question.scope);
    let lag: HistoryLag | null = told.value.lag ?? null;
    const toldOf = (scope: Scope) => {
      const one = toldAt(scope, question, asOf);
      lag = olderLag(lag, one?.value.lag ?? null);
      return (one && wholeOf(one)) ?? [];
    };
    const parts = scopes.flatMap(toldOf);
    const members = membersOf(question, assessment).flatMap(toldOf);
    return {
      ...{ assessment, parts, members, lag },
      basis: told.value.basis,
      isPublished: true,
      published: refOf(told),
      restatements: restated(question.scope, question, told.version),
      revisions: revisionsOf(ledgers, told.value.basis),
    };
  };

  return {
    async now(question) {
      const computed = compute(question);
      const { scope, carrier, electricity = 'calorific', media = false } = question;
      const isWarm = assessor.isWarm(scope, carrier) && (!media || assessor.isWarm(scope, 'media'));
      if (isWarm) return breath.whileAwaited(computed);
      // In neither case the work ends: it goes on for the next client that asks.
      const first = await breath.whileAwaited(waitWithin(coldWaitMs, computed, null));
      if (first !== null) return first;
      const before = electricity === 'calorific' && !media ? tell(question, 'latest') : null;
      if (before === null) throw new AssessmentComputingError(scopeText(question.scope));
      return before;
    },
    told: tell,
    async supposing(told, scopes) {
      const year = yearOf(monthAt(zone, clock()));
      const questions = scopes.flatMap((scope) =>
        TRACKED.filter((carrier) => assessor.isWarm(scope, carrier)).map((carrier) => ({ scope, carrier, year })),
      );
      if (isSupposing) return null;
      isSupposing = true;
      const work = suppose(told, questions).finally(() => {
        isSupposing = false;
      });
      return waitWithin(coldWaitMs, work, null);
    },
    async scorecard(scope, year, asOf = 'latest') {
      const { version, at } = ledgers.statistics.believed(asOf);
      const known = asOf === 'latest' ? assessor.known() : setsAt(ledgers, asOf);
      const card = await scorecardOf(scope, assessor.parksOf(scope), year, {
        historian: asOf === 'latest' ? deps.historian : null,
        statistics: at,
        setOf: (park) => setOfPark(known, assessor.parksOf({ kind: 'park', id: park })[0]!, year) ?? [],
        now: clock(),
      });
      return { version, ...card };
    },
    newest: () => ledgers.publications.version,
    thisYear: () => yearOf(monthAt(zone, clock())),
    publish: tick,
    onWarnings: (listener) => warner.onWarnings(listener),
    noteLate: (message) => late.note(message),
    async close() {
      clearInterval(timer);
      assessor.close();
      await Promise.all([publisher.close(), warner.close()]);
    },
  };
}

/** The enterprises of a park that are asked for; a park that is one member has none. */
function membersOf({ scope, withMembers = false }: AssessmentQuestion, { figure }: Assessment): Scope[] {
  if (!withMembers || scope.kind !== 'park') return [];
  return [...(figure?.parts ?? []), ...(figure?.leftOut ?? [])].flatMap(({ member }) => {
    const one = parseScope(member.id);
    return one?.kind === 'enterprise' ? [one] : [];
  });
}

const refOf = ({ version, recordedAt, source, value }: Believed<PublicationDigest>): PublicationRef => ({
  ...{ version, recordedAt, source, lag: value.lag ?? null },
});
