/** What came of one attempt. `error` is for people and holds nothing secret. */
export type Outcome =
  /** The receiver has it; `note` names who of several did not get it. */
  | { readonly kind: 'sent'; readonly note: string | null }
  /** May work later. `askedMs`: the receiver wants to be left alone so long, with everything. */
  | { readonly kind: 'retry'; readonly error: string; readonly askedMs: number | null }
  /** Would fail again. */
  | { readonly kind: 'final'; readonly error: string };

export const SENT: Outcome = { kind: 'sent', note: null };

const MOST = 200;

/** Text of a receiver as it may be kept: short, on one line, without what is secret. */
export function shown(text: string, secrets: readonly (string | null)[]): string {
  let clean = text.slice(0, 2_000);
  for (const secret of secrets) if (secret) clean = clean.replaceAll(secret, '[redacted]');
  return clean.replace(/\p{Cc}+/gu, ' ').slice(0, MOST);
}

/** Names what went wrong below the protocol, by its code alone: messages may hold addresses. */
export function failureCode(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') return code;
    if (at.message === 'bad port') return 'a port that HTTP clients refuse';
    if (at.name === 'TimeoutError') return 'no answer in time';
  }
  return error instanceof Error ? error.name : 'failed';
}
