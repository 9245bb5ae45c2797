/** Patterns of secrets and their replacements. They also work within a line of JSON. */
const secretPatterns: readonly (readonly [RegExp, string])[] = [
  // Fields with the name of a secret, at any depth.
  [/("(?:authorization|cookie|set-cookie|password|secret|token)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi, '$1"[secret]"'],
  // Secrets of keys, also truncated: at least 20 of 49 digits after kt_, and 30 after another prefix, because ids have 26.
  [/kt_[0-9A-Za-z]{20,}/g, 'kt_[secret]'],
  [/(?<=[a-z0-9])_[0-9A-Za-z]{30,}/g, '_[secret]'],
  // Secrets of webhooks (Standard Webhooks 1.0.0, "Signature scheme"), complete or truncated.
  [/(wh(?:sec|sk)_)[\w+/-]{20,}={0,2}/g, '$1[secret]'],
  // Tokens of invitations, complete or truncated.
  [/kti_[\w-]{20,}/g, 'kti_[secret]'],
  // Tokens and codes of portal sessions, complete or truncated.
  [/kt([pc])_[0-9A-Za-z]{20,}/g, 'kt$1_[secret]'],
  // Signed and encrypted tokens: JSON objects in base64url begin with eyJ (RFC 7519, section 3.1).
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]*(?:\.[\w-]*)*/g, '[token]'],
  // Passwords in URLs, for example of a database.
  [/([a-z][a-z\d+.-]{0,20}:\/\/[^\s:/@"\\]*:)[^\s/@"\\]+@/gi, '$1[secret]@'],
  // Hashes of passwords, in PHC string format.
  [/\$argon2[a-z]*\$[\w$=,+/.-]+/g, '[hash]'],
];

/**
 * Replaces what looks like a secret in a text. The last line of defense: texts should not hold secrets in the first
 * place, and secrets without a pattern (a sealing key, a password in a sentence) are not found.
 */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, substitute] of secretPatterns) clean = clean.replace(pattern, substitute);
  return clean;
}
