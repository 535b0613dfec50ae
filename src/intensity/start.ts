import type { Historian } from '../historian/port/queries.js';
import type { TimeZone } from '../model/time/zone.js';
import type { Registry } from '../registry/port.js';
import type { State } from '../state/port.js';
import { type RunningAssessments, startAssessments } from './assess/assessments.js';
import { ChineseWorkCalendar } from './calendar.js';
import { openConsumption } from './consumption/consumption.js';
import { type Ledgers, openLedgers } from './ledger/ledgers.js';
import { openMeters } from './meters/book.js';
import type { Meters } from './meters/port.js';
import type { Consumption } from './port.js';
import type { IntensitySettings, Statistics } from './statistics/port.js';
import { openSettings } from './statistics/settings-book.js';
import { StatisticsBook } from './statistics/statistics-book.js';

interface IntensityOptions {
  readonly state: State;
  readonly registry: Registry;
  readonly historian: Historian;
  /** Whose months, days and hours are meant. */
  readonly zone: TimeZone;
  readonly log: { error(fields: object, message: string): void };
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** The room of the 5 % as the service holds it. */
export interface Intensity {
  readonly ledgers: Ledgers;
  readonly meters: Meters;
  readonly consumption: Consumption;
  readonly statistics: Statistics;
  readonly intensitySettings: IntensitySettings;
  readonly assessments: RunningAssessments;
  /** Before the historian closes. */
  close(): Promise<void>;
}

/** Opens all that the 5 % rests on: what people told of it, what meters say, and the verdicts that follow. */
export function startIntensity({ state, registry, historian, zone, log, clock }: IntensityOptions): Intensity {
  const ledgers = openLedgers(state, clock);
  const { audit } = registry;
  const meters = openMeters({ ledgers, registry, historian, audit, log, clock });
  const consumption = openConsumption({ historian, book: meters, registry, zone, clock });
  const statistics = new StatisticsBook({ state, ledgers, registry, audit, zone, clock });
  const intensitySettings = openSettings({ ledgers, audit, isKnown: (subject) => statistics.isKnown(subject) });
  const calendar = new ChineseWorkCalendar();
  const assessments = startAssessments({ ledgers, registry, consumption, historian, zone, calendar, clock, log });
  return {
    ...{ ledgers, meters, consumption, statistics, intensitySettings, assessments },
    close: () => assessments.close(),
  };
}
