import { writeNow } from '../../../state/port.js';
import { DEFAULT_ESCALATION, type EscalationPolicy, namedIn, policyErrors } from '../../model/notify/policy.js';
import type { NotifyParts } from '../bounds.js';
import { NotifyError, type PolicyVersion } from '../port.js';

type Row = Omit<PolicyVersion, 'policy'> & { readonly body: string };

/** The escalation policy and its past versions. */
export class PolicyBook {
  newest: PolicyVersion;
  private readonly page;

  constructor(private readonly deps: Pick<NotifyParts, 'state' | 'audit' | 'clock' | 'bounds'>) {
    const { db } = deps.state;
    this.page = db.prepare<[number, number], Row>(
      `SELECT version, body, ts AS at, who AS by FROM alarm_escalation_policies
       WHERE version < ? ORDER BY version DESC LIMIT ?`,
    );
    this.newest = this.list(undefined, 1)[0] ?? this.store({ version: 1, policy: DEFAULT_ESCALATION, by: 'system' });
  }

  list(before: number | undefined, limit: number): PolicyVersion[] {
    return this.page.all(before ?? Number.MAX_SAFE_INTEGER, limit).map(toVersion);
  }

  /**
   * Stores a new version; `also` runs in the same transaction, with the new policy.
   * @throws NotifyError when `basedOn` is not the newest version, or a level names an unknown channel
   */
  put(
    policy: EscalationPolicy,
    who: string,
    basedOn: number | undefined,
    isChannel: (id: string) => boolean,
    also: (policy: EscalationPolicy) => void,
  ): PolicyVersion {
    const { version } = this.newest;
    if (basedOn !== undefined && basedOn !== version) {
      const message = `the policy is at version ${version}, not ${basedOn}: another operator changed it meanwhile`;
      throw new NotifyError('conflict', 'policy_changed', message);
    }
    const faults = policyErrors(policy, isChannel);
    if (faults.length > 0) {
      const message = faults.map(({ field, expected }) => `${field}: ${expected}`).join('; ');
      throw new NotifyError('invalid', 'invalid_policy', message, faults);
    }
    this.newest = this.store({ version: version + 1, policy, by: who }, () => also(policy));
    return this.newest;
  }

  /** @throws NotifyError while a level names the channel */
  requireUnused(channel: string): void {
    const priorities = namedIn(this.newest.policy, channel);
    if (priorities.length === 0) return;
    const message = `the escalation of priority ${priorities.join(', ')} names channel ${channel}`;
    throw new NotifyError('conflict', 'channel_in_use', message);
  }

  private store({ version, policy, by }: Omit<PolicyVersion, 'at'>, also: () => void = () => undefined): PolicyVersion {
    const { state, audit, clock, bounds } = this.deps;
    const at = clock();
    writeNow(state, (db) => {
      const put = db.prepare('INSERT INTO alarm_escalation_policies VALUES (?, ?, ?, ?)');
      put.run(version, JSON.stringify(policy), at, by);
      db.prepare('DELETE FROM alarm_escalation_policies WHERE version <= ?').run(version - bounds.policiesKept);
      also();
      if (version === 1) return;
      const detail = { version };
      audit.record({ who: by, action: 'alarm_escalation.update', target: 'alarm-escalation', outcome: 'done', detail });
    });
    return { version, policy, at, by };
  }
}

function toVersion({ version, body, at, by }: Row): PolicyVersion {
  return { version, policy: JSON.parse(body) as EscalationPolicy, at, by };
}
