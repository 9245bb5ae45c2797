/** The longest salted digest, in characters. */
const SALTED_MAX = 512;

/** Salted digests as text: bcrypt; argon2 and PBKDF2 in PHC format (passlib too); PBKDF2 as Django writes it. */
const forms: readonly RegExp[] = [
  /^\$2[abxy]\$\d\d\$[\w./]{53}$/,
  /^\$argon2(?:id|i|d)\$(?:v=\d+\$)?[\w=,]+\$[\w+/.-]+=*\$[\w+/.-]+=*$/,
  /^\$pbkdf2(?:-[\w-]+)?\$[\w=,]+\$[\w+/.-]+=*\$[\w+/.-]+=*$/,
  /^pbkdf2[_:][\w:]+\$(?:\d+\$)?[^$\s]+\$[\w+/]+=*$/,
];

/** The id part of an API key of NuGet Gallery, which precedes the digest of the rest. */
const nuGetId = /^[a-z0-9]{20}(?=[A-Za-z0-9+/]{48,}={0,2}$)/;

/**
 * Whether a text is a digest with a salt: of bcrypt, argon2 or PBKDF2, the last one also as ASP.NET Identity and NuGet Gallery
 * write it. No key can be found by such a digest, so it is never stored: the key is adopted when its secret is first used.
 */
export function isSaltedDigest(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.length > SALTED_MAX) return false;
  if (forms.some((form) => form.test(trimmed))) return true;
  return [trimmed, trimmed.replace(nuGetId, '')].some(isAspNetDigest);
}

/**
 * Whether a text is a PBKDF2 digest of ASP.NET Identity in base64. Version 2: a byte 0, 16 bytes of salt, 32 of the digest.
 * Version 3: a byte 1, then the function, the count of iterations and the size of the salt, each in 4 bytes, salt and digest.
 */
function isAspNetDigest(text: string): boolean {
  if (!/^[A-Za-z0-9+/]{48,}={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64');
  if (bytes[0] === 0) return bytes.length === 49;
  if (bytes[0] !== 1 || bytes.length < 13) return false;
  const [hashFunction, iterations, saltSize] = [bytes.readUInt32BE(1), bytes.readUInt32BE(5), bytes.readUInt32BE(9)];
  return hashFunction <= 2 && iterations > 0 && saltSize >= 8 && bytes.length >= 13 + saltSize + 16;
}
