import type { NotifyStats } from './port.js';

export function newNotifyStats(): NotifyStats {
  return {
    events: 0,
    missedEvents: 0,
    queued: 0,
    sent: 0,
    failedAttempts: 0,
    dead: 0,
    dropped: { low: 0, medium: 0, high: 0, critical: 0 },
    refusedEscalations: 0,
    escalations: 0,
    waiting: 0,
    failedWrites: 0,
    failing: null,
  };
}
