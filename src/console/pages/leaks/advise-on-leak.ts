import { isEndedKey } from '../../parts/key-state.ts';
import { paths } from '../../routes.ts';
import type { LeakOfPage } from './leak-query.ts';

/** The one thing to do about a leak. */
interface LeakAdvice {
  readonly isDone: boolean;
  readonly advice: string;
  readonly action: { readonly name: string; readonly href: string } | null;
}

/** Returns what is left to do about a leak, by the present state of its key. */
export function adviseOnLeak({ key, secret }: LeakOfPage, now: Date): LeakAdvice {
  const toKey = { name: 'To the key', href: paths.key(key.id) };
  const isRetired = secret.retiresAt != null && Date.parse(secret.retiresAt) <= now.getTime();
  if (key.state === 'REVOKED') {
    return {
      isDone: true,
      advice: 'The key has ended for good. If its program still runs, it needs another key.',
      action: { name: 'Issue a key', href: paths.newKey },
    };
  }
  if (isRetired && key.state === 'HELD') {
    return { isDone: false, advice: 'The key has a new secret. Deploy it, then resume the key.', action: toKey };
  }
  if (isRetired) return { isDone: true, advice: 'Nothing: the secret that leaked no longer works.', action: null };
  if (key.state === 'HELD') {
    return {
      isDone: false,
      advice: 'Rotate the key so that the old secret ends now, deploy the new one, then resume the key.',
      action: toKey,
    };
  }
  if (isEndedKey(key, now)) {
    return {
      isDone: false,
      advice: 'The key has expired. If you renew it, the secret that leaked works again: rotate it then at once.',
      action: toKey,
    };
  }
  return {
    isDone: false,
    advice: 'The secret that leaked works. Rotate the key now, with no time for the old secret.',
    action: toKey,
  };
}
