import type { FieldError } from '../../model/field-error.js';
import type { Audit } from '../../registry/audit/port.js';
import type { RegistryLookups } from '../../registry/port.js';
import { type State, writeNow } from '../../state/port.js';
import { isGeneralFor } from '../model/rule/problems/guard.js';
import { ruleProblems } from '../model/rule/problems.js';
import type { AlarmRule } from '../model/rule/rule.js';
import { type AlarmRules, type RuleChange, RuleRefusedError, type RuleSight, type RuleVersion } from './port.js';
import { adoptDefaults, type KeptVersion, RuleStore, saysTheSame } from './store.js';

const EVERYTHING: RuleSight = { park: () => true, device: () => true };

interface RuleBookOptions {
  readonly state: Pick<State, 'db'>;
  readonly registry: Partial<Pick<RegistryLookups, 'park' | 'devicesCalled'>>;
  readonly audit: Pick<Audit, 'record'>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** The rules that the service ships. */
  readonly defaults: readonly AlarmRule[];
  /** Called after every change, with the rules in force. */
  readonly onChange: (rules: readonly AlarmRule[]) => void;
  /** Most rules, disabled ones included. */
  readonly maxRules?: number;
}

/** The rules in memory, in their newest version; all versions in the state file. */
export class RuleBook implements AlarmRules {
  private readonly store: RuleStore;
  private readonly current: Map<string, KeptVersion>;
  private readonly shipped: ReadonlyMap<string, AlarmRule>;

  constructor(private readonly options: RuleBookOptions) {
    const { state, defaults, clock } = options;
    this.store = new RuleStore(state.db);
    this.shipped = new Map(defaults.map((rule) => [rule.id, rule]));
    state.db.transaction(() => adoptDefaults(this.store, defaults, clock())).immediate();
    const newest = this.store.newest().filter((version) => !version.deleted);
    this.current = new Map(newest.map((version) => [version.rule.id, version]));
  }

  /** Rules in their newest version, by id, disabled ones included. */
  rules(): readonly AlarmRule[] {
    return this.list().map((version) => version.rule);
  }

  list(): readonly RuleVersion[] {
    return [...this.current.values()].sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1));
  }

  get(id: string): RuleVersion | undefined {
    return this.current.get(id);
  }

  versions(id: string): readonly RuleVersion[] {
    return this.store.versions(id);
  }

  problems(rule: AlarmRule, sees: RuleSight = EVERYTHING): readonly FieldError[] {
    const { registry } = this.options;
    const others = [...this.current.values()]
      .filter((version) => version.rule.id !== rule.id && (sees.version === undefined || sees.version(version)))
      .map((version) => version.rule);
    return ruleProblems(rule, {
      rules: new Map(others.map((other) => [other.id, other])),
      shipped: this.shipped.get(rule.id),
      shippedGeneral: this.options.defaults.find((one) => isGeneralFor(one, rule)),
      hasPark: (id) => registry.park?.(id) !== undefined && sees.park(id),
      devices: (id) => (registry.devicesCalled?.(id) ?? []).filter((device) => sees.device(device)),
    });
  }

  put(rule: AlarmRule, change: RuleChange): { readonly version: RuleVersion; readonly created: boolean } {
    const before = this.store.newestVersion(rule.id);
    const created = before === undefined || before.deleted;
    requireBase(rule.id, before, change);
    if (created) this.requireRoom();
    this.requireValid(rule);
    if (!created && saysTheSame(before.rule, rule)) return { version: before, created };
    return { version: this.write('put', rule, before, change), created };
  }

  remove(id: string, change: RuleChange): RuleVersion {
    const before = this.require(id);
    requireBase(id, before, change);
    if (this.shipped.has(id)) {
      if (!before.rule.enabled) return before;
      return this.write('disable', { ...before.rule, enabled: false }, before, change);
    }
    const users = this.rules().filter((rule) => rule.suppressedBy.some((cause) => cause.rule === id));
    if (users.length > 0) {
      const message = `rule ${id} silences alarms of ${users.map((rule) => rule.id).join(', ')}; change these first`;
      throw new RuleRefusedError('conflict', 'rule_in_use', message);
    }
    return this.write('remove', before.rule, before, change, true);
  }

  restore(id: string, wanted: number | 'default', change: RuleChange): RuleVersion {
    const before = this.store.newestVersion(id);
    if (before === undefined) throw unknownRule(id);
    requireBase(id, before, change);
    const rule = wanted === 'default' ? this.shipped.get(id) : this.kept(id, wanted);
    if (rule === undefined) {
      const message =
        wanted === 'default' ? `the service ships no rule ${id}` : `rule ${id} has no version ${wanted} to go back to`;
      throw new RuleRefusedError('missing', 'unknown_version', message);
    }
    if (before.deleted) this.requireRoom();
    this.requireValid(rule);
    if (!before.deleted && saysTheSame(before.rule, rule)) return before;
    return this.write('restore', rule, before, change);
  }

  private kept(id: string, wanted: number): AlarmRule | undefined {
    return this.store.versions(id).find(({ rule, deleted }) => rule.version === wanted && !deleted)?.rule;
  }

  private require(id: string): KeptVersion {
    const known = this.current.get(id);
    if (known === undefined) throw unknownRule(id);
    return known;
  }

  private requireRoom(): void {
    const { maxRules = 1_000 } = this.options;
    if (this.current.size < maxRules) return;
    const message = `there are ${maxRules} alarm rules already: that is the bound`;
    throw new RuleRefusedError('conflict', 'too_many_rules', message);
  }

  private requireValid(rule: AlarmRule): void {
    const problems = this.problems(rule);
    if (problems.length === 0) return;
    const message = problems.map(({ field, expected }) => `${field}: ${expected}`).join('; ');
    throw new RuleRefusedError('invalid', 'invalid_rule', message, problems);
  }

  /** Stores the next version and its audit entry, then puts it in force. */
  private write(
    action: 'put' | 'disable' | 'remove' | 'restore',
    content: AlarmRule,
    before: KeptVersion | undefined,
    { by, comment }: RuleChange,
    deleted = false,
  ): RuleVersion {
    const { state, audit, clock, onChange } = this.options;
    const rule = { ...content, version: (before?.rule.version ?? 0) + 1 };
    const shipped = this.shipped.get(rule.id);
    const isDefault = !deleted && shipped !== undefined && saysTheSame(shipped, rule);
    const version: KeptVersion = {
      rule,
      origin: isDefault ? 'default' : 'edited',
      shipped: isDefault ? shipped.version : null,
      deleted,
      by,
      at: clock(),
      comment,
    };
    const detail = { version: rule.version, before: before?.rule.version ?? null, comment };
    writeNow(state, () => {
      this.store.insert(version);
      audit.record({ who: by, action: `alarm_rule.${action}`, target: rule.id, outcome: 'done', detail });
    });
    if (deleted) this.current.delete(rule.id);
    else this.current.set(rule.id, version);
    onChange(this.rules());
    return version;
  }
}

const unknownRule = (id: string) => new RuleRefusedError('missing', 'unknown_rule', `there is no alarm rule ${id}`);

function requireBase(id: string, before: KeptVersion | undefined, { base }: RuleChange): void {
  const current = before?.rule.version ?? 0;
  if (base === undefined || base === current) return;
  const message =
    current === 0
      ? `there is no rule ${id} in any version`
      : `version ${base} of rule ${id} is no longer the newest: that is ${current}`;
  throw new RuleRefusedError('conflict', 'rule_changed', message, [], current);
}
