import type { DeviceKey } from '../../model/ids.js';
import type { Quantity } from '../model/quantity/quantity.js';
import type { KeptRegister } from './kept-store.js';
import type { CountedMeter } from './loaded-meter.js';
import { MonthColumns } from './month-columns.js';
import type { MonthPart } from './months.js';

/** Quantities kept at most, over all meters: some ten megabytes. */
const MAX_KEPT = 200_000;
/** Moments of reading of which the open months are kept: of answers, of the next ones, and of results. */
const MAX_MOMENTS = 3;

/** Part of a month of one meter. */
export interface MeterPart extends MonthPart {
  readonly meter: CountedMeter;
}

/** What a quantity was worked out from, as far as it may pass. */
interface RestsOn {
  /** The first raw reading, epoch ms; once it is deleted the figure has to come from roll-ups. Infinity: none. */
  readonly rawFrom: number;
  /** The device's own greatest rate of the register. */
  readonly maxRate: number | undefined;
}

/** Quantities of one register as one carrier, all worked out with one greatest rate. */
class OfRegister {
  /** Nearly all are whole months. */
  private readonly months: MonthColumns;
  /** Parts of months, by `partKey`. */
  private readonly parts = new Map<string, Quantity>();
  /** Of the few that rest on raw readings. */
  private readonly rawFrom = new Map<string | number, number>();
  size: number;

  constructor(
    readonly maxRate: number | undefined,
    kept?: KeptRegister,
  ) {
    this.months = new MonthColumns(kept?.first, kept?.numbers);
    for (const [month, ts] of kept?.rawFrom ?? []) this.rawFrom.set(month, ts);
    this.size = this.months.size;
  }

  /** Its whole months. */
  get whole(): Pick<KeptRegister, 'maxRate' | 'first' | 'numbers' | 'rawFrom'> {
    const rawFrom = [...this.rawFrom].filter((one): one is [number, number] => typeof one[0] === 'number');
    return { maxRate: this.maxRate, ...this.months.columns, rawFrom };
  }

  find(piece: MeterPart, finalTo: number): Quantity | undefined {
    const rawFrom = this.rawFrom.size === 0 ? undefined : this.rawFrom.get(keyOf(piece));
    if (rawFrom !== undefined && rawFrom < finalTo) return undefined;
    return piece.isWhole ? this.months.get(piece.month) : this.parts.get(partKey(piece));
  }

  put(piece: MeterPart, quantity: Quantity, rawFrom: number): void {
    if (piece.isWhole) this.size += this.months.set(piece.month, quantity) ? 1 : 0;
    else {
      const key = partKey(piece);
      this.size += this.parts.has(key) ? 0 : 1;
      this.parts.set(key, quantity);
    }
    if (Number.isFinite(rawFrom)) this.rawFrom.set(keyOf(piece), rawFrom);
    else this.rawFrom.delete(keyOf(piece));
  }
}

type OfDevices = Map<DeviceKey, Map<string, OfRegister>>;

/**
 * Parts of months of meters that are worked out: of months over for long until something is heard of the device, of others
 * for one moment of reading.
 */
export class KeptQuantities {
  private readonly settled: OfDevices = new Map();
  private readonly open = new Map<number, OfDevices>();
  private count = 0;

  /**
   * @param asAt the moment of reading; null: only what is settled
   * @param finalTo raw readings before this may be gone, epoch ms
   */
  find(piece: MeterPart, asAt: number | null, finalTo: number, maxRate: number | undefined): Quantity | undefined {
    const settled = findIn(this.settled, piece, finalTo, maxRate);
    if (settled !== undefined || asAt === null) return settled;
    return findIn(this.open.get(asAt), piece, finalTo, maxRate);
  }

  keep(piece: MeterPart, quantity: Quantity, restsOn: RestsOn): void {
    if (this.count >= MAX_KEPT) {
      this.settled.clear();
      this.count = 0;
    }
    this.count += put(this.settled, piece, quantity, restsOn);
  }

  /** As of one moment of reading; only the last moments are kept. */
  keepOpen(piece: MeterPart, asAt: number, quantity: Quantity, restsOn: RestsOn): void {
    let ofMoment = this.open.get(asAt);
    if (ofMoment === undefined) {
      ofMoment = new Map();
      this.open.set(asAt, ofMoment);
      for (const oldest of this.open.keys()) if (this.open.size > MAX_MOMENTS) this.open.delete(oldest);
    }
    put(ofMoment, piece, quantity, restsOn);
  }

  forget(device: DeviceKey): void {
    for (const { size } of this.settled.get(device)?.values() ?? []) this.count -= size;
    this.settled.delete(device);
    for (const ofMoment of this.open.values()) ofMoment.delete(device);
  }

  /** What is settled of whole months: it stays so over a stop. */
  *wholeMonths(): Generator<KeptRegister> {
    for (const [device, registers] of this.settled) {
      for (const [register, one] of registers) yield { device, register, ...one.whole };
    }
  }

  /** Takes back what was told by `wholeMonths`, into nothing. */
  takeBack(registers: Iterable<KeptRegister>): void {
    for (const one of registers) {
      const ofDevice = this.settled.get(one.device) ?? new Map<string, OfRegister>();
      this.settled.set(one.device, ofDevice);
      const known = new OfRegister(one.maxRate, one);
      ofDevice.set(one.register, known);
      this.count += known.size;
    }
  }

  clear(): void {
    this.settled.clear();
    this.open.clear();
    this.count = 0;
  }
}

function findIn(of: OfDevices | undefined, piece: MeterPart, finalTo: number, maxRate: number | undefined) {
  const known = of?.get(piece.meter.device)?.get(registerOf(piece));
  return known === undefined || known.maxRate !== maxRate ? undefined : known.find(piece, finalTo);
}

/** @returns how many more there are */
function put(into: OfDevices, piece: MeterPart, quantity: Quantity, { rawFrom, maxRate }: RestsOn): number {
  const { device } = piece.meter;
  const ofDevice = into.get(device) ?? new Map<string, OfRegister>();
  into.set(device, ofDevice);
  const register = registerOf(piece);
  const before = ofDevice.get(register);
  const size = before?.size ?? 0;
  const known = before !== undefined && before.maxRate === maxRate ? before : new OfRegister(maxRate);
  ofDevice.set(register, known);
  known.put(piece, quantity, rawFrom);
  return known.size - size;
}

const registerOf = ({ meter }: MeterPart): string => `${meter.register} ${meter.carrier}`;
const partKey = ({ from, to }: MeterPart): string => `${from} ${to}`;
const keyOf = (piece: MeterPart): string | number => (piece.isWhole ? piece.month : partKey(piece));
