import type { Audit } from '../../registry/audit/port.js';
import { LedgerFullError, type LedgerStore } from '../ledger/ledger-store.js';
import type { Revision } from '../model/statistics/ledger.js';
import { type Author, type MeterChange, MeterRefusedError } from './port.js';

export interface RecorderDeps {
  readonly audit: Pick<Audit, 'record'>;
  readonly log: { error(fields: object, message: string): void };
}

interface Recorded {
  /** `meter_swap.record`… */
  readonly action: string;
  readonly target: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Records what is said of meters, each time with its row in the audit, and tells of it. */
export class Recorder {
  private readonly listeners: ((change: MeterChange) => void)[] = [];

  constructor(private readonly deps: RecorderDeps) {}

  onChanged(listener: (change: MeterChange) => void): void {
    this.listeners.push(listener);
  }

  /**
   * @throws MeterRefusedError when the ledger is full
   * @throws StorageUnavailableError; nothing was recorded
   */
  record<T>(
    store: LedgerStore<T>,
    items: Iterable<readonly [key: string, value: T | null]>,
    { by, source, why }: Author,
    { action, target, detail }: Recorded,
    change: MeterChange,
  ): Revision<T> {
    const { audit } = this.deps;
    const version = store.ledger.length + 1;
    const entry = { who: by, action, target, outcome: 'done', detail: { why, source, version, ...detail } } as const;
    const revision = refusedWhenFull(() => store.append(items, { by, source }, () => audit.record(entry)));
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.deps.log.error({ err: error, what: change.what, park: change.park }, 'a listener to meters failed');
      }
    }
    return revision;
  }
}

function refusedWhenFull<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof LedgerFullError) throw new MeterRefusedError('conflict', 'ledger_full', error.message);
    throw error;
  }
}
