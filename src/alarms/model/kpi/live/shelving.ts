import type { Nuisance } from './chatter-detector.js';

/** Times an alarm has to be fleeting in 24 hours before it is offered for shelving: a choice of the site. */
export const FLEETING_TO_PROPOSE = 5;
export const MAX_PROPOSALS = 100;

/** An alarm that an operator may want to shelve until its rule or sensor is put right. */
export interface ShelvingProposal extends Nuisance {
  readonly reason: 'chattering' | 'fleeting';
}

/**
 * The nuisance alarms worth shelving, in the order given. Never one of the domain fire, whose alarms may not be shelved
 * by operators, nor one that is suppressed already.
 */
export function proposeShelving(nuisances: readonly Nuisance[], fleetingToPropose = FLEETING_TO_PROPOSE) {
  const proposals: ShelvingProposal[] = [];
  for (const one of nuisances) {
    if (proposals.length >= MAX_PROPOSALS) break;
    if (one.domain === 'fire' || one.suppressed) continue;
    if (one.chattering || one.chatters > 0) proposals.push({ ...one, reason: 'chattering' });
    else if (one.fleeting >= fleetingToPropose) proposals.push({ ...one, reason: 'fleeting' });
  }
  return proposals;
}
