import type { AlarmRules } from '../../alarms/rules/port.js';
import type { FieldError } from '../../model/field-error.js';
import { invalidFields } from '../problem.js';

/** The limit profiles that the rules of a domain have, in order; a device can use only these. */
function knownProfiles(rules: Pick<AlarmRules, 'list'>, domain: string): readonly string[] {
  const ofDomain = rules.list().flatMap(({ rule }) => (rule.domain === domain ? (rule.limitProfile ?? []) : []));
  return [...new Set(ofDomain)].sort();
}

/** `asked`: profiles by domain, with their fields. @throws ProblemError 422 with all known ones if one has no rule */
export function requireProfiles(
  rules: Pick<AlarmRules, 'list'>,
  asked: readonly { readonly domain: string; readonly profile: string; readonly field: string }[],
): void {
  const wrong = asked.flatMap(({ domain, profile, field }): readonly FieldError[] => {
    const known = knownProfiles(rules, domain);
    if (known.includes(profile)) return [];
    const expected = known.length === 0 ? 'null: there are none' : `one of ${known.join(', ')}, or null`;
    return [{ field, expected: `${expected} for the domain ${domain}; no rule is for ${profile}` }];
  });
  if (wrong.length > 0) throw invalidFields(wrong);
}
