import type { HistorianStats } from '../../historian/port/stats.js';
import type { JournalStats, Refusing } from '../../journal/port.js';
import type { StateStats } from '../../state/port.js';
import { RecentCount, StallDetector } from '../model/stall-detector.js';
import { chorePart } from '../model/system.js';
import type { Log } from '../port.js';
import type { RunningAlarms } from './running.js';

interface ServiceObserverOptions {
  readonly alarms: Pick<RunningAlarms, 'observe'>;
  readonly journal: { readonly stats: JournalStats; head(): number };
  readonly historian: {
    readonly stats: Pick<HistorianStats, 'appliedSeq' | 'failing'> &
      Partial<Pick<HistorianStats, 'failingKind' | 'damage' | 'chores'>>;
  };
  readonly state: { readonly stats: Pick<StateStats, 'failedCommits'> };
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly log: Log;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
  readonly everyMs?: number;
}

/** After this long without a failed write, earlier failures count as past. */
const QUIET_MS = 5 * 60_000;

const REFUSING: Readonly<Record<Refusing, string>> = {
  nothing: 'the journal takes all readings again',
  all_but_urgent: 'the journal is full: only fire readings are acknowledged until the historian has caught up',
  everything: 'the journal is full: no readings are acknowledged until the historian has caught up',
};

/** Measures the service once a second, for the alarms of the domain `system`. */
export class ServiceObserver {
  private readonly uptime: () => number;
  private readonly stalls: StallDetector;
  private readonly failures: RecentCount;
  private readonly timer: NodeJS.Timeout;
  private readonly failingSince = new Map<string, number>();
  private refusing: Refusing = 'nothing';

  constructor(private readonly options: ServiceObserverOptions) {
    const { state, uptime = () => performance.now(), everyMs = 1_000 } = options;
    this.uptime = uptime;
    this.stalls = new StallDetector(uptime());
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
    const still = this.stalls.observe({ position, head: journal.head(), failing: failing !== null }, this.uptime());
    if (still !== null) alarms.observe('historian_standstill_s', still, now);
    this.observeHistory(now);
    alarms.observe('recent_failed_commits', this.failures.observe(state.stats.failedCommits, this.uptime()), now);
    this.tell(refusing);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** What its store has told: nothing is known of one that was never opened, but that it is damaged. */
  private observeHistory(now: number): void {
    const { alarms, historian } = this.options;
    const { failingKind, damage, chores = {} } = historian.stats;
    const closed = failingKind === 'damaged' ? 1 : 0;
    const known = Object.keys(chores).length > 0;
    if (known || closed > 0) alarms.observe('history_damaged_files', (damage?.files ?? 0) + closed, now);
    for (const [name, failing] of Object.entries(chores)) {
      if (failing === null) this.failingSince.delete(name);
      else if (!this.failingSince.has(name)) this.failingSince.set(name, this.uptime());
      const since = this.failingSince.get(name) ?? this.uptime();
      alarms.observe('housekeeping_failing_s', (this.uptime() - since) / 1_000, now, chorePart(name));
    }
  }

  private tell(refusing: Refusing): void {
    if (refusing === this.refusing) return;
    this.refusing = refusing;
    if (refusing === 'nothing') this.options.log.info(REFUSING.nothing);
    else this.options.log.warn({ refusing }, REFUSING[refusing]);
  }
}
