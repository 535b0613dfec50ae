import type { Reading } from '../../../model/reading.js';
import { eventTime, isOlder } from '../../../model/time/trust.js';
import { staysNormal } from '../../model/judge/evidence.js';
import type { Arrival } from '../../model/judge/judge.js';
import { type PastState, QUIET_MS } from '../../model/judge/past.js';
import type { AlarmStats } from '../../port.js';
import type { Unstored } from '../../store/unstored.js';
import { Series } from '../watch/series.js';
import type { Watch } from '../watch/watch.js';
import { Backlog, type BacklogReading } from './backlog.js';
import { Memory } from './memory.js';
import type { PastJudge } from './past-judge.js';

/** How a reading arrived, which tells late from live. */
type Came = Pick<Arrival, 'receivedAt' | 'lagMs' | 'outdated'>;

interface BacklogsOptions {
  readonly unstored: Unstored;
  readonly pasts: PastJudge;
  readonly stats: AlarmStats;
  /** Called when the past of a watch has changed. */
  readonly onSettled: (watch: Watch) => void;
}

/** Most waiting readings of one series, and of all: above it, the end of a message judges the backlog as it is. */
const MOST_WAITING = { series: 256, all: 500_000 } as const;
/** Most judged readings remembered, of all series. */
const MOST_KEPT = 250_000;

/** Whether an exceedance of the past is remembered with its readings. */
const remembers = ({ past }: Watch): boolean => past?.base !== undefined;

/** All backlogs that are growing. Each is judged once no more of it comes. */
export class Backlogs {
  /** In order of their last late reading, oldest first. */
  private readonly open = new Set<Backlog<Series>>();
  private full: Backlog<Series>[] = [];
  private waiting = 0;
  /** Series with remembered readings, the one judged longest ago first, and the number of those readings. */
  private readonly remembering = new Set<Series>();
  private kept = 0;

  constructor(private readonly options: BacklogsOptions) {}

  /** Keeps a late reading, and a live one while the series has a backlog. */
  hear(series: Series, reading: Reading, at: number, { receivedAt, lagMs, outdated }: Came): void {
    if (series.isPast(receivedAt - reading.ts, lagMs, outdated)) this.append(series, reading, at, receivedAt);
    else if (series.backlog !== null && !outdated) this.append(series, reading, at, null);
  }

  /** Applies a live reading to an open exceedance of the past, while the series has no backlog. */
  acceptLive(series: Series, watch: Watch, reading: Reading, { receivedAt, lagMs, outdated }: Came): void {
    const at = eventTime(reading.ts, receivedAt);
    if (outdated) return;
    if (!isOlder(at, watch.lastTs, receivedAt)) {
      this.options.pasts.acceptLive(watch, reading, at, receivedAt);
    } else if (series.isPast(receivedAt - reading.ts, lagMs, true)) {
      // Newer readings came before a restart.
      this.append(series, reading, at, receivedAt);
    }
  }

  /** @param receivedAt receipt of a late reading, null for a live one */
  private append(series: Series, reading: Reading, at: number, receivedAt: number | null): void {
    const backlog = series.backlog ?? this.begin(series);
    const late = receivedAt !== null;
    backlog.readings.push({ at, reading, late });
    this.waiting += 1;
    if (late) {
      backlog.heardAt = receivedAt;
      this.open.delete(backlog);
      this.open.add(backlog);
    }
    if (backlog.readings.length === MOST_WAITING.series + 1 || this.waiting > MOST_WAITING.all) this.full.push(backlog);
    // A restart must not lose readings on which the end of an exceedance, or a remembered one, depends.
    for (const watch of backlog.series.plain) {
      const matters = watch.concerned || (late && (remembers(watch) || !staysNormal(watch.rule, reading)));
      if (watch.waiting === null && !matters) continue;
      watch.waiting = backlog;
      this.options.unstored.addCondition(watch);
    }
  }

  /** Ends a message: judges backlogs that have grown above the bound. */
  bound(): void {
    if (this.full.length === 0) return;
    const { full } = this;
    this.full = [];
    for (const backlog of full) {
      if (!this.open.has(backlog)) continue;
      this.options.stats.cutBacklogs += 1;
      this.settle(backlog);
    }
  }

  /** Judges backlogs without a late reading for `QUIET_MS`. */
  settleDue(now: number): void {
    for (const backlog of this.open) {
      // A receipt in the future: the service's clock was set back.
      if (now >= backlog.heardAt && now - backlog.heardAt < QUIET_MS) return;
      this.settle(backlog);
    }
  }

  private settle(backlog: Backlog<Series>): void {
    if (!this.open.delete(backlog)) return;
    this.waiting -= backlog.readings.length;
    const { series, newestAt, heardAt } = backlog;
    series.backlog = null;
    const { unstored, pasts, onSettled } = this.options;
    const memory = this.memoryOf(series);
    const came = new Set(backlog.readings);
    const all = memory.with(series.plain[0]?.rule.metric ?? '', series.live, backlog.readings);
    const beside = { newestAt, heardAt, forgottenAt: memory.forgottenAt, keptFrom: Memory.keptFrom(all) };
    for (const watch of series.plain) {
      if (watch.waiting !== null) {
        watch.waiting = null;
        unstored.addCondition(watch);
      }
      watch.memory = memory;
      pasts.settle(watch, all, came, beside);
      onSettled(watch);
    }
    this.keep(series, memory, all);
  }

  private memoryOf(series: Series): Memory {
    series.memory ??= new Memory();
    return series.memory;
  }

  /** Remembers judged readings; above the bound, the series judged longest ago forget theirs. */
  private keep(series: Series, memory: Memory, all: readonly BacklogReading[]): void {
    this.kept -= memory.kept.length;
    memory.keep(all);
    this.kept += memory.kept.length;
    this.remembering.delete(series);
    this.remembering.add(series);
    for (const oldest of this.remembering) {
      if (this.kept <= MOST_KEPT) return;
      this.forget(oldest);
    }
  }

  private forget(series: Series): void {
    this.remembering.delete(series);
    if (series.memory === null) return;
    this.kept -= series.memory.kept.length;
    series.memory.forget();
    for (const watch of series.plain) {
      if (watch.past?.base === undefined) continue;
      const { base: _, ...past } = watch.past;
      watch.past = past;
      this.options.unstored.addCondition(watch);
    }
  }

  /** Resumes the waiting and the remembered readings after a restart. */
  resume(watch: Watch, { waiting, kept, ...past }: PastState): void {
    watch.past = { ...past, waiting: null };
    const series = watch.clock;
    if (!(series instanceof Series)) return;
    if (kept) {
      const memory = this.memoryOf(series);
      watch.memory = memory;
      if (memory.kept.length === 0) {
        memory.resume(watch.rule.metric, kept);
        this.kept += memory.kept.length;
        this.remembering.add(series);
      }
    }
    if (!waiting) return;
    if (series.backlog === null) {
      const backlog = Backlog.of(series, watch.rule.metric, waiting);
      series.backlog = backlog;
      this.waiting += backlog.readings.length;
      this.open.add(backlog);
    }
    watch.waiting = series.backlog;
  }

  private begin(series: Series): Backlog<Series> {
    series.catchUp();
    const newestAt = Math.max(series.newestAt, ...series.plain.map(({ lastTs }) => lastTs));
    const backlog = new Backlog(series, newestAt);
    series.backlog = backlog;
    return backlog;
  }
}
