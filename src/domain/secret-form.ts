import { containsSecret } from './secret.ts';

/**
 * The forms of secrets that text for others must not hold, beside the secrets of keys: our own, and those of issuers whose form is precise enough that other
 * text hardly ever has it. The names are for messages, which never repeat the text.
 */
const forms: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['the secret of a webhook', /wh(?:sec|sk)_[\w+/-]{20,}/],
  ['the token of an invitation', /kti_[\w-]{20,}/],
  ['the token or the code of a portal session', /kt[pc]_[0-9A-Za-z]{20,}/],
  // JSON objects in base64url begin with eyJ (RFC 7519, section 3.1).
  ['a signed or encrypted token (JWT)', /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]+/],
  ['a private key', /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/],
  ['a URL with a password', /[a-z][a-z\d+.-]{0,20}:\/\/[^\s:/@"\\]*:[^\s/@"\\]+@/i],
  ['the hash of a password', /\$(?:argon2[a-z]*\$[\w$=,+/.-]{20,}|2[abxy]\$\d\d\$[\w./]{53})/],
  ['a token of GitHub', /(?<![A-Za-z0-9])(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_\w{50,})/],
  ['a token of GitLab', /(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt|cbt|ft|oas|soat|agent|imt)-[\w-]{20,}/],
  ['a token of npm', /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/],
  ['a key of NuGet.org', /(?<![A-Za-z0-9])oy2[a-z0-9]{43}(?![A-Za-z0-9])/],
  ['a token of PyPI', /pypi-AgE[\w-]{50,}/],
  ['a token of crates.io', /(?<![A-Za-z0-9])cio[A-Za-z0-9]{32}(?![A-Za-z0-9])/],
  ['a token of RubyGems', /(?<![A-Za-z0-9])rubygems_[a-f0-9]{48}/],
  ['a token of Docker', /dckr_(?:pat|oat)_[\w-]{20,}/],
  ['an access key of AWS', /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/],
  ['a key of Google', /(?<![\w-])(?:AIza[\w-]{35}|GOCSPX-[\w-]{28})(?![\w-])/],
  ['a key of Azure', /AccountKey=[A-Za-z0-9+/]{86}==/],
  ['a key of Stripe', /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/],
  ['a token of Slack', /(?<![A-Za-z0-9])xox[abeoprs]-[\w-]{10,}/],
  ['a key of SendGrid', /(?<![\w-])SG\.[\w-]{22}\.[\w-]{43}/],
  ['a key of OpenAI or Anthropic', /(?<![A-Za-z0-9])sk-(?:ant-|proj-|svcacct-)[\w-]{20,}/],
  ['a token of Hugging Face', /(?<![A-Za-z0-9])hf_[A-Za-z]{34}(?![A-Za-z0-9])/],
  ['a token of DigitalOcean', /do[opr]_v1_[a-f0-9]{64}/],
];

/** Returns what secret a text holds, by its form, such as `a token of npm`; null: it holds none whose form is known. */
export function findSecretForm(text: string): string | null {
  if (containsSecret(text)) return 'the secret of a key';
  return forms.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
