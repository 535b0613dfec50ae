import { ResultTooLargeError } from '../port/errors.js';
import {
  checkSpan,
  checkTags,
  RESULT_MEASUREMENTS,
  RESULT_NAMES,
  type ResultMeasurement,
  type ResultPoint,
  type ResultQuery,
  type ResultSeries,
  type ResultSpan,
  resultKey,
  tagsOfKey,
  valuesText,
} from '../port/results.js';
import type { TimeSpan } from '../port/stats.js';
import { type AnswerBlock, numbersOf, textsOf } from './decode/answer-block.js';
import { InfluxError } from './errors.js';
import { answerBlocks, type InfluxSource } from './influx-source.js';
import { deletePoints, selectPoints } from './read/statements.js';
import { rollupsBucket } from './schema.js';
import { escaped, quotedText } from './write/line-protocol.js';

/**
 * Text field with the names of the fields that count. A point that is written again keeps fields that it no longer has,
 * and only 1.x deletes points by InfluxQL; a point of which nothing counts is gone.
 */
const KNOWN = 'known';
/** About how many characters one write has. */
const BODY_LENGTH = 1024 * 1024;
/** Spans whose stored points one statement reads. */
const SPANS_AT_ONCE = 64;
/** More points than a service writes at once; a statement that finds more has read a server that is not ours. */
const MOST_POINTS = 1_000_000;

interface Stored extends ResultPoint {
  /** Whether the server's point has fields that do not count. */
  readonly isStale: boolean;
}

type StoredSeries = Map<string, Map<number, Stored>>;

/** Results as InfluxDB points, in the bucket of the roll-ups, which has no retention. */
export class InfluxResults {
  private readonly bucket: string;

  constructor(private readonly source: InfluxSource) {
    this.bucket = rollupsBucket(source.bucket);
  }

  async *find(query: ResultQuery): AsyncGenerator<ResultSeries, void, undefined> {
    const { measurement, where, from, to, limit } = query;
    checkTags(measurement, Object.keys(where));
    const found = await this.stored(measurement, where, { from, to }, limit);
    for (const key of [...found.keys()].sort()) {
      const points = [...found.get(key)!.values()].filter(isThere).sort((a, b) => a.ts - b.ts);
      if (points.length === 0) continue;
      yield {
        measurement,
        tags: tagsOfKey(measurement, key),
        points: points.map(({ ts, values }) => ({ ts, values })),
      };
    }
  }

  async replace(spans: readonly ResultSpan[]): Promise<number> {
    for (const span of spans) checkSpan(span);
    let changed = 0;
    for (const measurement of RESULT_NAMES) {
      const of = spans.filter((span) => span.measurement === measurement);
      for (let i = 0; i < of.length; i += SPANS_AT_ONCE) {
        changed += await this.replaceSome(measurement, of.slice(i, i + SPANS_AT_ONCE));
      }
    }
    return changed;
  }

  private async replaceSome(measurement: ResultMeasurement, spans: readonly ResultSpan[]): Promise<number> {
    const scopes = [...new Set(spans.map(({ tags }) => tags.scope ?? ''))];
    const all = {
      from: Math.min(...spans.map(({ from }) => from)),
      to: Math.max(...spans.map(({ to }) => to)),
    };
    const stored = await this.stored(measurement, { scope: scopes }, all, MOST_POINTS);
    const lines: string[] = [];
    let changed = 0;
    for (const span of spans) {
      const plan = planOf(span, stored.get(resultKey(span)));
      for (const run of plan.gone) await this.remove(span, run, lines);
      for (const point of plan.written) lines.push(lineOf(span, point.ts, point.values));
      changed += plan.changed;
    }
    await this.send(lines);
    return changed;
  }

  /** 1.x deletes them; the others get the mark of points that are gone, unless a new point takes the place anyway. */
  private async remove(span: ResultSpan, run: Run, lines: string[]): Promise<void> {
    const { measurement, tags } = span;
    if (this.source.transport.api !== 'v1') {
      for (const ts of run.all) if (!run.replaced.has(ts)) lines.push(lineOf(span, ts, {}));
      return;
    }
    const exact = Object.fromEntries(RESULT_MEASUREMENTS[measurement].tags.map((tag) => [tag, tags[tag] ?? '']));
    const [from, to] = [run.all[0]!, run.all.at(-1)! + 1];
    const statement = deletePoints(measurement, exact, { from, to });
    for await (const _ of answerBlocks(this.source.transport, this.bucket, statement));
  }

  /** Stored points by series and time. @throws ResultTooLargeError */
  private async stored(
    measurement: ResultMeasurement,
    where: ResultQuery['where'],
    span: TimeSpan,
    limit: number,
  ): Promise<StoredSeries> {
    const { tags, numbers, texts } = RESULT_MEASUREMENTS[measurement];
    const statement = selectPoints(measurement, [...numbers, ...texts, KNOWN], where, span, tags);
    const { transport, signal } = this.source;
    const found: StoredSeries = new Map();
    let points = 0;
    for await (const block of answerBlocks(transport, this.bucket, statement, signal)) {
      const key = resultKey({ measurement, tags: block.tags });
      const series = found.get(key) ?? new Map<number, Stored>();
      found.set(key, series);
      for (const point of pointsOf(measurement, block)) {
        series.set(point.ts, point);
        if (isThere(point)) points += 1;
      }
      if (points > limit) throw new ResultTooLargeError(limit);
    }
    return found;
  }

  /** Writes lines of our own making: a server that refuses some of them is not healthy. */
  private async send(lines: readonly string[]): Promise<void> {
    for (let i = 0; i < lines.length; ) {
      let body = '';
      while (i < lines.length && body.length < BODY_LENGTH) body += lines[i++];
      try {
        await this.source.transport.write(this.bucket, body);
      } catch (error) {
        throw error instanceof InfluxError && error.remedy !== 'retry' ? error.asServersFault() : error;
      }
    }
  }
}

const isThere = ({ values }: ResultPoint): boolean => Object.keys(values).length > 0;

/** Neighbouring stored points that have to go, and those of them that are written again. */
interface Run {
  readonly all: number[];
  readonly replaced: Set<number>;
}

/** The changes that turn the stored points of a span into the wanted ones. */
function planOf({ measurement, points, from, to }: ResultSpan, stored: ReadonlyMap<number, Stored> | undefined) {
  const wanted = new Map(points.map((point) => [point.ts, point]));
  const there = [...(stored?.values() ?? [])].filter(({ ts }) => ts >= from && ts < to).sort((a, b) => a.ts - b.ts);
  const gone: Run[] = [];
  const kept = new Set<number>();
  let changed = 0;
  let run: Run | null = null;
  for (const old of there) {
    const now = wanted.get(old.ts);
    const isSame =
      now === undefined ? !isThere(old) : valuesText(measurement, now.values) === valuesText(measurement, old.values);
    if (!isSame) changed += 1;
    else kept.add(old.ts);
    const losesFields = now === undefined ? isThere(old) : !isSame && (old.isStale || losesAny(old, now));
    if (!losesFields) {
      run = null;
      continue;
    }
    if (run === null) {
      run = { all: [], replaced: new Set() };
      gone.push(run);
    }
    run.all.push(old.ts);
    if (now !== undefined) run.replaced.add(old.ts);
  }
  const written = points.filter(({ ts }) => !kept.has(ts));
  const added = written.filter(({ ts }) => !stored?.has(ts)).length;
  return { gone, written, changed: changed + added };
}

const losesAny = (old: ResultPoint, now: ResultPoint): boolean =>
  Object.keys(old.values).some((name) => now.values[name] === undefined);

function lineOf({ measurement, tags }: ResultSpan, ts: number, values: ResultPoint['values']): string {
  const head = RESULT_MEASUREMENTS[measurement].tags
    .flatMap((tag) => (tags[tag] ? [`,${tag}=${escaped(tags[tag])}`] : []))
    .join('');
  const names = Object.keys(values).sort();
  const fields = names.map((name) => {
    const value = values[name]!;
    return `${name}=${typeof value === 'number' ? value : quotedText(value)},`;
  });
  return `${measurement}${head} ${fields.join('')}${KNOWN}=${quotedText(names.join(' '))} ${ts}\n`;
}

function pointsOf(measurement: ResultMeasurement, block: AnswerBlock): Stored[] {
  const { numbers, texts } = RESULT_MEASUREMENTS[measurement];
  const [time, known] = [numbersOf(block, 'time'), textsOf(block, KNOWN)];
  const columns = [
    ...numbers.map((name) => [name, numbersOf(block, name)] as const),
    ...texts.map((name) => [name, textsOf(block, name)] as const),
  ];
  return Array.from({ length: block.rows }, (_, i) => {
    const counts = new Set((known[i] ?? '').split(' '));
    const there = columns.flatMap(([name, column]) => {
      const value = column[i];
      return value === undefined || Number.isNaN(value) ? [] : [[name, value] as const];
    });
    const values = Object.fromEntries(there.filter(([name]) => counts.has(name)));
    return { ts: time[i]!, values, isStale: there.some(([name]) => !counts.has(name)) };
  });
}
