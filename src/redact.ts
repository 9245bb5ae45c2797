import { SECRET_PATTERN } from './domain/secret.ts';

/** What must not be written anywhere, by its looks, and what stands for it. Made to work within a line of JSON. */
const secretPatterns: readonly (readonly [RegExp, string])[] = [
  // Fields with a telling name, at any depth.
  [/("(?:authorization|cookie|set-cookie|password|secret|token)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi, '$1"[secret]"'],
  // Secrets of keys, also when cut short: 20 of 49 characters and more.
  [new RegExp(SECRET_PATTERN.source.replace(/\{\d+\}$/, '{20,}'), 'g'), 'kt_[secret]'],
  // Secrets of webhooks (Standard Webhooks 1.0.0, "Signature scheme"), as long as they are or cut short.
  [/(wh(?:sec|sk)_)[\w+/-]{20,}={0,2}/g, '$1[secret]'],
  // Tokens of invitations, as long as they are or cut short.
  [/kti_[\w-]{20,}/g, 'kti_[secret]'],
  // Signed and encrypted tokens: JSON objects in base64url begin with eyJ (RFC 7519, section 3.1).
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]*(?:\.[\w-]*)*/g, '[token]'],
  // Passwords in URLs, as of a database.
  [/([a-z][a-z\d+.-]{0,20}:\/\/[^\s:/@"\\]*:)[^\s/@"\\]+@/gi, '$1[secret]@'],
  // Hashes of passwords, in PHC string format.
  [/\$argon2[a-z]*\$[\w$=,+/.-]+/g, '[hash]'],
];

/**
 * A text without what looks like a secret. The last line of defence: nothing that is written is meant to hold one, and
 * what has another shape (a sealing key, a password in a sentence) is not found here.
 */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, substitute] of secretPatterns) clean = clean.replace(pattern, substitute);
  return clean;
}
