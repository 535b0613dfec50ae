import type { FieldError } from '../../model/field-error.js';
import type { Device } from '../../registry/port.js';
import type { AlarmRule } from '../model/rule/rule.js';

/** One version of a rule; versions are never changed and never removed. */
export interface RuleVersion {
  readonly rule: AlarmRule;
  /** `default`: as the service ships it, a newer release replaces it. `edited`: the site's own, nothing replaces it. */
  readonly origin: 'default' | 'edited';
  /** With this version the rule ended. */
  readonly deleted: boolean;
  /** Token id of who made it; null: the service itself. */
  readonly by: string | null;
  /** From when on it was in force, epoch milliseconds; null: from before such times were kept. */
  readonly at: number | null;
  readonly comment: string | null;
}

/** Who changes a rule, starting from which version of it, and why. */
export interface RuleChange {
  readonly by: string;
  /** The version that was read and changed; another one in force is a conflict. Left out: whichever. */
  readonly base?: number;
  readonly comment: string | null;
}

/**
 * A change that was refused; nothing was changed. `missing`: no such rule or version. `conflict`: somebody else changed
 * it, or it is in use. `invalid`: see `problems`.
 */
export class RuleRefusedError extends Error {
  override readonly name = 'RuleRefusedError';
  constructor(
    readonly kind: 'missing' | 'conflict' | 'invalid',
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    readonly problems: readonly FieldError[] = [],
    /** The version in force, where it is another than the base. */
    readonly current: number | null = null,
  ) {
    super(message);
  }
}

/** What somebody sees of the registry. */
export interface RuleSight {
  park(id: string): boolean;
  device(device: Pick<Device, 'park'>): boolean;
  /** Undefined for a rule of others; left out where all are seen. */
  version?(version: RuleVersion): RuleVersion | undefined;
}

/**
 * The rules and their history. Changes are durable and in the audit when they return, in force for the next reading, and
 * throw RuleRefusedError, or StorageUnavailableError when the disk fails.
 */
export interface AlarmRules {
  /** Rules in their newest version, by id; those that ended are left out. */
  list(): readonly RuleVersion[];
  get(id: string): RuleVersion | undefined;
  /** Every version ever, the newest first; none for a rule that never was. */
  versions(id: string): readonly RuleVersion[];
  /** What is wrong with a rule that would be put in force now; what `sees` does not see is as absent. */
  problems(rule: AlarmRule, sees?: RuleSight): readonly FieldError[];
  /** Puts a rule in force under its id; `rule.version` is not looked at. One that says the same already stays as it is. */
  put(rule: AlarmRule, change: RuleChange): { readonly version: RuleVersion; readonly created: boolean };
  /** Ends a rule of the site's own; one that the service ships is disabled instead. */
  remove(id: string, change: RuleChange): RuleVersion;
  /** Puts what an older version said, or what the service ships, in force again as a new version. */
  restore(id: string, version: number | 'default', change: RuleChange): RuleVersion;
}
