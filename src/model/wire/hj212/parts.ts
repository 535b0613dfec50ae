import type { DataArea } from './area.js';
import type { Header } from './segment.js';

/** One packet of a record that was split. */
interface Part {
  readonly header: Header;
  readonly dataTime: string;
  readonly area: DataArea;
}

/** The parts of a record that came so far. */
interface Collected {
  readonly parts: Map<number, DataArea>;
  readonly since: number;
}

/** A whole record: the items of all its packets, in their order. */
export interface JoinedParts {
  readonly dataTime: string;
  readonly area: DataArea;
}

export const MAX_PARTS = 64;

/**
 * Puts records together that were split into packets, by MN, ST, CN, DataTime and PNUM: each packet has a QN of its own
 * (HJ 212-2017 C.22) and is answered by itself. A packet that comes again takes the place of its former.
 */
export class PartCollector {
  /** Records given up before all their packets came. */
  givenUp = 0;
  private readonly open = new Map<string, Collected>();

  /** @param maxRecords records that may wait for packets at once; the oldest gives way */
  constructor(private readonly maxRecords: number) {}

  get waiting(): number {
    return this.open.size;
  }

  /** The record that this packet completes; null while others are missing. A packet without PNUM is a record. */
  accept({ header, dataTime, area }: Part, now: number): JoinedParts | null {
    const { mn, st, cn, pnum, pno } = header;
    if (pnum === null || pno === null || pnum === 1) return { dataTime, area };
    if (pnum > MAX_PARTS) return null;
    const key = `${mn} ${st} ${cn} ${dataTime} ${pnum}`;
    const collected = this.open.get(key) ?? { parts: new Map<number, DataArea>(), since: now };
    collected.parts.set(pno, area);
    if (collected.parts.size < pnum) {
      this.open.set(key, collected);
      this.makeRoom();
      return null;
    }
    this.open.delete(key);
    return { dataTime, area: joined([...collected.parts].sort(([a], [b]) => a - b).map(([, one]) => one)) };
  }

  /** Gives up records whose first packet came before `before`. */
  expire(before: number): void {
    for (const [key, { since }] of this.open) {
      if (since < before) this.giveUp(key);
    }
  }

  private makeRoom(): void {
    const [oldest] = this.open.keys();
    if (this.open.size > this.maxRecords && oldest !== undefined) this.giveUp(oldest);
  }

  private giveUp(key: string): void {
    this.open.delete(key);
    this.givenUp += 1;
  }
}

/** Each packet repeats DataTime; the record has it once. */
function joined(areas: readonly DataArea[]): DataArea {
  const isTime = (item: DataArea[number]) => item.length === 1 && item[0]![0].toLowerCase() === 'datatime';
  return areas.flatMap((area, index) => (index === 0 ? area : area.filter((item) => !isTime(item))));
}
