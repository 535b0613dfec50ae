import type { Historian } from '../historian/port/queries.js';
import type { TimeZone } from '../model/time/zone.js';
import type { Registry } from '../registry/port.js';
import type { State } from '../state/port.js';
import { startAssessments } from './assess/assessments.js';
import { ChineseWorkCalendar } from './calendar.js';
import { openConsumption } from './consumption/consumption.js';
import { openLedgers } from './ledger/ledgers.js';
import { openMeters } from './meters/book.js';
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
}

/** Opens the room of the 5 %: what people told of it, and what follows. */
export function startIntensity({ state, registry, historian, zone, log, clock }: IntensityOptions) {
  const { audit } = registry;
  const ledgers = openLedgers(state, clock);
  const statistics = new StatisticsBook({ state, ledgers, registry, audit, zone, clock });
  const intensitySettings = openSettings({ ledgers, audit, isKnown: (subject) => statistics.isKnown(subject) });
  const meters = openMeters({ ledgers, registry, historian, audit, log, clock });
  const consumption = openConsumption({ historian, book: meters, registry, zone, clock });
  const calendar = new ChineseWorkCalendar();
  const assessments = startAssessments({ ledgers, registry, consumption, historian, zone, calendar, clock, log });
  return {
    ...{ meters, statistics, intensitySettings, consumption, assessments },
    /** Before the historian closes. */
    close: () => assessments.close(),
  };
}
