import { explainKey, type Explanation } from '../../keys/explain.ts';
import { explanationSelect, type ExplainedVerdict } from '../../keys/explained-key.ts';
import type { AttributedReason } from '../../domain/verdict.ts';
import { forbidden } from '../../domain/request-error.ts';
import { seesPolicies } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { BindingRef } from './binding.ts';
import { BrakeRef } from './brake.ts';

type PlainReason = Pick<AttributedReason, 'code' | 'sentence'>;

export const ReasonRef = builder.objectRef<PlainReason>('Reason').implement({
  description: 'Why a policy gave its verdict.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'A stable code for programs, which the policy chooses.' }),
    sentence: t.exposeString('sentence', { description: 'The reason as a sentence, for people.' }),
  }),
});

/** A policy's stop: the raw verdict, and the effective one after notice. Milliseconds since 1970. */
interface VerdictStop {
  readonly raw: number;
  readonly effective: number;
}

const SaidStopRef = builder.objectRef<VerdictStop>('SaidStop').implement({
  description: 'A moment at which a policy would stop a key, before and after the notice period is applied.',
  fields: (t) => ({
    said: t.field({
      type: 'DateTime',
      description: 'The moment that the policy returned.',
      resolve: ({ raw }) => new Date(raw),
    }),
    kept: t.field({
      type: 'DateTime',
      description:
        'The moment that applies: the moment that the policy returned, or a later one if the notice period requires it.',
      resolve: ({ effective }) => new Date(effective),
    }),
  }),
});

function toVerdictStop(raw: number | null | undefined, effective: number | null): VerdictStop | null {
  return raw == null ? null : { raw, effective: effective ?? raw };
}

const BindingVerdictRef = builder.objectRef<ExplainedVerdict>('BindingVerdict').implement({
  description: 'What one revision of a binding decided about a key at its last evaluation.',
  fields: (t) => ({
    binding: t.prismaField({
      type: BindingRef,
      description: 'The binding that gave the verdict.',
      resolve: (query, { binding }, _args, { db }) =>
        db.binding.findUniqueOrThrow({ ...query, where: { id: binding.id } }),
    }),
    revision: t.int({
      description: 'The revision of the binding that gave the verdict.',
      resolve: ({ verdict }) => verdict.revision,
    }),
    hash: t.string({
      description: 'The version of the policy module that gave the verdict: the SHA-256 of its files.',
      resolve: ({ verdict }) => verdict.hash,
    }),
    counts: t.boolean({
      description:
        'Whether the verdict applies. False: it is only shown, because the binding is in SHADOW or announced.',
      resolve: ({ verdict }) => verdict.counts,
    }),
    decides: t.exposeBoolean('decides', { description: 'Whether this verdict decides when the key stops.' }),
    askedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the policy was last evaluated for the key. Null: the policy could not be evaluated yet.',
      resolve: ({ verdict: { at } }) => (at === 0 ? null : new Date(at)),
    }),
    noticePeriod: t.field({
      type: 'Duration',
      description: 'How far ahead the binding had to announce a stop that it moves earlier.',
      resolve: ({ verdict }) => verdict.noticeMs,
    }),
    cap: t.field({
      type: SaidStopRef,
      nullable: true,
      description: 'The latest moment to which the policy lets the key live. Null: the policy sets no limit.',
      resolve: ({ verdict: { raw, effective } }) => toVerdictStop(raw.expiry?.cap?.at, effective.cap),
    }),
    capBasis: t.field({
      type: StopBasisEnum,
      nullable: true,
      description: 'Whether a use of the key moves the cap. Null: the policy sets no cap.',
      resolve: ({ verdict }) => verdict.raw.expiry?.cap?.basis ?? null,
    }),
    expiryReason: t.field({
      type: ReasonRef,
      nullable: true,
      description: 'Why the policy limits the key’s expiry as it does. Null: the policy decides nothing about expiry.',
      resolve: ({ verdict }) => verdict.raw.expiry?.reason ?? null,
    }),
    renewalReason: t.field({
      type: ReasonRef,
      nullable: true,
      description: 'Why the policy allows or refuses renewal. Null: the policy decides nothing about renewal.',
      resolve: ({ verdict }) => verdict.raw.renewal?.reason ?? null,
    }),
    warnsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the policy warns that the key is dormant. Null: the policy does not warn.',
      resolve: ({ verdict: { raw } }) => (raw.dormancy?.warnAt == null ? null : new Date(raw.dormancy.warnAt)),
    }),
    holds: t.field({
      type: SaidStopRef,
      nullable: true,
      description: 'When the policy holds the key as dormant. Null: the policy does not hold the key.',
      resolve: ({ verdict: { raw, effective } }) => toVerdictStop(raw.dormancy?.holdAt, effective.hold),
    }),
    expires: t.field({
      type: SaidStopRef,
      nullable: true,
      description: 'When the policy expires the key as dormant. Null: the policy does not expire the key.',
      resolve: ({ verdict: { raw, effective } }) => toVerdictStop(raw.dormancy?.expireAt, effective.expire),
    }),
    dormancyReason: t.field({
      type: ReasonRef,
      nullable: true,
      description: 'Why the policy warns, holds or expires the key. Null: the policy decides nothing about dormancy.',
      resolve: ({ verdict }) => verdict.raw.dormancy?.reason ?? null,
    }),
  }),
});

const MovedByFreezeRef = builder.objectRef<NonNullable<Explanation['freeze']>>('MovedByFreeze').implement({
  description: 'How a freeze postponed the key’s stop.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'The stop without the freeze.' }),
    to: t.expose('to', { type: 'DateTime', description: 'The stop with the freeze: the end of the freeze.' }),
    reason: t.exposeString('reason', { description: 'The reason of the freeze, for people.' }),
  }),
});

const WaitingStopRef = builder.objectRef<NonNullable<Explanation['waitingStop']>>('WaitingStop').implement({
  description: 'An earlier stop that a brake holds back. Until the brake ends, the key keeps its present stop.',
  fields: (t) => ({
    brake: t.prismaField({
      type: BrakeRef,
      description: 'The brake that holds the stop back.',
      resolve: (query, { brakeId }, _args, { db, caller }) => {
        if (!seesPolicies(caller)) throw forbidden('You may not see the brakes of the realm.');
        return db.brake.findUniqueOrThrow({ ...query, where: { id: brakeId } });
      },
    }),
    to: t.expose('to', { type: 'DateTime', description: 'When the key would stop if the brake were released.' }),
    reason: t.field({
      type: ReasonRef,
      description: 'Why the binding would stop the key then.',
      resolve: ({ reason }) => reason as unknown as PlainReason,
    }),
    since: t.expose('since', { type: 'DateTime', description: 'Since when the stop waits.' }),
  }),
});

const ExplanationRef = builder.objectRef<Explanation>('Explanation').implement({
  description:
    'Why a key stops when it does: the verdict and reason of every binding, the effect of notice and freezes, and which verdict decides.',
  fields: (t) => ({
    stopsAt: t.expose('stopsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key will stop by itself, or has stopped. Null: nothing stops it.',
    }),
    stopsBasis: t.expose('stopsBasis', {
      type: StopBasisEnum,
      nullable: true,
      description: 'Whether a use of the key moves stopsAt. Null: nothing stops it.',
    }),
    summary: t.exposeString('summary', {
      description:
        'The explanation as a few sentences, for people: state, stop and reason, announced changes, a stop behind a brake. For callers that may not see policies it names no person, key, announced binding or brake.',
    }),
    decidedBy: t.expose('decidedBy', {
      type: ReasonRef,
      nullable: true,
      description:
        'The reason of the policy that decides stopsAt. Null: a person or program chose the expiry, or nothing stops the key.',
    }),
    judgedAt: t.expose('judgedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Since when the verdicts stand: later evaluations came to the same. Null: policies were never evaluated for the key.',
    }),
    verdicts: t.field({
      type: [BindingVerdictRef],
      description:
        'The stored verdicts of the realm’s bindings, including those in SHADOW and announced ones. None for callers that may not see policies.',
      resolve: ({ verdicts }, _args, { caller }) => (seesPolicies(caller) ? [...verdicts] : []),
    }),
    freeze: t.expose('freeze', {
      type: MovedByFreezeRef,
      nullable: true,
      description: 'How a freeze postponed stopsAt. Null: no freeze did.',
    }),
    waitingStop: t.expose('waitingStop', {
      type: WaitingStopRef,
      nullable: true,
      description: 'An earlier stop that a brake holds back. Null: no brake holds back a stop of this key.',
    }),
    movedOutAt: t.expose('movedOutAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the stop was postponed once by the notice period, because none of its notices could be delivered. Null: the stop was not postponed.',
    }),
  }),
});

builder.prismaObjectField(KeyRef, 'explanation', (t) =>
  t.field({
    type: ExplanationRef,
    description: 'Why the key stops when it does. Read from stored verdicts; no policy is evaluated.',
    select: explanationSelect,
    resolve: (key, _args, { services, caller }) => explainKey(key, services.clock.now(), seesPolicies(caller)),
  }),
);
