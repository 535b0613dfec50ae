import type { FieldError } from '../../model/field-error.js';
import type { Device } from '../../registry/port.js';
import type { AlarmRule } from '../model/rule/rule.js';

/** One version of a rule; the store never changes or removes it. */
export interface RuleVersion {
  readonly rule: AlarmRule;
  /** `default`: as shipped, and replaced by a newer release. `edited`: the site's own; no release replaces it. */
  readonly origin: 'default' | 'edited';
  /** The rule ended with this version. */
  readonly deleted: boolean;
  /** Token id of the operator; null: the service itself. */
  readonly by: string | null;
  /** When it came into force, epoch milliseconds; null: before such times were stored. */
  readonly at: number | null;
  readonly comment: string | null;
}

/** The operator of a change, the version it starts from, and the reason. */
export interface RuleChange {
  readonly by: string;
  /** The version that was read and changed; a conflict when another is in force. Left out: any. */
  readonly base?: number;
  readonly comment: string | null;
}

/**
 * A refused change; nothing changed. `missing`: no such rule or version. `conflict`: another operator changed the rule,
 * or it is in use. `invalid`: see `problems`.
 */
export class RuleRefusedError extends Error {
  override readonly name = 'RuleRefusedError';
  constructor(
    readonly kind: 'missing' | 'conflict' | 'invalid',
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    readonly problems: readonly FieldError[] = [],
    /** The version in force, where it differs from the base. */
    readonly current: number | null = null,
  ) {
    super(message);
  }
}

/** The part of the registry that a principal sees. */
export interface RuleSight {
  park(id: string): boolean;
  device(device: Pick<Device, 'park'>): boolean;
  /** Undefined for a rule outside the scope; left out: the principal sees all. */
  version?(version: RuleVersion): RuleVersion | undefined;
}

/**
 * The rules and their history. When a change returns it is durable and in the audit; it applies from the next reading
 * on. Changes throw RuleRefusedError, or StorageUnavailableError when the disk fails.
 */
export interface AlarmRules {
  /** Rules in their newest version, by id, without ended ones. */
  list(): readonly RuleVersion[];
  get(id: string): RuleVersion | undefined;
  /** All versions, the newest first; none for a rule that never existed. */
  versions(id: string): readonly RuleVersion[];
  /** Errors of a rule if put in force now; objects that `sees` hides count as absent. */
  problems(rule: AlarmRule, sees?: RuleSight): readonly FieldError[];
  /** Puts a rule in force under its id and ignores `rule.version`. A rule equal to the present one changes nothing. */
  put(rule: AlarmRule, change: RuleChange): { readonly version: RuleVersion; readonly created: boolean };
  /** Ends a rule of the site; disables one that the service ships. */
  remove(id: string, change: RuleChange): RuleVersion;
  /** Puts an older version, or the shipped rule, in force again as a new version. */
  restore(id: string, version: number | 'default', change: RuleChange): RuleVersion;
}
