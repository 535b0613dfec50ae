import type { State } from '../state/port.js';
import type { AuditLog } from './audit/audit-log.js';
import type { ParkBook } from './parks/park-book.js';
import { RegistryError } from './port.js';

/** Bounds of the registry, which is all in memory. */
export const REGISTRY_BOUNDS = {
  devices: 100_000,
  /** Devices that discovery adds through one gateway. */
  devicesPerGateway: 5_000,
  gateways: 10_000,
  enterprises: 50_000,
  /** Tokens that are not revoked. */
  tokens: 10_000,
};
export type RegistryLimits = Readonly<typeof REGISTRY_BOUNDS>;

/** Shared by the books of the registry. */
export interface RegistryParts {
  readonly state: State;
  readonly audit: AuditLog;
  readonly parks: ParkBook;
  readonly limits: RegistryLimits;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

const BOUNDED = {
  device_limit: 'devices',
  gateway_limit: 'gateways',
  enterprise_limit: 'enterprises',
  token_limit: 'tokens',
} as const;

/** @throws RegistryError with the code when `held` has reached the bound */
export function requireRoom({ limits }: RegistryParts, code: keyof typeof BOUNDED, held: number): void {
  const most = limits[BOUNDED[code]];
  if (held < most) return;
  throw new RegistryError('conflict', code, `the registry takes no more than ${most} ${BOUNDED[code]}`);
}
