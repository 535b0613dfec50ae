/** A district of the city; its government is assessed yearly for its parks. */
export interface District {
  readonly id: string;
  readonly nameZh: string;
  readonly nameEn: string;
}

/** Land-use classes of GB 50137: M0 new-type industry, M1 light, M2 medium industry. */
export type LandUse = 'M0' | 'M1' | 'M2';

/** An industrial park as annex 1 of the guideline lists it. */
export interface Park {
  /** Number in annex 1. */
  readonly no: number;
  readonly id: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly district: string;
  readonly locationZh: string;
  /** Area in mu (亩, 1/15 ha). */
  readonly areaMu: number;
  readonly landUse: readonly LandUse[];
  readonly currentIndustryZh: string;
  readonly leadingIndustryZh: string;
  readonly renewalZh: string;
}

/** Square metres in one mu. */
export const SQUARE_METRES_PER_MU = 10_000 / 15;

/**
 * What happens to a device whose readings arrive through a gateway that is not its own. `by_hand`: ingest rejects them
 * until an operator moves the device. `when_offline`: the device moves while its own gateway is offline, for
 * gateways that stand in for each other. `always`: the device moves immediately.
 */
export const DEVICE_MOVES = ['by_hand', 'when_offline', 'always'] as const;
type DeviceMoves = (typeof DEVICE_MOVES)[number];

/** Settings of one park. */
export interface ParkSettings {
  readonly deviceMoves: DeviceMoves;
}
