import { DAY_MS } from './duration.ts';
import { addMs } from './key.ts';

/**
 * What an owner can say about a rollout. COMMENT: a text. OBJECT: a text that holds the stage until an administrator replies, or 14 days
 * have passed. WITHDRAW: takes back the owner's objections, requests and enrolment. ENROLL: the new revision applies early, and
 * brownouts if wanted. ASK_EXCEPTION: the revision before stays until a moment, if an administrator grants it.
 */
export const rolloutAnswerKinds = ['COMMENT', 'OBJECT', 'WITHDRAW', 'ENROLL', 'ASK_EXCEPTION'] as const;

export type RolloutAnswerKind = (typeof rolloutAnswerKinds)[number];

/** The longest text of an answer and of a reply, in characters. */
export const ANSWER_TEXT_MAX = 2_000;

/** How many answers an owner gives to one rollout at most, and to all rollouts within an hour. */
export const ANSWERS_MAX = 50;
export const ANSWERS_AN_HOUR = 10;

/** How many keys and consumers one answer names at most. */
export const ANSWER_KEYS_MAX = 100;
export const ANSWER_CONSUMERS_MAX = 20;
export const ANSWER_CONSUMER_MAX = 200;

/** The furthest end of an exception (rule 48). */
export const EXCEPTION_MAX_MS = 365 * DAY_MS;

/** What an owner sends. */
export interface RolloutAnswerDraft {
  readonly kind: RolloutAnswerKind;
  readonly text: string | null;
  readonly isPublic: boolean;
  readonly keyIds: readonly string[];
  readonly until: Date | null;
  readonly takesBrownouts: boolean;
  readonly consumers: readonly string[];
}

/** A member of an answer that does not fit its kind. */
export interface AnswerProblem {
  readonly field: string;
  readonly message: string;
}

/** Returns what is wrong with an answer, apart from its texts; null: nothing. */
export function answerProblem(draft: RolloutAnswerDraft, now: Date): AnswerProblem | null {
  const { kind, text, isPublic, keyIds, until, takesBrownouts, consumers } = draft;
  const problem = (field: string, message: string): AnswerProblem => ({ field, message });
  const needsText = kind === 'COMMENT' || kind === 'OBJECT' || kind === 'ASK_EXCEPTION';
  if (needsText && text === null) return problem('text', `found none; expected a text, because the kind is ${kind}`);
  if (isPublic && kind !== 'COMMENT') return problem('isPublic', `found true for ${kind}; only a COMMENT is public`);
  if (keyIds.length > ANSWER_KEYS_MAX)
    return problem('keyIds', `found ${keyIds.length}; expected at most ${ANSWER_KEYS_MAX}`);
  if (keyIds.length > 0 && kind !== 'ENROLL' && kind !== 'ASK_EXCEPTION')
    return problem('keyIds', `found keys for ${kind}; only ENROLL and ASK_EXCEPTION name keys`);
  if (takesBrownouts && kind !== 'ENROLL') return problem('brownout', `found true for ${kind}; expected ENROLL`);
  if (consumers.length > 0 && !takesBrownouts)
    return problem('consumers', 'found consumers without brownout; expected brownout: true');
  if (consumers.length > ANSWER_CONSUMERS_MAX)
    return problem('consumers', `found ${consumers.length}; expected at most ${ANSWER_CONSUMERS_MAX}`);
  if (kind !== 'ASK_EXCEPTION')
    return until === null ? null : problem('until', `found a moment for ${kind}; expected ASK_EXCEPTION`);
  if (until === null) return problem('until', 'found none; expected when the exception ends');
  const last = addMs(now, EXCEPTION_MAX_MS);
  if (until > now && until <= last) return null;
  return problem(
    'until',
    `found ${until.toISOString()}; expected after ${now.toISOString()}, at the latest ${last.toISOString()}`,
  );
}

/** What a reader sees of an answer (rule 46). */
export interface AnswerSight {
  /** Whether the reader sees the text, the keys and the author. */
  readonly isShown: boolean;
  /** Whether the reader sees the administrator's reply. */
  readonly isReplyShown: boolean;
}

/**
 * Decides what a reader whom the rollout touches sees of an answer: administrators and its owner all; others a comment if its author
 * chose so, and the reply of an administrator to any answer.
 */
export function sightOfAnswer(
  answer: { readonly kind: RolloutAnswerKind; readonly isPublic: boolean; readonly hasReply: boolean },
  isOwnOrAdministered: boolean,
): AnswerSight {
  const isShown = isOwnOrAdministered || (answer.kind === 'COMMENT' && answer.isPublic);
  return { isShown, isReplyShown: answer.hasReply };
}
