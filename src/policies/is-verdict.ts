import { LRUCache } from 'lru-cache';

/** The limits of a verdict. */
export interface VerdictLimits {
  readonly instantMax: number;
  readonly lengthMax: number;
  /** Whether a module may give this as the code of a reason. */
  readonly isCode: (code: string) => boolean;
  readonly isSentence: (sentence: string) => boolean;
}

type Members = Readonly<Record<string, unknown>>;

/** Whether a value surely has a shape. */
type Check = (value: unknown) => boolean;

/**
 * Returns functions that find out, for each decision, whether a reply of a module surely is a verdict, in a tenth of the time of a
 * schema. If one returns false, the reply may still be a verdict: the schema decides, and says what is wrong.
 */
export function createVerdictChecks({ instantMax, lengthMax, isCode, isSentence }: VerdictLimits) {
  const isInstant: Check = (value) => isWhole(value, instantMax);
  const isLength: Check = (value) => isWhole(value, lengthMax);
  const isReason = hasMembers({ code: isKnownText(isCode), sentence: isKnownText(isSentence) });
  const isRequest = hasMembers({ shortest: isLength, longest: isLength, default: orNull(isLength) });
  const isCap = hasMembers({ at: isInstant, basis: (value) => value === 'HARD' || value === 'BY_USE' });
  const isWindow = hasMembers({ opensAt: isInstant, closesAt: isInstant });
  const isExpiry = hasMembers({ request: orNull(isRequest), cap: orNull(isCap), reason: isReason });
  const isRenewal = hasMembers({
    isAllowed: isBoolean,
    allowedAt: orNull(isInstant),
    mode: (value) => value === 'EXTEND' || value === 'ROTATE',
    longest: orNull(isLength),
    window: orNull(isWindow),
    graceExtension: orNull(isLength),
    retiresWhenMoved: orNull(isBoolean),
    reason: isReason,
  });
  const isDormancy = hasMembers({
    warnAt: orNull(isInstant),
    holdAt: orNull(isInstant),
    expireAt: orNull(isInstant),
    reason: isReason,
  });
  return {
    expiry: (reply: unknown) => isExpiry(reply) && isRequestInOrder((reply as Members)['request']),
    renewal: (reply: unknown) => isRenewal(reply) && isRenewalInOrder(reply as Members),
    dormancy: (reply: unknown) => isDormancy(reply) && areStepsInOrder(reply as Members),
  } as const;
}

function isWhole(value: unknown, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

/** Checks a valid text once, as long as a cache has it: many keys have the same. */
function isKnownText(check: (text: string) => boolean): Check {
  const known = new LRUCache<string, true>({ max: 2_000 });
  return (value) => {
    if (typeof value !== 'string') return false;
    if (known.has(value)) return true;
    const isValid = check(value);
    if (isValid) known.set(value, true);
    return isValid;
  };
}

/** Returns a check that an object has these members, of its own, and no others. */
function hasMembers(checks: Readonly<Record<string, Check>>): Check {
  const members = Object.entries(checks);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const given = value as Members;
    return (
      Object.keys(given).length === members.length &&
      members.every(([name, check]) => Object.hasOwn(given, name) && check(given[name]))
    );
  };
}

function isRequestInOrder(request: unknown): boolean {
  if (request === null) return true;
  const {
    shortest,
    longest,
    default: given,
  } = request as { shortest: number; longest: number; default: number | null };
  return shortest <= longest && (given === null || (shortest <= given && given <= longest));
}

function isRenewalInOrder({ isAllowed, allowedAt, window }: Members): boolean {
  const { opensAt, closesAt } = (window ?? { opensAt: 0, closesAt: 0 }) as { opensAt: number; closesAt: number };
  return opensAt <= closesAt && (isAllowed === false || allowedAt === null);
}

function areStepsInOrder({ warnAt, holdAt, expireAt }: Members): boolean {
  let last = 0;
  for (const moment of [warnAt, holdAt, expireAt] as (number | null)[]) {
    if (moment === null) continue;
    if (moment < last) return false;
    last = moment;
  }
  return true;
}
