import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * 16 MiB and some 40 ms a check; the secret has 256 random bits, so this guards the file, not a weak password. `logN` is
 * the cost in CPU and memory as the exponent of 2.
 */
const COST = { logN: 14, r: 8, p: 1 };
const MAX_MEMORY = 64 * 2 ** 20;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** 256 random bits as base64url text. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** scrypt with a salt of its own, as `$scrypt$ln=14,r=8,p=1$salt$hash`, so that the cost may rise later. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return format(salt, await derive(secret, salt, COST));
}

/** Whether the text looks like what `newSecret` gives. */
export function isRandom(secret: string): boolean {
  return secret.length === 43 && /^[\w-]+$/.test(secret);
}

/**
 * A salt and a fast hash with it. Only for secrets of 256 random bits: whoever finds this in a file cannot search for
 * them, while a password of people would have to be kept by a slow hash.
 */
export function digestSecret(secret: string, salt: Buffer = randomBytes(SALT_BYTES)): Buffer {
  return Buffer.concat([salt, createHmac('sha256', salt).update(secret).digest()]);
}

/** Whether `digest` was made from `secret`; takes the same time whatever the answer. */
export function matchesDigest(secret: string, digest: Buffer): boolean {
  return timingSafeEqual(digestSecret(secret, digest.subarray(0, SALT_BYTES)), digest);
}

function format(salt: Buffer, hash: Buffer): string {
  const { logN, r, p } = COST;
  return `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Whether `stored` was made from `secret`; takes the same time whatever the answer. */
export async function verifySecret(secret: string, stored: string): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored);
  if (!match) throw new Error('a stored secret is not in the form $scrypt$ln=…,r=…,p=…$salt$hash');
  const [, logN, r, p, salt, hash] = match;
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const derived = await derive(secret, Buffer.from(salt!, 'base64url'), cost);
  const expected = Buffer.from(hash!, 'base64url');
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}

function derive(secret: string, salt: Buffer, { logN, r, p }: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, HASH_BYTES, { N: 2 ** logN, r, p, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** SHA-256, for tokens: their 256 random bits need no slow hash. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
