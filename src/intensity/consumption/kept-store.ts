import { crc32 } from 'node:zlib';
import type { DeviceKey } from '../../model/ids.js';
import { type State, writeNow } from '../../state/port.js';
import type { Month } from '../model/statistics/period.js';

/** Settled months of one register, as they are kept over a stop. */
export interface KeptRegister {
  readonly device: DeviceKey;
  /** Register and carrier. */
  readonly register: string;
  readonly maxRate: number | undefined;
  readonly first: Month;
  /** See `MonthColumns`. */
  readonly numbers: Float64Array;
  /** Of months that rest on raw readings the first of these, epoch ms. */
  readonly rawFrom: readonly (readonly [Month, number])[];
}

/** What was kept, and the newest time at which something was asked, epoch ms. */
export interface KeptAll {
  readonly newest: number;
  readonly registers: Iterable<KeptRegister>;
}

interface Row {
  readonly device: DeviceKey;
  readonly register: string;
  readonly maxRate: number | null;
  readonly first: number;
  readonly numbers: Uint8Array;
  readonly rawFrom: string;
  /** See `crcOf`. */
  readonly crc: number;
}

/** Another way to work quantities out has another number: what was kept before is then worked out again. */
const RULES = 2;

/**
 * Settled months of meters from a stop to the next start. They are written once all is quiet, with what they rest on;
 * when any of that has moved on, as after a kill, they are worked out again: they are missing or right, never stale.
 */
export class KeptStore {
  constructor(
    private readonly state: State,
    /** All that has ever come in or been said of meters, as a text that never comes again once some more has. */
    private readonly restsOn: () => string,
  ) {}

  /**
   * All that was written at the last stop; null where there is nothing, or more has come in since. What is damaged is left out.
   */
  read(): { readonly newest: number; readonly registers: KeptRegister[] } | null {
    const { db } = this.state;
    const kept = db.prepare<[], { rests: string; newest: number }>('SELECT rests, newest FROM intensity_kept').get();
    if (kept?.rests !== this.rests()) return null;
    const columns = 'device, register, max_rate AS maxRate, first, numbers, raw_from AS rawFrom, crc';
    const rows = db.prepare<[], Row>(`SELECT ${columns} FROM intensity_kept_months`).all();
    return { newest: kept.newest, registers: rows.flatMap((row) => registerOf(row) ?? []) };
  }

  /** @throws StorageUnavailableError when the disk is full or fails; nothing is kept then */
  write({ newest, registers }: KeptAll): void {
    writeNow(this.state, (db) => {
      db.prepare('DELETE FROM intensity_kept').run();
      db.prepare('DELETE FROM intensity_kept_months').run();
      const insert = db.prepare('INSERT INTO intensity_kept_months VALUES (?, ?, ?, ?, ?, ?, ?)');
      for (const { device, register, maxRate, first, numbers, rawFrom } of registers) {
        const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
        const row = {
          device,
          register,
          maxRate: maxRate ?? null,
          first,
          numbers: bytes,
          rawFrom: JSON.stringify(rawFrom),
        };
        insert.run(device, register, row.maxRate, first, bytes, row.rawFrom, crcOf(row));
      }
      db.prepare('INSERT INTO intensity_kept VALUES (1, ?, ?)').run(this.rests(), newest);
    });
  }

  private rests(): string {
    return `${RULES} ${this.restsOn()}`;
  }
}

/** CRC-32 of all that a row says. */
const crcOf = ({ device, register, maxRate, first, numbers, rawFrom }: Omit<Row, 'crc'>): number =>
  crc32(numbers, crc32(JSON.stringify([device, register, maxRate, first, rawFrom])));

function registerOf({ crc, ...row }: Row): KeptRegister | null {
  if (crc !== crcOf(row)) return null;
  const { device, register, maxRate, first, numbers, rawFrom } = row;
  return {
    ...{ device, register, first, maxRate: maxRate ?? undefined },
    rawFrom: JSON.parse(rawFrom) as [Month, number][],
    // Its own memory: what SQLite gave may lie anywhere.
    numbers: new Float64Array(Uint8Array.from(numbers).buffer),
  };
}
