import type { GatewayLink } from './link/gateway-link.js';
import type { DeviceModel } from './model/device.js';
import type { ParkSite } from './model/industry.js';
import { devicesOf } from './model/park.js';

/** One park: its gateway's connection and the devices behind it. */
export interface FleetPark {
  readonly site: ParkSite;
  readonly link: GatewayLink;
  readonly devices: readonly DeviceModel[];
}

export type Fleet = readonly FleetPark[];

/** Builds the devices of every park, behind their gateways. */
export function buildFleet(sites: readonly ParkSite[], linkOf: (park: string) => GatewayLink, seed: number): Fleet {
  return sites.map((site) => ({ site, link: linkOf(site.id), devices: devicesOf(site, seed) }));
}

/** Sums of the gateways' counters. */
export function fleetStats(fleet: Fleet) {
  const sum = { sent: 0, acknowledged: 0, dropped: 0, resent: 0, connections: 0, pending: 0, online: 0 };
  for (const { link } of fleet) {
    sum.sent += link.stats.sent;
    sum.acknowledged += link.stats.acknowledged;
    sum.dropped += link.stats.dropped;
    sum.resent += link.stats.resent;
    sum.connections += link.stats.connections;
    sum.pending += link.pending;
    sum.online += Number(link.online);
  }
  return sum;
}

export async function connectAll(fleet: Fleet): Promise<void> {
  await Promise.all(fleet.map(({ link }) => link.connect()));
}

export async function closeAll(fleet: Fleet): Promise<void> {
  await Promise.all(fleet.map(({ link }) => link.close()));
}
