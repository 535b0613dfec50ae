/** Outcome of one attempt. `error` is for people and holds no secret. */
export type Outcome =
  /** The receiver accepted it; `note` names recipients that did not get it. */
  | { readonly kind: 'sent'; readonly note: string | null }
  /** A later attempt may work. `askedMs`: pause that the receiver asked for, for the whole channel. */
  | { readonly kind: 'retry'; readonly error: string; readonly askedMs: number | null }
  /** Every attempt would fail. */
  | { readonly kind: 'final'; readonly error: string };

export const SENT: Outcome = { kind: 'sent', note: null };

const MOST = 200;

/** A receiver's text in a form to store: short, on one line, without secrets. */
export function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  let clean = text.slice(0, 2_000);
  for (const secret of secrets) if (secret) clean = clean.replaceAll(secret, '[redacted]');
  return clean.replace(/\p{Cc}+/gu, ' ').slice(0, MOST);
}

/** The code of a network error without its message, which may hold addresses. */
export function failureCode(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') return code;
    if (at.message === 'bad port') return 'a port that HTTP clients refuse';
    if (at.name === 'TimeoutError') return 'no answer in time';
  }
  return error instanceof Error ? error.name : 'failed';
}
