const DIGEST_BYTES = 32;

const hexadecimal = /^[0-9a-f]{64}$/i;
const base64 = /^[A-Za-z0-9+/]{43}=?$/;
const base64url = /^[A-Za-z0-9_-]{43}=?$/;

/** Reads a SHA-256 digest that is written as hex, base64 or base64url, with or without padding. Null: the text is none. */
export function parseSha256(text: string): Uint8Array<ArrayBuffer> | null {
  const trimmed = text.trim();
  const encoding = hexadecimal.test(trimmed)
    ? 'hex'
    : base64.test(trimmed)
      ? 'base64'
      : base64url.test(trimmed)
        ? 'base64url'
        : null;
  if (encoding === null) return null;
  const bytes = Buffer.from(trimmed, encoding);
  return bytes.length === DIGEST_BYTES ? new Uint8Array(bytes) : null;
}
