import type { Role } from '../../model/access.js';
import { type AlarmClass, policyOf } from './class.js';
import type { AlarmAction } from './transition.js';

/**
 * Whether a role may do this to alarms of the class. Operators work alarms; to take one of a guarded class out of
 * service, so that no detector is forgotten in that state, is for administrators. Putting it back is not.
 */
export function mayPerform(role: Role, kind: AlarmAction['kind'], alarmClass: AlarmClass): boolean {
  if (role === 'admin') return true;
  return role === 'operator' && !(kind === 'remove_from_service' && policyOf(alarmClass).guarded);
}
