import type { HistorianStats } from '../historian/port.js';
import type { JournalStats, Refusing } from '../journal/port.js';
import type { StateStats } from '../state/port.js';
import type { Log } from './port.js';
import { RecentCount, Standstill } from './standstill.js';
import type { RunningAlarms } from './start.js';

export interface ServiceWatchOptions {
  readonly alarms: Pick<RunningAlarms, 'observe'>;
  readonly journal: { readonly stats: JournalStats; head(): number };
  readonly historian: { readonly stats: Pick<HistorianStats, 'appliedSeq' | 'failing'> };
  readonly state: { readonly stats: Pick<StateStats, 'failedCommits'> };
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly log: Log;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
  readonly everyMs?: number;
}

/** How long no write may have failed before the failures count as past. */
const QUIET_MS = 5 * 60_000;

const REFUSING: Readonly<Record<Refusing, string>> = {
  nothing: 'the journal takes all readings again',
  all_but_urgent: 'the journal is full: only fire readings are acknowledged until the historian has caught up',
  everything: 'the journal is full: no readings are acknowledged until the historian has caught up',
};

/** Measures the service once a second, for the alarms of the domain `system`. */
export class ServiceWatch {
  private readonly uptime: () => number;
  private readonly standstill: Standstill;
  private readonly failures: RecentCount;
  private readonly timer: NodeJS.Timeout;
  private refusing: Refusing = 'nothing';

  constructor(private readonly options: ServiceWatchOptions) {
    const { state, uptime = () => performance.now(), everyMs = 1_000 } = options;
    this.uptime = uptime;
    this.standstill = new Standstill(uptime());
    this.failures = new RecentCount(state.stats.failedCommits, QUIET_MS);
    this.timer = setInterval(() => this.measure(), everyMs).unref();
  }

  /** Measures now. */
  measure(): void {
    const { alarms, journal, historian, state, clock } = this.options;
    const now = clock();
    const { heldBytes, maxBytes, refusing } = journal.stats;
    alarms.observe('journal_fill_pct', (100 * heldBytes) / maxBytes, now);
    const { appliedSeq: position, failing } = historian.stats;
    const still = this.standstill.observe({ position, head: journal.head(), failing: failing !== null }, this.uptime());
    if (still !== null) alarms.observe('historian_standstill_s', still, now);
    alarms.observe('recent_failed_commits', this.failures.observe(state.stats.failedCommits, this.uptime()), now);
    this.tell(refusing);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tell(refusing: Refusing): void {
    if (refusing === this.refusing) return;
    this.refusing = refusing;
    if (refusing === 'nothing') this.options.log.info(REFUSING.nothing);
    else this.options.log.warn({ component: 'journal' }, REFUSING[refusing]);
  }
}
