import type { AlarmRule } from '../../alarms/model/rule/rule.js';
import type { RuleVersion } from '../../alarms/rules/port.js';
import { parkScope } from '../../http/auth/scope.js';
import { maySeeService, type Principal } from '../../model/access.js';
import type { Device, RegistryLookups } from '../../registry/port.js';

/** What of the rules a principal sees: those for its parks, and of these nothing that names another park or its devices. */
export class VisibleRules {
  private readonly all: boolean;

  constructor(
    who: Principal,
    private readonly registry: Pick<RegistryLookups, 'park' | 'devicesCalled'>,
    private readonly find: (id: string) => RuleVersion | undefined,
    private readonly seesPark = parkScope(who, registry),
  ) {
    this.all = maySeeService(who);
  }

  readonly park = (id: string): boolean => this.all || this.seesPark(id);

  readonly device = (device: Pick<Device, 'park'>): boolean => this.all || this.seesPark(device.park);

  /** Undefined for a version that is for others alone. */
  readonly version = (version: RuleVersion): RuleVersion | undefined => {
    if (this.all) return version;
    const rule = this.ruleOf(version.rule);
    return rule && { ...version, rule };
  };

  private ruleOf(rule: AlarmRule): AlarmRule | undefined {
    const parks = rule.parks.filter(this.seesPark);
    const devices = rule.devices.filter((id) => this.seesDevice(id));
    const isForOthers =
      rule.domain === 'system' ||
      (rule.parks.length > 0 && parks.length === 0) ||
      (rule.devices.length > 0 && devices.length === 0);
    if (isForOthers) return undefined;
    const suppressedBy = rule.suppressedBy.filter(({ rule: id }) => this.sees(id));
    return { ...rule, parks, devices, suppressedBy };
  }

  private seesDevice(id: string): boolean {
    return this.registry.devicesCalled(id).some(({ park }) => this.seesPark(park));
  }

  private sees(id: string): boolean {
    const rule = this.find(id)?.rule;
    if (rule === undefined || rule.domain === 'system') return false;
    return rule.parks.length === 0 || rule.parks.some(this.seesPark);
  }
}
