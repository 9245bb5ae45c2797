import { hash } from 'node:crypto';
import { continueWith, type MaybePromise } from '../domain/maybe-promise.ts';
import { parseSecret } from '../domain/secret.ts';
import { isSettled, outcomeOf, type Outcome, type Purpose } from '../domain/verification.ts';
import type { Clock } from '../store/clock.ts';
import type { KeyTable } from './table/key-table.ts';
import type { ForeignSecrets } from './foreign-secrets.ts';
import type { FoundKey } from '../verifier/stored-secret.ts';

/** What a presented secret is good for, at a moment. */
export interface SecretDecision {
  readonly outcome: Outcome;
  /** The key of the secret; null: no key that the asker may know has it. */
  readonly found: FoundKey | null;
  /** The moment of the decision. */
  readonly now: Date;
  /** The decision counts all changes up to this moment. */
  readonly asOf: Date;
}

export interface DecisionServices {
  readonly keyTable: KeyTable;
  /** Undefined: no foreign secret is accepted. */
  readonly foreignSecrets?: ForeignSecrets;
  readonly clock: Clock;
}

/**
 * Decides about a presented secret: the one function behind every verification, and behind the credential of every
 * caller that is a key. White space around the secret is ignored.
 *
 * It decides from memory where it may, and then returns the decision itself; a promise means that the node must ask. An
 * answer from memory is true as of at most 2 s ago, and time itself is judged at the exact moment (law 1). A refusal that another node may have lifted is given only when it was true after the call: all but
 * KEY_REVOKED, which is final. A key that the asker may not know is decided about as if no key had the secret, by the
 * same steps (rule 24).
 *
 * `address`: of who presents the secret; null: unknown, and a key with allowed addresses is refused.
 *
 * A text of a foreign form is looked up only if `foreignRealm` is given: in the realm with that id or slug, or null: in every one; and only
 * where it has the form that the realm accepts.
 *
 * Rejects with the error of the database if the node cannot know, which callers tell from others by `isUnavailable`.
 */
export function decideOutcome(
  services: DecisionServices,
  text: string,
  purpose: Purpose | null,
  mayKnow: (key: FoundKey) => boolean = mayKnowAll,
  address: string | null = null,
  foreignRealm?: string | null,
): MaybePromise<SecretDecision> {
  const { keyTable, clock } = services;
  const question = { presented: text.trim(), purpose, mayKnow, address, foreignRealm, askedAt: clock.now() };
  const { presented, askedAt } = question;
  const known = keyTable.recallText(presented, askedAt);
  if (known === undefined) return askElsewhere(services, question, null);
  const decision = decide(known, question, askedAt, keyTable.knownAt(askedAt));
  return isSettled(decision.outcome) ? decision : askElsewhere(services, question, decision);
}

const mayKnowAll = () => true;

/** What is to be decided, and since when. */
interface SecretQuestion {
  readonly presented: string;
  readonly purpose: Purpose | null;
  readonly mayKnow: (key: FoundKey) => boolean;
  readonly address: string | null;
  readonly foreignRealm: string | null | undefined;
  readonly askedAt: Date;
}

function decide(key: FoundKey | null, question: SecretQuestion, now: Date, asOf: Date): SecretDecision {
  const { purpose, mayKnow, address } = question;
  const found = key !== null && mayKnow(key) ? key : null;
  return { outcome: found === null ? 'KEY_UNKNOWN' : outcomeOf(found, purpose, now, address), found, now, asOf };
}

/** Decides what memory alone cannot. `recalled`: a refusal by it, which may have been lifted; null: it has not the secret. */
function askElsewhere(
  { keyTable, clock, foreignSecrets }: DecisionServices,
  question: SecretQuestion,
  recalled: SecretDecision | null,
): MaybePromise<SecretDecision> {
  const { presented, foreignRealm, askedAt } = question;
  const decideNow = (key: FoundKey | null, asOf = askedAt) => decide(key, question, clock.now(), asOf);
  if (recalled === null && parseSecret(presented) === null) {
    // By its checksum it never was a secret of a gateway.
    if (foreignRealm === undefined || foreignSecrets === undefined) return decideNow(null);
    return continueWith(foreignSecrets.digestsOf(presented, foreignRealm), (digests) =>
      decideByEach(keyTable, digests, decideNow),
    );
  }
  const digest = hash('sha256', presented, 'hex');
  const isRefused = recalled !== null && recalled.found !== null;
  return decideByAsking(keyTable, digest, isRefused || keyTable.isUnknown(digest), decideNow);
}

/** Decides by the first of several digests that a key has. */
function decideByEach(
  keyTable: KeyTable,
  digests: readonly string[],
  decide: (key: FoundKey | null, asOf?: Date) => SecretDecision,
): MaybePromise<SecretDecision> {
  for (const digest of digests) {
    const known = keyTable.recall(digest);
    const decision = known === undefined ? null : decide(known, keyTable.knownAt());
    if (decision !== null && decision.found !== null && isSettled(decision.outcome)) return decision;
  }
  const ask = (digest: string) => {
    const isKnown = keyTable.recall(digest) !== undefined || keyTable.isUnknown(digest);
    return decideByAsking(keyTable, digest, isKnown, decide);
  };
  return Promise.all(digests.map(ask)).then(
    (decisions) => decisions.find(({ found }) => found !== null) ?? decisions[0] ?? decide(null),
  );
}

/**
 * Decides after the node has asked: the log for changes, if memory knows a refusal that another node may have lifted, else
 * the database.
 */
async function decideByAsking(
  keyTable: KeyTable,
  digest: string,
  isRefused: boolean,
  decide: (key: FoundKey | null, asOf?: Date) => SecretDecision,
): Promise<SecretDecision> {
  if (isRefused && (await keyTable.catchUp())) {
    const again = keyTable.recall(digest);
    if (again !== undefined) return decide(again);
    if (keyTable.isUnknown(digest)) return decide(null);
  }
  try {
    return decide(await keyTable.load(digest));
  } catch (error) {
    const stale = keyTable.recallStale(digest);
    const decision = stale === undefined ? null : decide(stale, keyTable.knownAt());
    // Law 2: a node that cannot know gives no refusal.
    if (decision !== null && isSettled(decision.outcome)) return decision;
    throw error;
  }
}
