import { type FieldError, must } from '../../../model/field-error.js';
import { PRIORITIES, type Priority } from '../class.js';

/** The channels to tell once an alarm has stood unacknowledged for `afterS` seconds. */
export interface EscalationLevel {
  /** Seconds since the annunciation; the first level usually has 0. */
  readonly afterS: number;
  /** Ids of channels, or EVERY_CHANNEL. */
  readonly channels: readonly string[];
}

/** The levels of each priority, in the order of their times; none: no channel is told. */
export type EscalationPolicy = Readonly<Record<Priority, readonly EscalationLevel[]>>;

/** Stands for all channels; their filters still apply. */
export const EVERY_CHANNEL = '*';

export const POLICY_BOUNDS = { levels: 8, channels: 50, afterS: 7 * 24 * 3_600 } as const;

const everybody = (...afterS: number[]): readonly EscalationLevel[] =>
  afterS.map((seconds) => ({ afterS: seconds, channels: [EVERY_CHANNEL] }));

/**
 * Policy of a new service: every channel at once, and again while no operator acknowledges; low priority stays on the
 * boards. The times are customary values that each centre should set for itself, with other channels for the later
 * levels.
 */
export const DEFAULT_ESCALATION: EscalationPolicy = {
  low: [],
  medium: everybody(0),
  high: everybody(0, 900),
  critical: everybody(0, 180, 600),
};

/** Errors of a policy, given the known channels. */
export function policyErrors(policy: EscalationPolicy, isChannel: (id: string) => boolean): FieldError[] {
  return PRIORITIES.flatMap((priority) =>
    policy[priority].flatMap(({ afterS, channels }, index, levels) => {
      const field = `${priority}.${index}`;
      const before = levels[index - 1]?.afterS ?? Number.NEGATIVE_INFINITY;
      return [
        ...must(afterS > before, `${field}.afterS`, `more than the ${before} s of the level before`),
        ...channels.flatMap((id, nth) => {
          const exists = id === EVERY_CHANNEL || isChannel(id);
          return must(exists, `${field}.channels.${nth}`, `a channel that exists; there is no ${id}`);
        }),
      ];
    }),
  );
}

export function namedIn(policy: EscalationPolicy, channel: string): Priority[] {
  return PRIORITIES.filter((priority) => policy[priority].some((level) => level.channels.includes(channel)));
}
