import { always, listOf, nullable, objectOf, optional, recorded } from './event-field.ts';
import {
  beforeAndAfter,
  changed,
  changedType,
  label,
  outcome,
  renewalMode,
  scope,
  stopBasis,
} from './shared-event-fields.ts';

const generation = recorded('integer', 'Which secret of the key, counted from 1.');
const expiresAt = nullable('instant', 'When the key expires now. Null: never.');
const stopsAt = nullable('instant', 'When the key stops by itself now. Null: never.');
const basis = nullable(stopBasis, 'Whether time alone decides the stop, or a use moves it. Null: there is no stop.');
const consumer = nullable(
  'text',
  'Where the secret was used, as the verifier names it. Null: the verifier named no consumer.',
);
/** Returns the field `code`. `missing` says when it is null. */
const code = (missing: string) => optional('text', `The code of the policy’s reason, for programs. ${missing}`);

const operationId = optional('id', 'The operation that made the change. Null: no operation did.');

/** The additional fields of an event that a leak report has caused. */
const leak = {
  generation: optional('integer', 'Which secret leaked, counted from 1. Null: no leak was reported.'),
  reportedBy: optional('text', 'Who reported the leak. Null: no leak was reported.'),
  url: optional('text', 'Where the secret was found, without the secret. Null: unknown, or no leak was reported.'),
  foundIn: optional('text', 'The kind of place in which the secret was found. Null: unknown, or no leak was reported.'),
  lastUsedAt: optional('instant', 'When the leaked secret was last used. Null: never, or no leak was reported.'),
  uses: optional(
    listOf(
      objectOf('LeakedSecretUse', 'The latest use of a leaked secret by one consumer.', {
        consumer,
        lastUsedAt: recorded('instant', 'When the consumer last used the secret.'),
      }),
    ),
    'The latest uses of the leaked secret, newest first. Null: no leak was reported.',
  ),
};

const changedKey = changedType('Key', 'a key', {
  name: optional('text', 'The name of the key.'),
  labels: optional(listOf(label), 'All labels of the key.'),
  scopes: optional(listOf(scope), 'All scopes of the key.'),
  expiresAt: optional('instant', 'When the key expires. Null: never.'),
  allowedAddresses: optional(
    listOf('text'),
    'All ranges of addresses from which the key may be used. Empty: from anywhere.',
  ),
});

/** The fields of `data` of the events of keys. */
export const keyEventFields = {
  KEY_ISSUED: {
    expiresAt,
    stopsAt,
    basis,
    notBefore: optional('instant', 'From when on the key is valid. Null: from its issue on.'),
    importedFrom: optional(
      'text',
      'The system from which the key was imported. Null: unknown, or it was not imported.',
    ),
    externalKeyId: optional('text', 'The id of the key in that system. Null: unknown, or it was not imported.'),
    bindsAt: optional(
      'instant',
      'Until then no policy stops the key, because it was imported with a ramp. Null: it was not.',
    ),
    ruleId: optional(
      'id',
      'The token rule by which the key was issued. Null: the key was not issued in exchange for a token.',
    ),
    issuerId: optional(
      'id',
      'The issuer of the token that was exchanged for the key. Null: the key was not issued in exchange for a token.',
    ),
    issuer: optional('text', 'The URL of that issuer. Null: the key was not issued in exchange for a token.'),
    omittedLabels: optional(
      listOf(
        objectOf(
          'OmittedLabel',
          'A label that a key did not get, because the claim for its value cannot be the value of a label.',
          {
            name: always('text', 'The name of the label.'),
            claim: always('text', 'The claim that the value would be taken from.'),
            problem: always('text', 'Why the claim cannot be the value, for people.'),
          },
        ),
      ),
      'Labels that the rule takes from claims and that the key did not get. Null: no label was omitted.',
    ),
  },
  KEY_ADOPTED: { generation },
  KEY_FIRST_USED: { generation, consumer },
  KEY_USED_OUT_OF_RHYTHM: {
    isEarly: always(
      'boolean',
      'Whether the use came before it was likely. False: it came after more than twice the time in which it was likely.',
    ),
    consumer,
    interval: always('duration', 'The usual time from one use to the next, before this use.'),
    nextUseFrom: always('instant', 'From when on the use was likely.'),
    nextUseTo: always('instant', 'Before when the use was likely to begin.'),
  },
  KEY_UPDATED: {
    operationId,
    changed,
    ...beforeAndAfter(changedKey),
    from: optional(
      'instant',
      'When the key would have stopped without this change. Null: never, or its expiry was not changed.',
    ),
    stopsAt: optional('instant', 'When the key stops now. Null: its expiry was not changed.'),
    expiresAt: optional('instant', 'When the key expires now. Null: its expiry was not changed.'),
    basis: optional(
      stopBasis,
      'Whether time alone decides the stop, or a use moves it. Null: the expiry was not changed.',
    ),
    previousRetiresAt: optional(
      'instant',
      'When the old secret of a pending rotation retires now. Null: that moment did not move.',
    ),
  },
  KEY_TRANSFERRED: {
    from: always('id', 'The account, organization or subject that owned the key.'),
    to: always('id', 'The account, organization or subject that owns the key now.'),
    operationId,
  },
  KEY_RENEWED: {
    operationId,
    mode: always(renewalMode, 'Whether the secret was replaced.'),
    from: nullable('instant', 'When the key would have expired. Null: never.'),
    expiresAt,
    stopsAt,
    basis,
  },
  KEY_HELD: {
    source: recorded('text', 'Who holds the key: OWNER, ADMINISTRATOR, MANAGER, POLICY or LEAK.'),
    operationId,
    code: code('Null: `source` is not POLICY.'),
    ...leak,
  },
  KEY_RESUMED: {
    sources: always(listOf('text'), 'Whose holds were lifted: OWNER, ADMINISTRATOR, MANAGER, POLICY, LEAK.'),
    operationId,
    isStillHeld: always('boolean', 'Whether other holds remain.'),
  },
  KEY_REVOKED: {
    operationId,
    children: optional(
      listOf('id'),
      'Keys that this key issued and that have not ended, at most 100. Null: there are none.',
    ),
    source: optional('text', 'LEAK after a leak report. Null: a person or a key revoked the key.'),
    ...leak,
  },
  KEY_ROTATION_ASKED: {
    gracePeriod: nullable(
      'duration',
      'How long the old secret works if the program that rotates names no grace period. Null: a day.',
    ),
    operationId,
  },
  KEY_ROTATION_WITHDRAWN: {
    askedAt: always('instant', 'When the rotation was requested whose request is withdrawn.'),
    stillAskedAt: nullable(
      'instant',
      'When an earlier rotation was requested, which is due again. Null: there is no earlier request.',
    ),
    operationId,
  },
  KEY_ROTATION_STARTED: {
    generation,
    previousRetiresAt: recorded('instant', 'When the old secret retires.'),
    gracePeriod: recorded('duration', 'How long the old secret works, as requested.'),
  },
  KEY_ROTATION_COMPLETED: {
    by: always(
      'text',
      'Why the old secret retired: CONFIRMED, MOVED, GRACE_PERIOD, NO_GRACE_PERIOD, EXPIRY or LEAKED.',
    ),
    ...leak,
    generation,
  },
  KEY_ROTATION_UNDONE: {
    generation,
    retiresAt: always('instant', 'When the new secret of the undone rotation retires.'),
    isSwap: always('boolean', 'Whether the new secret had been used, so that it works through a grace period.'),
  },
  KEY_ROTATION_STALLED: {
    generation,
    from: recorded('instant', 'When the old secret would have retired.'),
    to: recorded('instant', 'When the old secret retires now.'),
  },
  KEY_SECRET_REUSED: {
    generation,
    consumer,
    isNewConsumer: recorded('boolean', 'Whether no secret of the key was ever seen in use by this consumer.'),
    retiredAt: nullable('instant', 'When the presented secret retired.'),
  },
  KEY_BROKE_CONSUMER: {
    consumer: recorded('text', 'The consumer that was refused, as the verifier names it.'),
    outcome: always(outcome, 'Why it was refused: KEY_EXPIRED, SECRET_RETIRED or KEY_HELD.'),
    generation,
    firstUsedAt: always('instant', 'When the consumer first used the key successfully.'),
    lastUsedAt: recorded('instant', 'When the consumer last used the key successfully.'),
  },
  KEY_BROWNOUT_ENDED: {
    rolloutId: always('id', 'The rollout whose brownout it was.'),
    consumer: nullable('text', 'The consumer that was refused, as the verifier names it. Null: it named none.'),
    from: always('instant', 'When the brownout began.'),
    to: always('instant', 'When it would have been over.'),
  },
  KEY_EXPIRING: {
    stopsAt,
    basis,
    threshold: always('duration', 'How far ahead of the stop this notice is given.'),
  },
  KEY_STOPS_BEFORE_NEXT_USE: {
    stopsAt,
    basis,
    threshold: always('duration', 'How far ahead of the stop this notice is given.'),
    nextUseFrom: always('instant', 'From when on the key is likely to be used next.'),
    nextUseTo: always('instant', 'Before when the next use is likely to begin.'),
    interval: always('duration', 'The usual time from one use to the next.'),
    isSure: always('boolean', 'Whether the rhythm follows from three intervals between uses, or more.'),
  },
  KEY_EXPIRED: { basis, code: code('Null: `basis` is HARD.') },
  KEY_DORMANCY_WARNED: { code: optional('text', 'The code of the policy’s reason, for programs.'), stopsAt },
  KEY_STOP_CHANGED: {
    from: nullable('instant', 'When the key would have stopped. Null: never.'),
    to: nullable('instant', 'When the key stops now. Null: never.'),
    basis,
    code: code(
      'NOTICES_UNDELIVERED: no notice could be delivered, so the stop was postponed. Null: no policy decides the new stop.',
    ),
    previousExpiresAt: optional(
      'instant',
      'When time alone would have ended the key, if that moved. Null: never, or it did not move.',
    ),
    expiresAt: optional('instant', 'When time alone ends the key now, if that moved. Null: never, or it did not move.'),
  },
} as const;
