import type { Audit } from '../../registry/audit/port.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import type { Revision } from '../model/statistics/ledger.js';
import type { Author, MeterChange } from './port.js';

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

/** Records changes of meters, each with its row in the audit, and notifies the listeners. */
export class Recorder {
  private readonly listeners: ((change: MeterChange) => void)[] = [];

  constructor(private readonly deps: RecorderDeps) {}

  onChanged(listener: (change: MeterChange) => void): void {
    this.listeners.push(listener);
  }

  /**
   * @throws IntensityRefusedError when the ledger is full
   * @throws StorageUnavailableError; nothing was recorded
   */
  record<T>(
    store: LedgerStore<T>,
    items: Iterable<readonly [key: string, value: T | null]>,
    author: Author,
    { action, target, detail }: Recorded,
    change: MeterChange,
  ): Revision<T> {
    const { audit } = this.deps;
    const { by, source, reason } = author;
    const version = store.version + 1;
    const entry = { who: by, action, target, outcome: 'done', detail: { source, reason, version, ...detail } } as const;
    const revision = store.append(items, author, () => audit.record(entry));
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.deps.log.error(
          { err: error, what: change.what, park: change.park },
          'a listener to changes of meters failed',
        );
      }
    }
    return revision;
  }
}
