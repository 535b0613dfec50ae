import type { DeviceKey } from '../../model/ids.js';
import type { Quantity } from '../model/quantity/quantity.js';
import type { Piece } from './meter-quantities.js';

/** Quantities kept at most, over all meters: some tens of megabytes. */
const MAX_KEPT = 200_000;
/** Moments of reading of which the open months are kept. */
const MAX_MOMENTS = 2;

/** What a quantity was worked out from, as far as it may pass. */
export interface RestsOn {
  /** The first raw reading, epoch ms; once it is deleted the figure has to come from roll-ups. Infinity: none. */
  readonly rawFrom: number;
  /** The device's own greatest rate of the register. */
  readonly maxRate: number | undefined;
}

interface Kept extends RestsOn {
  readonly quantity: Quantity;
}

type OfDevices = Map<DeviceKey, Map<string, Kept>>;

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
  find(piece: Piece, asAt: number | null, finalTo: number, maxRate: number | undefined): Quantity | undefined {
    const { device } = piece.meter;
    const key = keyOf(piece);
    const open = asAt === null ? undefined : this.open.get(asAt)?.get(device)?.get(key);
    const found = this.settled.get(device)?.get(key) ?? open;
    return found !== undefined && found.maxRate === maxRate && found.rawFrom >= finalTo ? found.quantity : undefined;
  }

  keep(piece: Piece, quantity: Quantity, restsOn: RestsOn): void {
    if (this.count >= MAX_KEPT) {
      this.settled.clear();
      this.count = 0;
    }
    if (put(this.settled, piece, { quantity, ...restsOn })) this.count += 1;
  }

  /** As of one moment of reading; those of the moments before the last are forgotten. */
  keepOpen(piece: Piece, asAt: number, quantity: Quantity, restsOn: RestsOn): void {
    let ofMoment = this.open.get(asAt);
    if (ofMoment === undefined) {
      ofMoment = new Map();
      this.open.set(asAt, ofMoment);
      for (const oldest of this.open.keys()) if (this.open.size > MAX_MOMENTS) this.open.delete(oldest);
    }
    put(ofMoment, piece, { quantity, ...restsOn });
  }

  forget(device: DeviceKey): void {
    this.count -= this.settled.get(device)?.size ?? 0;
    this.settled.delete(device);
    for (const ofMoment of this.open.values()) ofMoment.delete(device);
  }

  clear(): void {
    this.settled.clear();
    this.open.clear();
    this.count = 0;
  }
}

/** Whether it was not there before. */
function put(into: OfDevices, piece: Piece, kept: Kept): boolean {
  const { device } = piece.meter;
  const ofDevice = into.get(device) ?? new Map<string, Kept>();
  into.set(device, ofDevice);
  const key = keyOf(piece);
  const isNew = !ofDevice.has(key);
  ofDevice.set(key, kept);
  return isNew;
}

const keyOf = ({ meter, from, to }: Piece): string => `${meter.register} ${meter.carrier} ${from} ${to}`;
