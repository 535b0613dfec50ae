const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** What an identifier of a park, gateway or device must look like, for messages to people. */
export const ID_RULE = 'lower-case letters, digits and hyphens, at most 63, not starting with a hyphen';

/** Whether `text` may name a park, gateway or device. */
export function isId(text: string): boolean {
  return ID.test(text);
}
