import type { Scope } from './scope.ts';

/**
 * Returns scopes as the `scope` of OAuth (RFC 6749, section 3.3): `action=resource`, separated by spaces. Characters
 * that a scope token may not have, and `%`, are percent-encoded; so is `=` in an action.
 */
export function formatScopeTokens(scopes: readonly Scope[]): string {
  return scopes.map(({ action, resource }) => `${encode(action, /[=%]/)}=${encode(resource, /%/)}`).join(' ');
}

/** Parses what `formatScopeTokens` returns; a token that is repeated counts once. Null: the text has another form. */
export function parseScopeTokens(text: string): readonly Scope[] | null {
  const scopes = [...new Set(text.split(' '))].map((token): Scope | null => {
    const [, action, resource] = /^([^=]+)=(.+)$/s.exec(token) ?? [];
    if (action === undefined || resource === undefined) return null;
    try {
      return { action: decodeURIComponent(action), resource: decodeURIComponent(resource) };
    } catch {
      return null;
    }
  });
  return scopes.every((scope) => scope !== null) ? scopes : null;
}

function encode(text: string, more: RegExp): string {
  return [...text]
    .map((char) => (/[!#-[\]-~]/.test(char) && !more.test(char) ? char : encodeURIComponent(char)))
    .join('');
}
