import { pathToFileURL } from 'node:url';
import { AlarmEngine } from '../../src/alarms/engine/engine.js';
import { DEFAULT_RULES } from '../../src/alarms/model/defaults/index.js';
import { newAlarmStats } from '../../src/alarms/port.js';
import { type DeviceKey, deviceKey } from '../../src/model/ids.js';
import type { DeviceReadings, Domain, Reading } from '../../src/model/reading.js';
import { TimeZone } from '../../src/model/time/zone.js';

/** Ten normal values of each domain, as a device sends them. */
const NORMAL: Readonly<Record<Domain, Readonly<Record<string, number>>>> = {
  energy: {
    active_power_kw: 120,
    import_energy_kwh: 48_000,
    power_factor: 0.95,
    voltage_a_v: 220,
    voltage_b_v: 221,
    voltage_c_v: 219,
    current_a_a: 180,
    frequency_hz: 50,
    voltage_thd_pct: 2,
    voltage_unbalance_pct: 0.8,
  },
  wastewater: {
    flow_l_s: 4,
    discharge_volume_m3: 51_000,
    ph: 7.2,
    cod_mg_l: 41,
    nh3n_mg_l: 3,
    tp_mg_l: 0.3,
    tn_mg_l: 9,
    ss_mg_l: 12,
    total_copper_mg_l: 0.1,
    hexavalent_chromium_mg_l: 0.02,
  },
  fire: {
    smoke_alarm: 0,
    heat_alarm: 0,
    manual_call_point: 0,
    combustible_gas_lel_pct: 1,
    hydrant_pressure_mpa: 0.4,
    sprinkler_pressure_mpa: 0.3,
    tank_level_m: 3,
    residual_current_ma: 90,
    cable_temperature_c: 35,
    battery_pct: 98,
  },
  traffic: {
    people_in: 900,
    people_out: 850,
    people_present: 50,
    people_density_per_m2: 0.2,
    vehicles_in: 300,
    vehicles_out: 290,
    vehicles_present: 10,
    mean_speed_km_h: 28,
    queue_length_m: 5,
    parking_spaces_free: 60,
  },
};

export interface EngineCost {
  readonly messages: number;
  readonly microsPerMessage: number;
  /** Share of a core at 20,000 messages/s. */
  readonly coreAt20k: number;
}

/** What the engine costs per message of ten normal readings, over `devices` devices of all domains. */
export function measureAlarmEngine(devices = 4_000, rounds = 100): EngineCost {
  const stats = newAlarmStats();
  const known = new Map<string, never>();
  const registry = { device: (key: DeviceKey) => known.get(key) };
  const engine = new AlarmEngine(
    { rules: DEFAULT_RULES, registry, zone: new TimeZone('Asia/Shanghai'), maxConditions: 1_000_000, stats },
    1,
  );
  const domains = Object.keys(NORMAL) as Domain[];
  let ts = Date.UTC(2026, 10, 23);
  const messages = (): DeviceReadings[] =>
    Array.from({ length: devices }, (_, n) => {
      const domain = domains[n % domains.length]!;
      const readings = Object.entries(NORMAL[domain]).map(
        ([metric, value]): Reading => ({ metric, ts, value, flag: 'N', quality: 'good' }),
      );
      return {
        park: 'oh-diandu',
        domain,
        device: deviceKey('oh-diandu', `${domain}-${n}`),
        gateway: 'gw',
        receivedAt: ts,
        readings,
      };
    });
  let micros = 0;
  for (let round = -10; round < rounds; round += 1) {
    ts += 1_000;
    const batch = messages();
    // CPU time: the figure holds on a machine that is busy with other things.
    const before = process.cpuUsage();
    for (const message of batch) engine.evaluate(message);
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) micros += user + system;
  }
  if (engine.unstored.events.length > 0) throw new Error('normal readings raised an alarm');
  const microsPerMessage = micros / (rounds * devices);
  return { messages: rounds * devices, microsPerMessage, coreAt20k: (microsPerMessage * 20_000) / 1e6 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { messages, microsPerMessage, coreAt20k } = measureAlarmEngine();
  const share = (coreAt20k * 100).toFixed(1);
  console.log(
    `${messages} messages of 10 readings: ${microsPerMessage.toFixed(2)} µs each, ${share} % of a core at 20,000/s`,
  );
}
