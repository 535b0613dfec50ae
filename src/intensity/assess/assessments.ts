import type { Historian } from '../../historian/port/queries.js';
import type { DeviceKey } from '../../model/ids.js';
import { monthAt } from '../local-months.js';
import { assessmentOf, type PublishedAssessment } from '../model/assess/publish.js';
import { type Scope, scopeText } from '../model/assess/scope.js';
import type { AsOf, Believed } from '../model/statistics/ledger.js';
import { yearOf } from '../model/statistics/period.js';
import { type Publication, publicationKey, restatementsOf } from '../model/tracking/publication.js';
import type { Warnings } from '../model/warn/warning.js';
import type { MeterBook } from '../port.js';
import { Assessor, type AssessorDeps } from './assessor.js';
import { setOfPark } from './park-books.js';
import {
  type Answer,
  AssessmentComputingError,
  type AssessmentQuestion,
  type Assessments,
  type PublicationRef,
} from './port.js';
import { type LateMessage, Publisher, type ResultSink } from './publisher.js';
import { scorecardOf } from './scorecards.js';
import { Warner } from './warner.js';

interface AssessmentsDeps extends AssessorDeps {
  readonly historian: Pick<Historian, 'latest'>;
  /** Called for each device with late readings; see `RunningConsumption`. */
  readonly onLate?: (device: DeviceKey) => void;
  /** Replaces `COLD_WAIT_MS`, for tests. */
  readonly coldWaitMs?: number;
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
  const { onLate = () => undefined, coldWaitMs = COLD_WAIT_MS } = deps;
  const warner = new Warner({ ...deps, assessor });
  const onAssessed: Warner['assessed'] = (...told) => warner.assessed(...told);
  const publisher = new Publisher({ ledgers, assessor, zone, clock, onAssessed, log, results, onLate });
  const tick = async () => {
    const computed = await publisher.tick();
    await warner.tick();
    return computed;
  };
  const timer = setInterval(() => void tick(), BEAT_MS);
  timer.unref();
  const toldAt = (scope: Scope, { carrier, year }: Pick<AssessmentQuestion, 'carrier' | 'year'>, asOf: AsOf) =>
    ledgers.publications.believed(asOf).at.get(publicationKey({ scope: scopeText(scope), carrier, year }));
  const restated = (scope: Scope, { carrier, year }: Pick<AssessmentQuestion, 'carrier' | 'year'>, version: number) =>
    restatementsOf(ledgers.publications.ledger, publicationKey({ scope: scopeText(scope), carrier, year })).filter(
      (one) => one.version <= version,
    );

  const compute = async (question: AssessmentQuestion): Promise<Answer> => {
    const { basis } = assessor.known();
    const assessment = await assessor.assess(question);
    const parts = [];
    for (const scope of assessor.partsOf(question.scope)) parts.push(await assessor.assess({ ...question, scope }));
    const published = toldAt(question.scope, question, 'latest');
    const restatements = restated(question.scope, question, Number.POSITIVE_INFINITY);
    return {
      ...{ assessment, basis, isPublished: false, parts, restatements },
      published: published ? refOf(published) : null,
    };
  };
  const tell = (question: Omit<AssessmentQuestion, 'electricity'>, asOf: AsOf): Answer | null => {
    const told = toldAt(question.scope, question, asOf);
    if (told === undefined) return null;
    const parts = assessor.partsOf(question.scope).flatMap((scope) => {
      const part = toldAt(scope, question, asOf);
      return part === undefined ? [] : [assessmentOf(part.value as PublishedAssessment)];
    });
    return {
      assessment: assessmentOf(told.value as PublishedAssessment),
      basis: told.value.basis,
      isPublished: true,
      published: refOf(told),
      parts,
      restatements: restated(question.scope, question, told.version),
    };
  };

  return {
    async now(question) {
      const computed = compute(question);
      if (assessor.isWarm(question.scope, question.carrier)) return computed;
      const first = await within(coldWaitMs, computed);
      if (first !== null) return first;
      const { electricity = 'calorific' } = question;
      const before = electricity === 'calorific' ? tell(question, 'latest') : null;
      if (before === null) throw new AssessmentComputingError(scopeText(question.scope));
      return before;
    },
    told: tell,
    async scorecard(scope, year) {
      const known = assessor.known();
      return scorecardOf(scope, assessor.parksOf(scope), year, {
        historian: deps.historian,
        statistics: ledgers.statistics.believed().at,
        setOf: (park) => setOfPark(known, assessor.parksOf({ kind: 'park', id: park })[0]!, year) ?? [],
        now: clock(),
      });
    },
    newest: () => ledgers.publications.version,
    thisYear: () => yearOf(monthAt(zone, clock())),
    publish: tick,
    onWarnings: (listener) => warner.onWarnings(listener),
    noteLate: (message) => publisher.noteLate(message),
    async close() {
      clearInterval(timer);
      assessor.close();
      await Promise.all([publisher.close(), warner.close()]);
    },
  };
}

/** The result if it comes in time; else null, while the work continues for the next client that asks. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

const refOf = ({ version, recordedAt, source }: Believed<Publication>): PublicationRef => ({
  ...{ version, recordedAt, source },
});
