/** In characters, after normalization. A floor: how often one may guess is limited besides. */
export const PASSWORD_CHARACTERS_MIN = 12;
/** In UTF-8, so that no request makes the gateway hash megabytes. */
export const PASSWORD_BYTES_MAX = 1024;

/**
 * The form in which a password is hashed: Unicode NFKC, so that the same keys pressed on another keyboard give the same
 * bytes (NIST SP 800-63B-4, section 3.1.1.2).
 */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Whether a password is too long to be one; nothing so long is ever hashed. */
export function isPasswordTooLong(password: string): boolean {
  return password.length > PASSWORD_BYTES_MAX || Buffer.byteLength(password) > PASSWORD_BYTES_MAX;
}

/**
 * What is wrong with a password that someone chooses, as a sentence with what was found and what is accepted, or null.
 * The password itself is never in the sentence.
 */
export function passwordProblem(password: string, email: string): string | null {
  if (isPasswordTooLong(password)) {
    return `The password has ${Buffer.byteLength(password)} bytes; at most ${PASSWORD_BYTES_MAX} are accepted.`;
  }
  if (!password.isWellFormed()) return 'The password has half a character in it; any whole characters are accepted.';
  const normalized = normalizePassword(password);
  const characterCount = Array.from(normalized).length;
  if (characterCount < PASSWORD_CHARACTERS_MIN) {
    return `The password has ${characterCount} characters; at least ${PASSWORD_CHARACTERS_MIN} are accepted.`;
  }
  if (normalized.trim().toLowerCase() === normalizePassword(email).trim().toLowerCase()) {
    return 'The password is the email address; anything else of 12 characters or more is accepted.';
  }
  return null;
}
