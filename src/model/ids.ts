const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The rule for ids of parks, gateways and devices, as messages to people state it. */
export const ID_RULE = 'lower-case letters, digits and hyphens, at most 63, not starting with a hyphen';

/** Whether `text` is a valid id of a park, gateway or device. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/**
 * A device within the service. Device ids are unique in their park only, so that the key contains both. Topics, queries
 * and answers use the id, with the park beside it.
 */
export type DeviceKey = `${string}/${string}`;

export const deviceKey = (park: string, device: string): DeviceKey => `${park}/${device}`;
export const parkOf = (key: DeviceKey): string => key.slice(0, key.indexOf('/'));
/** The device's id in topics, queries and answers. */
export const deviceOf = (key: string): string => key.slice(key.indexOf('/') + 1);
