/** Longest credential accepted. */
const MAX_LENGTH = 4_096;

/** The token of an `Authorization` header: after `Bearer`, or as password of `Basic` if allowed. */
export function tokenOf(authorization: string | undefined, basicAllowed: boolean): string | null {
  if (authorization === undefined || authorization.length > MAX_LENGTH) return null;
  // Untrusted text: split by position, in time linear in its length.
  const space = authorization.indexOf(' ');
  if (space < 0) return null;
  const scheme = authorization.slice(0, space).toLowerCase();
  const value = authorization.slice(space + 1).trim();
  if (value === '') return null;
  // Node reads headers as latin1; a token from the environment may contain any text.
  if (scheme === 'bearer') return Buffer.from(value, 'latin1').toString('utf8');
  if (scheme !== 'basic' || !basicAllowed) return null;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 || colon === decoded.length - 1 ? null : decoded.slice(colon + 1);
}
