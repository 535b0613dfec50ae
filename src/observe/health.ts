import { EARLIEST_TS } from '../model/wire/readings.js';
import type { Components } from './components.js';

/** One condition for the service to work; `problem` is public and names no files. */
interface Check {
  readonly ok: boolean;
  readonly problem?: string;
}

export const CHECKS = ['disk', 'journal', 'historian', 'alarms', 'broker'] as const;

interface Readiness {
  readonly status: 'ready' | 'not_ready';
  readonly checks: Readonly<Record<(typeof CHECKS)[number], Check>>;
}

/** Batches a follower of the journal may be behind before the service reports that it is not ready. */
const MAX_LAG_BATCHES = 50_000;

const OK: Check = { ok: true };
const bad = (problem: string): Check => ({ ok: false, problem });

const JOURNAL: Readonly<Record<Components['journal']['stats']['refusing'], Check>> = {
  nothing: OK,
  all_but_urgent: bad('the journal is full: only fire readings are acknowledged until the historian has caught up'),
  everything: bad('the journal is full: no readings are acknowledged until the historian has caught up'),
};

const NO_CLOCK = bad('the clock of the service is not set: no readings are acknowledged until it is');

/** Public reasons of a historian that has stopped. */
const WHY_STALLED: Readonly<Record<string, string>> = {
  unreachable: 'its server does not answer',
  timeout: 'it gets no answer in time',
  credentials: 'its server refuses the credentials or grants them too little',
  not_found: 'its server does not know what it is asked for',
  refused: 'its server does not take what it is sent',
  busy: 'its server asks it to wait',
  server: 'its server fails',
  damaged: 'its files are damaged, or do not belong together',
};

/** Whether the service can accept readings, answer queries of history and raise alarms. */
export function readiness(
  { clock, state, journal, historian, alarms, broker }: Components,
  maxLag = MAX_LAG_BATCHES,
): Readiness {
  const follower = (what: string, failing: string | null, cursor: number, kind: string | null = null): Check => {
    const why = (kind !== null && WHY_STALLED[kind]) || 'an error keeps it';
    if (failing !== null) return bad(`${what} stands still: ${why}; the log says more, nothing is lost`);
    const behind = journal.head() - cursor;
    return behind > maxLag ? bad(`${what} is ${behind} batches behind the journal, more than ${maxLag}`) : OK;
  };
  const history = follower(
    'the historian',
    historian.stats.failing,
    historian.stats.appliedSeq,
    historian.stats.failingKind,
  );
  const problem = problemOf(historian.stats);
  const checks = {
    disk:
      state.stats.failing === null
        ? OK
        : bad('the disk is full or failing: nothing is stored or acknowledged until it works again'),
    journal: clock === undefined || clock() >= EARLIEST_TS ? JOURNAL[journal.stats.refusing] : NO_CLOCK,
    historian: history.ok && problem !== null ? { ok: true, problem } : history,
    alarms: alarms ? follower('the alarm engine', alarms.stats.failing, alarms.stats.cursor) : OK,
    broker: broker.listening() ? OK : bad('the MQTT listener is not open'),
  };
  return { status: CHECKS.every((name) => checks[name].ok) ? 'ready' : 'not_ready', checks };
}

/** Public reason of a historian that runs but lacks something. */
function problemOf({ blind, damage, rollups }: Components['historian']['stats']): string | null {
  const problems: string[] = [];
  if (blind) {
    const why =
      blind.kind === 'credentials'
        ? 'INFLUX_TOKEN lacks the permission to read'
        : (WHY_STALLED[blind.kind] ?? 'its server answers no question');
    problems.push(`readings are written, but history cannot be read: ${why}`);
  }
  if (damage.files > 0) {
    problems.push(`${damage.files} files of history are missing or damaged: answers are made of the rest`);
  }
  if (rollups.failing !== undefined) {
    const { hours, days, series } = rollups.failing;
    problems.push(
      `roll-ups fail and are tried again, of ${hours} hours, ${days} runs of days and ${series} series: the others go on`,
    );
  }
  return problems.length === 0 ? null : problems.join('; ');
}
