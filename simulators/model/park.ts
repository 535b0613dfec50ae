import { ELECTROPLATING_PROFILE } from '../../src/alarms/model/defaults/scope.js';
import { seedOf } from '../random.js';
import type { DeviceModel, DeviceSeat } from './device.js';
import { ElectricityMeter, PowerQualityMeter, SolarMeter, TRANSFORMER_METERS } from './electricity.js';
import { FIRE_DEVICES, FireDevice } from './fire.js';
import { type IndustryProfile, type ParkSite, PROFILES } from './industry.js';
import { MEDIA, MediumMeter } from './media.js';
import { Parking, PeopleCounter, VehicleGate } from './traffic.js';
import {
  CHEMICAL_OUTLET,
  type Concentrations,
  METAL_OUTLET,
  Outlet,
  PLATING_OUTLET,
  SEWER_OUTLET,
  WORKSHOPS,
} from './wastewater.js';

const MAIN_OUTLET = {
  electroplating: PLATING_OUTLET,
  chemical: CHEMICAL_OUTLET,
  metal: METAL_OUTLET,
  light: SEWER_OUTLET,
  digital: SEWER_OUTLET,
} as const;

/** The devices of one park, sized by its area and industry; the same seed gives the same park. */
export function devicesOf(site: ParkSite, seed: number): DeviceModel[] {
  const profile = PROFILES[site.industry];
  const seats = (kind: string, count: number): DeviceSeat[] =>
    Array.from({ length: count }, (_, i) => {
      const id = `${site.id}-${kind}-${String(i + 1).padStart(2, '0')}`;
      return { id, park: site.id, seed: seedOf(id, seed) };
    });
  return [
    ...energyDevices(site, profile, seats),
    ...wastewaterDevices(site, profile, seats),
    ...fireDevices(site, profile, seats),
    ...trafficDevices(site, profile, seats),
  ];
}

type Seats = (kind: string, count: number) => DeviceSeat[];

/** At least one, then one for each `step` of the area. */
const by = (areaMu: number, step: number): number => 1 + Math.floor(areaMu / step);

function energyDevices(site: ParkSite, profile: IndustryProfile, seats: Seats): DeviceModel[] {
  const { evening, night } = profile;
  const meters = Math.max(2, Math.round((site.areaMu / 100) * profile.metersPer100Mu));
  const load = { peakKw: (site.areaMu * profile.kwPerMu) / meters, evening, night };
  const electricity = seats('em', meters).map((seat, i) => {
    const place = i < TRANSFORMER_METERS ? '1号配电房' : undefined;
    return i === 0 ? new PowerQualityMeter(seat, load, place) : new ElectricityMeter(seat, load, place);
  });
  const medium = (kind: keyof typeof MEDIA, peakPerHour: number) =>
    peakPerHour === 0
      ? []
      : seats(kind, 1).map((seat) => new MediumMeter(seat, MEDIA[kind], { peakPerHour, evening, night }));
  return [
    ...electricity,
    ...seats('pv', 1).map((seat) => new SolarMeter(seat, site.areaMu * 1.5)),
    ...medium('water', site.areaMu * profile.waterM3hPerMu),
    ...medium('gas', site.areaMu * profile.gasM3hPerMu),
    ...medium('steam', site.areaMu * profile.steamThPerMu),
    ...medium('heat', site.areaMu * profile.steamThPerMu * 0.5),
  ];
}

function wastewaterDevices(site: ParkSite, profile: IndustryProfile, seats: Seats): DeviceModel[] {
  const { evening, night } = profile;
  const peakM3h = site.areaMu * profile.waterM3hPerMu * profile.wastewaterShare;
  const limits = site.industry === 'electroplating' ? ELECTROPLATING_PROFILE : undefined;
  const outlet = (seat: DeviceSeat, m3h: number, usual: Concentrations) =>
    new Outlet(seat, { peakM3h: m3h, evening, night }, usual, limits);
  const main = seats('ww', 1).map((seat) => outlet(seat, peakM3h, MAIN_OUTLET[site.industry]));
  if (site.industry !== 'electroplating') return main;
  const workshops = Object.entries(WORKSHOPS).flatMap(([process, usual]) =>
    seats(`ws-${process}`, 1).map((seat) => outlet(seat, peakM3h * 0.12, usual)),
  );
  return [...main, ...workshops];
}

function fireDevices(site: ParkSite, profile: IndustryProfile, seats: Seats): DeviceModel[] {
  const burnsGas = profile.gasM3hPerMu > 0;
  const devices = (kind: keyof typeof FIRE_DEVICES, prefix: string, count: number) =>
    seats(prefix, count).map((seat) => new FireDevice(seat, FIRE_DEVICES[kind]));
  const hydrants = seats('hydrant', by(site.areaMu, 200)).map(
    (seat, i) => new FireDevice(seat, FIRE_DEVICES.hydrant, `${i + 1}号室外消火栓`),
  );
  return [
    ...devices('building', 'fire', by(site.areaMu, 120)),
    ...devices('pumpHouse', 'pump', by(site.areaMu, 700)),
    ...hydrants,
    ...devices('electrical', 'elfire', by(site.areaMu, 200)),
    ...devices('gas', 'gasdet', burnsGas ? by(site.areaMu, 400) : 0),
  ];
}

function trafficDevices(site: ParkSite, profile: IndustryProfile, seats: Seats): DeviceModel[] {
  const vehiclesPerDay = site.areaMu * profile.vehiclesPerMuDay;
  const gateSeats = seats('gate', by(site.areaMu, 700));
  const gates = gateSeats.map((seat) => new VehicleGate(seat, vehiclesPerDay / gateSeats.length, profile.lorries));
  return [
    ...seats('people', 1).map((seat) => new PeopleCounter(seat, site.areaMu * profile.peoplePerMu * 1.4)),
    ...gates,
    ...seats('parking', 1).map((seat) => new Parking(seat, gates, Math.ceil(vehiclesPerDay))),
  ];
}
