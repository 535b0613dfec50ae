import type { Notifications } from '../alarms/notify/port.js';
import type { AlarmKpis, Alarms } from '../alarms/port.js';
import type { AlarmReplays } from '../alarms/replay/port.js';
import type { AlarmRules } from '../alarms/rules/port.js';
import type { OutletBook } from '../emissions/port.js';
import type { Historian } from '../historian/port/queries.js';
import type { Loggers } from '../hj212/port.js';
import type { OpenQueries } from '../http/open-queries.js';
import type { Ingest, Quarantine } from '../ingest/port.js';
import type { Assessments } from '../intensity/assess/port.js';
import type { Bills } from '../intensity/bills/port.js';
import type { Meters } from '../intensity/meters/port.js';
import type { Consumption } from '../intensity/port.js';
import type { IntensitySettings, Statistics } from '../intensity/statistics/port.js';
import type { StatisticsFiles } from '../intensity/upload/port.js';
import type { Journal } from '../journal/port.js';
import type { Audit } from '../registry/audit/port.js';
import type { Registry } from '../registry/port.js';

/** The dependencies of the routes. A route plugin takes a `Pick` of its own. */
export interface ApiDeps {
  readonly registry: Registry;
  readonly audit: Audit;
  readonly historian: Historian;
  readonly ingest: Pick<Ingest, 'stats'>;
  readonly quarantine: Quarantine;
  readonly loggers: Loggers;
  readonly alarms: Alarms;
  readonly notifications: Notifications;
  readonly alarmKpis: Pick<AlarmKpis, 'readEvents' | 'nuisances'>;
  readonly alarmRules: AlarmRules;
  readonly alarmReplays: AlarmReplays;
  readonly assessments: Assessments;
  readonly meters: Meters;
  readonly consumption: Consumption;
  readonly statistics: Statistics;
  readonly intensitySettings: IntensitySettings;
  readonly bills: Bills;
  readonly outlets: OutletBook;
  readonly statisticsFiles: StatisticsFiles;
  readonly journal: Pick<Journal, 'head' | 'stats'>;
  /** Bounds the history queries in progress; created when left out. Its `stats` are for observe. */
  readonly queries?: OpenQueries;
  /** IANA name; days, months and years are cut in it. */
  readonly timeZone: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}
