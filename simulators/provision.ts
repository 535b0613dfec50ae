import { readFile, writeFile } from 'node:fs/promises';
import type { DeviceModel } from './model/device.js';
import { INDUSTRIES, type Industry, industryOf, type ParkSite } from './model/industry.js';
import { devicesOf } from './model/park.js';
import { ApiError, type ServiceApi } from './service-api.js';

/** The gateway that signs in for a park, and the data for its simulated devices. */
export interface Provisioned {
  readonly site: ParkSite;
  readonly gateway: string;
  readonly secret: string;
}

/** The file or answer does not define any gateways; the message says why. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

/** Id of a park's simulated gateway. */
export const gatewayOf = (park: string): string => `gw-${park}`;

interface ProvisionOptions {
  /** Absent: all parks of the service. */
  readonly parks?: readonly string[];
  readonly seed: number;
  readonly expectedIntervalS: number;
}

/**
 * Creates a gateway in each park, or gives an existing one a new secret. Registers, with a new gateway, the devices
 * whose limits or place the service must know.
 */
export async function provision(api: ServiceApi, options: ProvisionOptions): Promise<Provisioned[]> {
  const known = await api.parks();
  const unknown = options.parks?.find((id) => !known.some((park) => park.id === id));
  if (unknown !== undefined) {
    throw new ProvisionError(`there is no park ${unknown}; there are ${known.map((park) => park.id).join(', ')}`);
  }
  const made: Provisioned[] = [];
  for (const park of known) {
    if (options.parks && !options.parks.includes(park.id)) continue;
    const site = { id: park.id, areaMu: park.areaMu, industry: industryOf(park) };
    const gateway = gatewayOf(park.id);
    const { secret, created } = await secretOf(api, gateway, park.id, `Simulated gateway of ${park.nameEn}`);
    if (created) await registerDevices(api, site, options);
    made.push({ site, gateway, secret });
  }
  return made;
}

async function secretOf(api: ServiceApi, id: string, park: string, name: string) {
  try {
    return { secret: await api.createGateway(id, park, name), created: true };
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
    return { secret: await api.rotateSecret(id), created: false };
  }
}

async function registerDevices(api: ServiceApi, site: ParkSite, { seed, expectedIntervalS }: ProvisionOptions) {
  for (const device of devicesOf(site, seed)) {
    const entry = registryEntry(device, expectedIntervalS);
    if (entry !== null) await api.putDevice(device.id, entry);
  }
}

/** The registry's data for a device that needs it before its first reading; null where discovery suffices. */
export function registryEntry({ park, domain, limitProfile, place }: DeviceModel, expectedIntervalS: number) {
  if (limitProfile === undefined && place === undefined) return null;
  return { park, domain, limitProfile: limitProfile ?? null, place: place ?? null, expectedIntervalS };
}

interface CredentialEntry {
  readonly gateway?: unknown;
  readonly secret?: unknown;
  readonly areaMu?: unknown;
  readonly industry?: unknown;
}

const DEFAULT_AREA_MU = 300;

/**
 * Reads `{park: {gateway, secret, areaMu?, industry?}}`.
 * @throws ProvisionError naming the fault
 */
export async function readCredentials(file: string, parks?: readonly string[]): Promise<Provisioned[]> {
  let entries: unknown;
  try {
    entries = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ProvisionError(`${file}: ${(error as Error).message}`);
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new ProvisionError(`${file}: expects an object of park and {gateway, secret}`);
  }
  const all = Object.entries(entries).map(([park, entry]) => fromEntry(file, park, entry as CredentialEntry | null));
  const missing = parks?.find((park) => !all.some(({ site }) => site.id === park));
  if (missing !== undefined) throw new ProvisionError(`${file}: has no credentials of park ${missing}`);
  return all.filter(({ site }) => parks === undefined || parks.includes(site.id));
}

function fromEntry(file: string, park: string, entry: CredentialEntry | null): Provisioned {
  const { gateway, secret, areaMu = DEFAULT_AREA_MU, industry = defaultIndustry(park) } = entry ?? {};
  const wrong = (what: string) => new ProvisionError(`${file}: ${park}: ${what}`);
  if (typeof gateway !== 'string' || typeof secret !== 'string') throw wrong('expects gateway and secret as texts');
  if (typeof areaMu !== 'number' || !(areaMu > 0)) throw wrong('areaMu expects a number above 0');
  if (!(INDUSTRIES as readonly unknown[]).includes(industry)) {
    throw wrong(`industry expects one of ${INDUSTRIES.join(', ')}`);
  }
  return { site: { id: park, areaMu, industry: industry as Industry }, gateway, secret };
}

const defaultIndustry = (park: string): Industry => (park.includes('diandu') ? 'electroplating' : 'light');

/** Writes the file for `readCredentials`; only its owner can read it. */
export async function saveCredentials(file: string, provisioned: readonly Provisioned[]): Promise<void> {
  const entries = provisioned.map(({ site: { id, areaMu, industry }, gateway, secret }) => [
    id,
    { gateway, secret, areaMu, industry },
  ]);
  await writeFile(file, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`, { mode: 0o600 });
}
