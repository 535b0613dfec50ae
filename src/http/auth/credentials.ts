/** Longest credential that is looked at. */
const MAX_LENGTH = 4_096;

/** The token of an `Authorization` header: after `Bearer`, or as the password of `Basic` where that is allowed. */
export function tokenOf(authorization: string | undefined, basicAllowed: boolean): string | null {
  if (authorization === undefined || authorization.length > MAX_LENGTH) return null;
  // Strangers write this: it is taken apart by position, at a cost that is its length.
  const space = authorization.indexOf(' ');
  if (space < 0) return null;
  const scheme = authorization.slice(0, space).toLowerCase();
  const value = authorization.slice(space + 1).trim();
  if (value === '') return null;
  // Node reads headers as latin1; a token from the environment may hold any text.
  if (scheme === 'bearer') return Buffer.from(value, 'latin1').toString('utf8');
  if (scheme !== 'basic' || !basicAllowed) return null;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 || colon === decoded.length - 1 ? null : decoded.slice(colon + 1);
}
