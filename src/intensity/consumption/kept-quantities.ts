import type { DeviceKey } from '../../model/ids.js';
import type { Quantity } from '../model/quantity/quantity.js';
import type { CountedMeter } from './meter-increments.js';
import type { MonthPart } from './months.js';

/** Quantities kept at most, over all meters: some tens of megabytes. */
const MAX_KEPT = 200_000;
/** Moments of reading of which the open months are kept. */
const MAX_MOMENTS = 2;

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
interface OfRegister {
  readonly maxRate: number | undefined;
  readonly quantities: Map<string | number, Quantity>;
  /** Of the few that rest on raw readings. */
  readonly rawFrom: Map<string | number, number>;
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

  /** As of one moment of reading; only the last two moments are kept. */
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
    for (const { quantities } of this.settled.get(device)?.values() ?? []) this.count -= quantities.size;
    this.settled.delete(device);
    for (const ofMoment of this.open.values()) ofMoment.delete(device);
  }

  clear(): void {
    this.settled.clear();
    this.open.clear();
    this.count = 0;
  }
}

function findIn(of: OfDevices | undefined, piece: MeterPart, finalTo: number, maxRate: number | undefined) {
  const known = of?.get(piece.meter.device)?.get(registerOf(piece));
  if (known === undefined || known.maxRate !== maxRate) return undefined;
  const key = periodOf(piece);
  const isThere = (known.rawFrom.get(key) ?? Number.POSITIVE_INFINITY) >= finalTo;
  return isThere ? known.quantities.get(key) : undefined;
}

/** @returns how many more there are */
function put(into: OfDevices, piece: MeterPart, quantity: Quantity, { rawFrom, maxRate }: RestsOn): number {
  const { device } = piece.meter;
  const ofDevice = into.get(device) ?? new Map<string, OfRegister>();
  into.set(device, ofDevice);
  const register = registerOf(piece);
  const before = ofDevice.get(register);
  const same = before?.maxRate === maxRate ? before : undefined;
  const known = same ?? { maxRate, quantities: new Map(), rawFrom: new Map() };
  ofDevice.set(register, known);
  const size = before?.quantities.size ?? 0;
  const key = periodOf(piece);
  known.quantities.set(key, quantity);
  if (Number.isFinite(rawFrom)) known.rawFrom.set(key, rawFrom);
  else known.rawFrom.delete(key);
  return known.quantities.size - size;
}

const registerOf = ({ meter }: MeterPart): string => `${meter.register} ${meter.carrier}`;
/** Nearly all are whole months. */
const periodOf = ({ month, isWhole, from, to }: MeterPart): string | number => (isWhole ? month : `${from} ${to}`);
