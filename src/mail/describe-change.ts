import type { OwnerChange } from './load-operations.ts';

/** What happened to one key, and to many, and what their owner can do about it. */
interface Description {
  readonly one: string;
  readonly many: string;
  readonly advice: string | null;
}

/** What each kind of operation does to keys. */
const descriptions: Readonly<Record<string, Description>> = {
  HOLD: { one: 'was held', many: 'were held', advice: 'A held key is refused until it is resumed.' },
  RESUME: { one: 'was resumed', many: 'were resumed', advice: 'A key works again when no other hold is left.' },
  REVOKE: {
    one: 'was revoked',
    many: 'were revoked',
    advice: 'A revoked key never works again. Issue a new one where you still need it.',
  },
  RENEW: { one: 'was renewed', many: 'were renewed', advice: 'They expire later. No secret has changed.' },
  ASK_ROTATION: {
    one: 'needs a new secret',
    many: 'need new secrets',
    advice:
      'Rotate them, or let the programs that use them renew: then this happens automatically. Until then they work as before.',
  },
  LABEL: { one: 'got other labels', many: 'got other labels', advice: null },
  TRANSFER: { one: 'got another owner', many: 'got another owner', advice: 'You no longer manage them.' },
};

const unknown: Description = { one: 'was changed', many: 'were changed', advice: null };
const given: Description = { one: 'is yours now', many: 'are yours now', advice: null };
const undone: Description = {
  one: 'is as it was before a change',
  many: 'are as they were before a change',
  advice: null,
};

function descriptionOf({ kind, isUndo, isNewOwner }: OwnerChange): Description {
  if (isUndo) return undone;
  return isNewOwner ? given : (descriptions[kind] ?? unknown);
}

/** Returns what happened to the keys of an owner, such as "3 API keys were held". It contains no name. */
export function summarizeChange(change: OwnerChange): string {
  const { one, many } = descriptionOf(change);
  return change.keyCount === 1 ? `An API key ${one}` : `${change.keyCount} API keys ${many}`;
}

/** Describes what an operation changed for an owner, one line for each point. */
export function describeChange(change: OwnerChange): readonly string[] {
  const { isUndo, actorName, reason, keyCount, keys } = change;
  const { advice } = descriptionOf(change);
  const others = keyCount - keys.length;
  return [
    ...(advice === null ? [] : [advice]),
    `${isUndo ? 'Undone' : 'Changed'} by ${actorName}. Reason of the change: ${reason}`,
    `The keys: ${keys.map(({ name }) => name).join(', ')}${others > 0 ? ` and ${others} more` : ''}`,
  ];
}
