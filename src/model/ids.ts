const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** What an identifier of a park, gateway or device must look like, for messages to people. */
export const ID_RULE = 'lower-case letters, digits and hyphens, at most 63, not starting with a hyphen';

/** Whether `text` may name a park, gateway or device. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/**
 * A device within the service. Its id belongs to its park, so that another park may have one of the same id; outside, in
 * topics, queries and answers, a device is its id, and its park stands beside it.
 */
export type DeviceKey = `${string}/${string}`;

export const deviceKey = (park: string, device: string): DeviceKey => `${park}/${device}`;
export const parkOf = (key: DeviceKey): string => key.slice(0, key.indexOf('/'));
/** The id by which the outside knows the device. */
export const deviceOf = (key: string): string => key.slice(key.indexOf('/') + 1);
