/**
 * Rules that scenarios name and this version of the service does not have yet. Alarms of theirs are written into the
 * ground truth as pending and nobody waits for them; a rule leaves this list once it is among the default rules.
 */
export const PENDING_RULES: ReadonlySet<string> = new Set([]);
