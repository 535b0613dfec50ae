/** Bounds of the registry: everything in it is held in memory. */
export interface RegistryLimits {
  readonly devices: number;
  /** Devices that discovery takes on through one gateway. */
  readonly devicesPerGateway: number;
  readonly gateways: number;
  readonly enterprises: number;
  /** Tokens that are not revoked. */
  readonly tokens: number;
}

export const LIMITS: RegistryLimits = {
  devices: 100_000,
  devicesPerGateway: 5_000,
  gateways: 10_000,
  enterprises: 50_000,
  tokens: 10_000,
};
