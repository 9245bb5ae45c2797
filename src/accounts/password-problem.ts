/** Minimum length in characters, after normalization. Guesses are rate limited as well. */
export const PASSWORD_CHARACTERS_MIN = 12;
/** Maximum length in UTF-8, so that no request makes the gateway hash megabytes. */
export const PASSWORD_BYTES_MAX = 1024;

/**
 * Returns the form in which a password is hashed: Unicode NFKC, so that the same characters typed on another keyboard
 * give the same bytes (NIST SP 800-63B-4, section 3.1.1.2).
 */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Returns whether a password exceeds the maximum length. Such a text is never hashed. */
export function isPasswordTooLong(password: string): boolean {
  return password.length > PASSWORD_BYTES_MAX || Buffer.byteLength(password) > PASSWORD_BYTES_MAX;
}

/**
 * Returns what is wrong with a chosen password, as a sentence with what was found and what is expected, or null. The
 * sentence never contains the password.
 */
export function passwordProblem(password: string, email: string): string | null {
  if (isPasswordTooLong(password)) {
    return `The password has ${Buffer.byteLength(password)} bytes; expected at most ${PASSWORD_BYTES_MAX}.`;
  }
  if (!password.isWellFormed())
    return 'The password contains a lone surrogate (half of a character); expected whole characters.';
  const normalized = normalizePassword(password);
  const characterCount = Array.from(normalized).length;
  if (characterCount < PASSWORD_CHARACTERS_MIN) {
    return `The password has ${characterCount} characters; expected at least ${PASSWORD_CHARACTERS_MIN}.`;
  }
  if (normalized.trim().toLowerCase() === normalizePassword(email).trim().toLowerCase()) {
    return 'The password is the email address; expected another text of at least 12 characters.';
  }
  return null;
}
