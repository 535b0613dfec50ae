import { DAY_MS, MINUTE_MS } from '../../../../model/time/duration.js';
import { type AlarmEventName, SUPPRESSION_BEGUN_BY } from '../../transition.js';

/**
 * Chattering: three or more times in a minute (ISA-TR18.2.5; B. Hollifield, "Fixing chattering and fleeting alarms").
 * Fleeting: gone again before anybody could act; the standards name no time (ISA-18.2-2016 clause 16.4.6), so that this
 * minute, and how long an alarm must be quiet to chatter no more, are choices of the site.
 */
export const NUISANCE_LIMITS = {
  /** This many within less than `chatterMs` is chattering; 2 to 10. */
  chatterCount: 3,
  chatterMs: MINUTE_MS,
  /** Chattering has ended once the alarm has not come for this long. */
  quietMs: 10 * MINUTE_MS,
  /** An alarm that stood at most this long was fleeting. */
  fleetingMs: MINUTE_MS,
};
export type NuisanceLimits = Readonly<typeof NUISANCE_LIMITS>;

/** Standing longer than this is stale (ISA-18.2-2016 clause 16.4.7). */
export const STALE_MS = DAY_MS;

/** What one alarm did lately; times never fall. */
export interface NuisanceTrack {
  /** When it came, the last `chatterCount` times at most, rising. */
  readonly times: number[];
  /** It went back, wholly or by a level, since it last came. */
  fell: boolean;
  /** Since when it stands; null when it does not, or was suppressed meanwhile. */
  raisedAt: number | null;
  chattering: boolean;
}

export function newTrack(): NuisanceTrack {
  return { times: [], fell: false, raisedAt: null, chattering: false };
}

/** What an event made of the alarm. `repeated`: it came again while chattering. */
type NuisanceStep = 'began' | 'repeated' | 'fleeting' | null;

/**
 * Takes one event of the alarm into its track. Climbing from level to level is not coming again, nor is a re-alarm that
 * its rule asks for: only what went back before counts.
 */
export function stepNuisance(
  track: NuisanceTrack,
  event: AlarmEventName,
  at: number,
  limits: NuisanceLimits = NUISANCE_LIMITS,
): NuisanceStep {
  switch (event) {
    case 'raised':
      track.raisedAt = at;
      return came(track, at, limits);
    case 'level_raised':
      return track.fell ? came(track, at, limits) : null;
    case 'level_lowered':
      track.fell = true;
      return null;
    case 'cleared': {
      const since = track.raisedAt;
      track.fell = true;
      track.raisedAt = null;
      return since !== null && at - since <= limits.fleetingMs ? 'fleeting' : null;
    }
    default:
      if (SUPPRESSION_BEGUN_BY.has(event)) track.raisedAt = null;
      return null;
  }
}

/** Ends the chattering of an alarm that has been quiet; tells whether it did, at `quietSince(track) + quietMs`. */
export function settle(track: NuisanceTrack, at: number, limits: NuisanceLimits = NUISANCE_LIMITS): boolean {
  if (!track.chattering || at - quietSince(track) < limits.quietMs) return false;
  track.chattering = false;
  return true;
}

/** When it last came; -Infinity when it never did. */
export function quietSince(track: NuisanceTrack): number {
  return track.times.at(-1) ?? Number.NEGATIVE_INFINITY;
}

function came(track: NuisanceTrack, at: number, limits: NuisanceLimits): NuisanceStep {
  settle(track, at, limits);
  const { times } = track;
  track.fell = false;
  times.push(at);
  if (times.length > limits.chatterCount) times.shift();
  if (track.chattering) return 'repeated';
  if (times.length < limits.chatterCount || at - times[0]! >= limits.chatterMs) return null;
  track.chattering = true;
  return 'began';
}
