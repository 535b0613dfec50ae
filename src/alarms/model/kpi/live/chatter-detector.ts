import { DAY_MS } from '../../../../model/time/duration.js';
import type { SuppressionName } from '../../state.js';
import { isAnnunciation, SUPPRESSION_BEGUN_BY, SUPPRESSION_ENDED_BY } from '../../transition.js';
import { type AlarmOwner, type KpiEvent, ownerOf } from '../event.js';
import {
  NUISANCE_LIMITS,
  type NuisanceLimits,
  type NuisanceTrack,
  newTrack,
  quietSince,
  settle,
  stepNuisance,
} from '../report/nuisance.js';
import { DailyCount, SteadyClock } from './counts.js';

/** Alarms watched at once; beyond, the one that nothing happened to for longest is forgotten. */
const MAX_WATCHED_ALARMS = 10_000;

/** An alarm began or ceased to chatter. */
interface ChatterChange extends AlarmOwner {
  readonly change: 'began' | 'ended';
  /** Epoch ms. */
  readonly at: number;
}

/** An alarm that chatters, or was fleeting or chattered in the last 24 hours. */
export interface Nuisance extends AlarmOwner {
  readonly chattering: boolean;
  /** In the last 24 hours, to the hour: alarms, times it began to chatter, times it was fleeting. */
  readonly alarms: number;
  readonly chatters: number;
  readonly fleeting: number;
  /** It is shelved, suppressed or out of service. */
  readonly suppressed: boolean;
}

interface Tracked {
  owner: AlarmOwner;
  readonly track: NuisanceTrack;
  readonly held: Set<SuppressionName>;
  lastAt: number;
  /** Of the last 24 hours, 100 bytes each. */
  readonly counts: { alarms: DailyCount; chatters: DailyCount; fleeting: DailyCount };
}

/** Watches every alarm for chattering and fleeting. Memory is bounded; a clock that is set back makes no chatter. */
export class ChatterDetector {
  readonly stats = { pushedOut: 0 };
  /** The one that something happened to last is at the end. */
  readonly #tracked = new Map<string, Tracked>();
  readonly #chattering = new Set<Tracked>();
  readonly #clock = new SteadyClock();

  constructor(
    private readonly limits: NuisanceLimits = NUISANCE_LIMITS,
    private readonly maxAlarms: number = MAX_WATCHED_ALARMS,
  ) {}

  get size(): number {
    return this.#tracked.size;
  }

  /** Alarms that chatter now. */
  get chattering(): number {
    return this.#chattering.size;
  }

  /** Takes an event; tells what changed, of this alarm or another. */
  append(event: KpiEvent): ChatterChange[] {
    const changes = this.tick(event.at);
    const at = this.#clock.read(event.at);
    const one = this.#find(event, at, changes);
    one.owner = event;
    one.lastAt = at;
    const begun = SUPPRESSION_BEGUN_BY.get(event.event);
    if (begun) one.held.add(begun);
    const ended = SUPPRESSION_ENDED_BY.get(event.event);
    if (ended) one.held.delete(ended);
    if (isAnnunciation(event.event)) one.counts.alarms.add(at);
    const step = stepNuisance(one.track, event.event, at, this.limits);
    if (step === 'fleeting') one.counts.fleeting.add(at);
    if (step === 'began') {
      one.counts.chatters.add(at);
      this.#chattering.add(one);
      changes.push(changeOf(one, 'began', event.at));
    }
    return changes;
  }

  /** Time has passed: tells which alarms have been quiet for long enough. */
  tick(at: number): ChatterChange[] {
    const changes: ChatterChange[] = [];
    if (this.#chattering.size === 0) return changes;
    const now = this.#clock.read(at);
    for (const one of this.#chattering) {
      if (!settle(one.track, now, this.limits)) continue;
      this.#chattering.delete(one);
      changes.push(changeOf(one, 'ended', this.#clock.toClock(quietSince(one.track) + this.limits.quietMs)));
    }
    return changes;
  }

  /** The nuisance alarms, those that chatter first, then by their number of alarms. Forgets what was quiet for a day. */
  nuisances(at: number): Nuisance[] {
    const now = this.#clock.read(at);
    const found: Nuisance[] = [];
    for (const [id, one] of this.#tracked) {
      if (now - one.lastAt > DAY_MS && one.held.size === 0 && !one.track.chattering) this.#tracked.delete(id);
      else {
        const nuisance = nuisanceOf(one, now);
        if (nuisance.chattering || nuisance.chatters > 0 || nuisance.fleeting > 0) found.push(nuisance);
      }
    }
    return found.sort(worstFirst);
  }

  #find(event: KpiEvent, at: number, changes: ChatterChange[]): Tracked {
    const known = this.#tracked.get(event.alarm);
    if (known) {
      this.#tracked.delete(event.alarm);
      this.#tracked.set(event.alarm, known);
      return known;
    }
    if (this.#tracked.size >= this.maxAlarms) this.#pushOut(event.at, changes);
    const counts = { alarms: new DailyCount(), chatters: new DailyCount(), fleeting: new DailyCount() };
    const made: Tracked = { owner: event, track: newTrack(), held: new Set(), lastAt: at, counts };
    this.#tracked.set(event.alarm, made);
    return made;
  }

  #pushOut(at: number, changes: ChatterChange[]): void {
    const [oldest] = this.#tracked;
    if (!oldest) return;
    const [id, one] = oldest;
    this.#tracked.delete(id);
    this.stats.pushedOut += 1;
    if (this.#chattering.delete(one)) changes.push(changeOf(one, 'ended', at));
  }
}

function nuisanceOf({ owner, track, held, counts }: Tracked, now: number): Nuisance {
  return {
    ...ownerOf(owner),
    chattering: track.chattering,
    alarms: counts.alarms.total(now),
    chatters: counts.chatters.total(now),
    fleeting: counts.fleeting.total(now),
    suppressed: held.size > 0,
  };
}

function changeOf({ owner }: Tracked, change: ChatterChange['change'], at: number): ChatterChange {
  return { ...ownerOf(owner), change, at };
}

function worstFirst(a: Nuisance, b: Nuisance): number {
  return (
    Number(b.chattering) - Number(a.chattering) ||
    b.alarms - a.alarms ||
    b.fleeting - a.fleeting ||
    (a.alarm < b.alarm ? -1 : 1)
  );
}

/** Times an alarm has to be fleeting in 24 hours before it is offered for shelving: a choice of the site. */
export const FLEETING_TO_PROPOSE = 5;
export const MAX_PROPOSALS = 100;

/** An alarm that an operator may want to shelve until its rule or sensor is put right. */
interface ShelvingProposal extends Nuisance {
  readonly reason: 'chattering' | 'fleeting';
}

/**
 * The nuisance alarms worth shelving, in the order given. Never one of the domain fire, whose alarms may not be shelved
 * by operators, nor one that is suppressed already.
 */
export function proposeShelving(nuisances: readonly Nuisance[], fleetingToPropose = FLEETING_TO_PROPOSE) {
  const proposals: ShelvingProposal[] = [];
  for (const one of nuisances) {
    if (proposals.length >= MAX_PROPOSALS) break;
    if (one.domain === 'fire' || one.suppressed) continue;
    if (one.chattering || one.chatters > 0) proposals.push({ ...one, reason: 'chattering' });
    else if (one.fleeting >= fleetingToPropose) proposals.push({ ...one, reason: 'fleeting' });
  }
  return proposals;
}
