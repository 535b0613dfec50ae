import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/model/time/duration.js';
import { ApiError, type ServiceApi } from '../service-api.js';
import { FIRST_YEAR, type ParkPlan } from './plan.js';
import { DAILY_FROM, metersOf, monthStart, ratingOf, swapOf, type YearMeter } from './registers.js';
import { METERED, monthOf } from './truth.js';

const WHY = { reason: '计量档案登记', source: '计量网络图.pdf' } as const;
const time = (ts: number): string => new Date(ts).toISOString();

/** The enterprises of a park, and the devices whose registers are read once a day. @throws ApiError */
export async function declareDevices(api: ServiceApi, plan: ParkPlan, now: number): Promise<void> {
  for (const { id, park, nameZh, nameEn } of plan.firms) await api.put(`/enterprises/${id}`, { park, nameZh, nameEn });
  const devices = new Map<string, YearMeter[]>();
  for (const meter of metersOf(plan)) devices.set(meter.device, [...(devices.get(meter.device) ?? []), meter]);
  for await (const { id } of api.all<{ id: string }>(`/devices?park=${plan.id}&limit=1000`)) devices.delete(id);
  for (const [device, meters] of devices) {
    const { park, carrier, firm } = meters[0]!;
    const owner = { enterprise: firm?.id ?? null, name: nameOf(plan, carrier, firm) };
    const { domain } = METERED[carrier];
    // Between two readings a month apart a register may pass its last digit: the rating tells that from an exchange.
    const maxRates = Object.fromEntries(meters.map((one) => [one.register, ratingOf(one, now)]));
    await api.putDevice(device, { park, domain, ...owner, expectedIntervalS: DAY_MS / SECOND_MS, maxRates });
  }
}

const nameOf = (plan: ParkPlan, carrier: YearMeter['carrier'], firm: YearMeter['firm']): string =>
  `${firm?.nameZh ?? `${plan.nameZh}总表`}${carrier === 'wastewater' ? '排放口日冻结' : '能耗日冻结'}`;

/**
 * The meter tree of a park, the rules that say what is a gap, and the exchange of a meter. What is declared
 * already stays as it is. @throws ApiError
 */
export async function declareMeters(api: ServiceApi, plan: ParkPlan): Promise<void> {
  const meters = metersOf(plan);
  await api.put(`/meters/${plan.id}`, { versions: meters.map((one) => versionOf(one, meters)), ...WHY });
  const ruled = new Set<string>();
  for await (const one of api.all<{ device: string; register: string }>(
    `/meters/gap-rules?park=${plan.id}&limit=1000`,
  )) {
    ruled.add(`${one.device} ${one.register}`);
  }
  for (const meter of meters) {
    const { park, device, register } = meter;
    if (!ruled.has(`${device} ${register}`)) {
      await api.put('/meters/gap-rules', {
        park,
        device,
        register,
        rules: GAP_RULES,
        reason: '月初抄表，后为每日零点冻结',
      });
    }
    await declareSwap(api, meter);
  }
}

/** A month, later a day, without a reading is a gap; the readings on both sides tell its amount, which is spread evenly. */
const GAP_RULES = [
  { from: time(monthStart(monthOf(FIRST_YEAR, 1))), longerThanS: (31 * DAY_MS) / SECOND_MS, method: 'linear' },
  { from: time(DAILY_FROM), longerThanS: (25 * HOUR_MS) / SECOND_MS, method: 'linear' },
];

function versionOf({ device, register, carrier, park, firm, from, to }: YearMeter, meters: readonly YearMeter[]) {
  const main = meters.find((one) => one.firm === null && one.carrier === carrier)!;
  return {
    ...{ device, register, carrier, role: firm === null ? 'main' : 'sub' },
    owner: firm === null ? { kind: 'park', id: park } : { kind: 'enterprise', id: firm.id },
    parent: firm === null ? null : { device: main.device, register },
    from: time(from),
    to: Number.isFinite(to) ? time(to) : null,
  };
}

async function declareSwap(api: ServiceApi, meter: YearMeter): Promise<void> {
  const swap = swapOf(meter);
  if (swap === null) return;
  const { park, device, register } = meter;
  const { items } = await api.get<{ items: { register: string }[] }>(`/meters/swaps?park=${park}&device=${device}`);
  if (items.some((one) => one.register === register)) return;
  const body = { park, device, register, ...swap, ts: time(swap.ts), reason: '周期检定换表', source: '换表工单.pdf' };
  await api.post('/meters/swaps', body);
}

/** Retires the devices of enterprises that left, so that no alarm waits for their readings. @throws ApiError */
export async function retireLeft(api: ServiceApi, plan: ParkPlan): Promise<void> {
  const left = metersOf(plan).filter(({ to }) => Number.isFinite(to));
  for (const device of new Set(left.map((one) => one.device))) {
    try {
      await api.post(`/devices/${device}/retire?park=${plan.id}`, {});
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
    }
  }
}
