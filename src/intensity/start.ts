import { HistorianUnavailableError } from '../historian/port/errors.js';
import type { BucketQuery, Historian, LatestQuery, RawQuery } from '../historian/port/queries.js';
import type { ResultQuery, ResultSpan } from '../historian/port/results.js';
import type { Journal } from '../journal/port.js';
import type { TimeZone } from '../model/time/zone.js';
import type { Registry } from '../registry/port.js';
import type { State } from '../state/port.js';
import { startAssessments } from './assess/assessments.js';
import { openBills } from './bills/bill-book.js';
import { ChineseWorkCalendar } from './calendar.js';
import { openConsumption } from './consumption/consumption.js';
import { KeptStore } from './consumption/kept-store.js';
import { type Ledgers, openLedgers } from './ledger/ledgers.js';
import { openMeters } from './meters/book.js';
import { startResults } from './results/result-writer.js';
import { openSettings } from './statistics/settings-book.js';
import { StatisticsBook } from './statistics/statistics-book.js';

interface IntensityOptions {
  readonly state: State;
  readonly registry: Registry;
  readonly historian: Historian;
  readonly zone: TimeZone;
  readonly log: { error(fields: object, message: string): void };
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Days for which readings are kept. */
  readonly rawDays?: number;
  /** Left out: months of meters are worked out anew at each start. */
  readonly journal?: Pick<Journal, 'head'>;
  /** Milliseconds between two looks at what is due; five seconds when left out. */
  readonly beatMs?: number | undefined;
}

/** All that months of meters rest on: whatever came in, whatever was said of meters, and the calendar. */
function restsOn(journal: Pick<Journal, 'head'>, { meters, swaps, voids, gapRules }: Ledgers, zone: TimeZone): string {
  const said = [meters, swaps, voids, gapRules].map(({ version }) => version);
  return `${zone.name} ${journal.head()} ${said.join(' ')}`;
}

/** Opens the room of the 5 %: what people told of it, and what follows. */
export function startIntensity(options: IntensityOptions) {
  const { state, registry, historian, zone, log, clock, rawDays, journal, beatMs } = options;
  const { audit } = registry;
  const ledgers = openLedgers(state, clock, log);
  const statistics = new StatisticsBook({ state, ledgers, registry, audit, zone, clock });
  const intensitySettings = openSettings({ ledgers, audit, isKnown: (subject) => statistics.isKnown(subject) });
  const meters = openMeters({
    ledgers,
    registry,
    historian,
    audit,
    log,
    clock,
    ...(rawDays !== undefined && { rawDays }),
  });
  const bills = openBills({
    ...{ state, ledger: ledgers.bills, registry, audit, meters, zone, clock },
    treeVersion: () => ledgers.meters.version,
    isKnown: (subject) => statistics.isKnown(subject),
  });
  const history = untilEnded(historian);
  const keptStore = journal && new KeptStore(state, () => restsOn(journal, ledgers, zone));
  const consumption = openConsumption({
    historian: history,
    book: meters,
    registry,
    zone,
    clock,
    ...(keptStore && { keptStore }),
  });
  const results = startResults({
    ...{ historian: history, ledgers, registry, book: meters, consumption, zone, clock, log, beatMs },
  });
  const calendar = new ChineseWorkCalendar();
  const assessments = startAssessments({
    ledgers,
    registry,
    consumption,
    lagSince: () => historian.lagSince(),
    meters,
    historian: history,
    zone,
    calendar,
    clock,
    log,
    onLate: (device) => consumption.noteLate(device),
    results,
    beatMs,
  });
  return {
    ...{ meters, statistics, bills, intensitySettings, consumption, assessments, results },
    /** Ends what is being computed; before the historian closes. */
    async close(): Promise<void> {
      const closed = [assessments.close(), results.close()];
      history.end();
      await Promise.all(closed);
      try {
        consumption.close();
      } catch (error) {
        log.error(
          { err: error },
          'months of meters could not be kept for the next start; they are worked out again then',
        );
      }
    },
  };
}

/** The historian until `end`: then each question fails at once, so that an assessment of many months ends with the next. */
export function untilEnded(historian: Historian) {
  let ended = false;
  const open = (): Historian => {
    if (ended) throw new HistorianUnavailableError('the service is stopping');
    return historian;
  };
  return {
    get stats() {
      return historian.stats;
    },
    raw: (query: RawQuery) => open().raw(query),
    buckets: (query: BucketQuery) => open().buckets(query),
    latest: async (query: LatestQuery) => open().latest(query),
    lagSince: () => historian.lagSince(),
    results: (query: ResultQuery) => open().results(query),
    replaceResults: async (spans: readonly ResultSpan[]) => open().replaceResults(spans),
    end() {
      ended = true;
    },
  };
}
