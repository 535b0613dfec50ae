import { z } from 'zod';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { anyId, newId } from '../../http/request-texts.js';
import { DEVICE_MOVES } from '../../model/parks.js';

export const parksQuery = z.strictObject({
  district: anyId.optional().describe('only parks of this district'),
  ...pagingQuery(),
});

export const parkParams = z.strictObject({ park: anyId });

export const parkSettings = z.strictObject({
  deviceMoves: z
    .enum(DEVICE_MOVES)
    .describe(
      'when readings of a device come through another gateway of the park than its own: `by_hand` refuses them until ' +
        'somebody moves the device, `when_offline` moves it while its gateway is not connected, `always` at once',
    ),
});

const count = z.number().int();

export const parkAnswer = z.strictObject({
  no: count.describe('number in annex 1 of the guideline'),
  id: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  district: z.strictObject({ id: z.string(), nameZh: z.string(), nameEn: z.string() }),
  locationZh: z.string(),
  areaMu: z.number().describe('area in mu'),
  areaM2: z.number().describe('area in square metres'),
  landUse: z.array(z.enum(['M0', 'M1', 'M2'])).describe('classes of GB 50137'),
  currentIndustryZh: z.string(),
  leadingIndustryZh: z.string(),
  renewalZh: z.string(),
  gateways: z.strictObject({ total: count, online: count }),
  devices: z.strictObject({ total: count, energy: count, wastewater: count, fire: count, traffic: count }),
});

const profile = newId.nullable().describe('limits of devices without a profile of their own; null: the general ones');

export const parkProfilesAnswer = z.strictObject({
  energy: profile,
  wastewater: profile,
  fire: profile,
  traffic: profile,
});

export const parkList = pageOf(parkAnswer, 'in the order of annex 1');
