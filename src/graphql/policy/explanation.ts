import type { ExplainedVerdict, Explanation } from '../../keys/explain.ts';
import { explanationSelect, explainKey } from '../../keys/explain.ts';
import type { AttributedReason } from '../../domain/verdict.ts';
import { builder } from '../builder.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { BindingRef } from './binding.ts';
import { BrakeRef } from './brake.ts';

type PlainReason = Pick<AttributedReason, 'code' | 'sentence'>;

export const ReasonRef = builder.objectRef<PlainReason>('Reason').implement({
  description: 'Why a policy says what it says.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'For programs.' }),
    sentence: t.exposeString('sentence', { description: 'For people.' }),
  }),
});

/** A stop as a policy said it, and as it was left when notice had been kept. */
interface VerdictStop {
  readonly raw: number;
  readonly effective: number;
}

const SaidStopRef = builder.objectRef<VerdictStop>('SaidStop').implement({
  description: 'A moment that a policy says.',
  fields: (t) => ({
    said: t.field({ type: 'DateTime', resolve: ({ raw }) => new Date(raw) }),
    kept: t.field({
      type: 'DateTime',
      description: 'What it was left at when notice had been kept.',
      resolve: ({ effective }) => new Date(effective),
    }),
  }),
});

function toVerdictStop(said: number | null | undefined, kept: number | null): VerdictStop | null {
  return said == null ? null : { raw: said, effective: kept ?? said };
}

const BindingVerdictRef = builder.objectRef<ExplainedVerdict>('BindingVerdict').implement({
  description: 'What one revision of a binding said of a key when it was last asked.',
  fields: (t) => ({
    binding: t.prismaField({
      type: BindingRef,
      resolve: (query, { binding }, _args, { db }) =>
        db.binding.findUniqueOrThrow({ ...query, where: { id: binding.id } }),
    }),
    revision: t.int({ resolve: ({ verdict }) => verdict.revision }),
    hash: t.string({ description: 'The version of the module that said it.', resolve: ({ verdict }) => verdict.hash }),
    counts: t.boolean({
      description: 'Whether it counts; otherwise it is only shown: in SHADOW, or announced.',
      resolve: ({ verdict }) => verdict.counts,
    }),
    decides: t.exposeBoolean('decides', { description: 'Whether the key stops when it does because of it.' }),
    askedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null: it could not be asked of this key yet.',
      resolve: ({ verdict: { at } }) => (at === 0 ? null : new Date(at)),
    }),
    noticePeriod: t.field({ type: 'Duration', resolve: ({ verdict }) => verdict.noticeMs }),
    cap: t.field({
      type: SaidStopRef,
      nullable: true,
      resolve: ({ verdict: { raw, effective } }) => toVerdictStop(raw.expiry?.cap?.at, effective.cap),
    }),
    capBasis: t.field({
      type: StopBasisEnum,
      nullable: true,
      resolve: ({ verdict }) => verdict.raw.expiry?.cap?.basis ?? null,
    }),
    expiryReason: t.field({
      type: ReasonRef,
      nullable: true,
      resolve: ({ verdict }) => verdict.raw.expiry?.reason ?? null,
    }),
    renewalReason: t.field({
      type: ReasonRef,
      nullable: true,
      resolve: ({ verdict }) => verdict.raw.renewal?.reason ?? null,
    }),
    warnsAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ verdict: { raw } }) => (raw.dormancy?.warnAt == null ? null : new Date(raw.dormancy.warnAt)),
    }),
    holds: t.field({
      type: SaidStopRef,
      nullable: true,
      resolve: ({ verdict: { raw, effective } }) => toVerdictStop(raw.dormancy?.holdAt, effective.hold),
    }),
    expires: t.field({
      type: SaidStopRef,
      nullable: true,
      resolve: ({ verdict: { raw, effective } }) => toVerdictStop(raw.dormancy?.expireAt, effective.expire),
    }),
    dormancyReason: t.field({
      type: ReasonRef,
      nullable: true,
      resolve: ({ verdict }) => verdict.raw.dormancy?.reason ?? null,
    }),
  }),
});

const MovedByFreezeRef = builder.objectRef<NonNullable<Explanation['freeze']>>('MovedByFreeze').implement({
  description: 'How far a freeze moved the stop.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    reason: t.exposeString('reason'),
  }),
});

const WaitingStopRef = builder.objectRef<NonNullable<Explanation['waitingStop']>>('WaitingStop').implement({
  description: 'A nearer stop that waits behind a brake: the key keeps the one it has.',
  fields: (t) => ({
    brake: t.prismaField({
      type: BrakeRef,
      resolve: (query, { brakeId }, _args, { db }) => db.brake.findUniqueOrThrow({ ...query, where: { id: brakeId } }),
    }),
    to: t.expose('to', { type: 'DateTime' }),
    reason: t.field({
      type: ReasonRef,
      description: 'Why its binding wants it.',
      resolve: ({ reason }) => reason as unknown as PlainReason,
    }),
    since: t.expose('since', { type: 'DateTime' }),
  }),
});

const ExplanationRef = builder.objectRef<Explanation>('Explanation').implement({
  description:
    'Why a key stops when it does: every binding’s verdict and reason, what notice and freezes moved, what decided.',
  fields: (t) => ({
    stopsAt: t.expose('stopsAt', { type: 'DateTime', nullable: true }),
    stopsBasis: t.expose('stopsBasis', { type: StopBasisEnum, nullable: true }),
    summary: t.exposeString('summary', {
      description: 'For people: its state, its stop and why, what is announced, what waits behind a brake.',
    }),
    decidedBy: t.expose('decidedBy', {
      type: ReasonRef,
      nullable: true,
      description: 'Null: that moment was chosen for it, or nothing stops it.',
    }),
    judgedAt: t.expose('judgedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When policy was last asked of it.',
    }),
    verdicts: t.field({ type: [BindingVerdictRef], resolve: ({ verdicts }) => [...verdicts] }),
    freeze: t.expose('freeze', { type: MovedByFreezeRef, nullable: true }),
    waitingStop: t.expose('waitingStop', { type: WaitingStopRef, nullable: true }),
    movedOutAt: t.expose('movedOutAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the stop was moved out, once, as none of its notices could be delivered.',
    }),
  }),
});

builder.prismaObjectField(KeyRef, 'explanation', (t) =>
  t.field({
    type: ExplanationRef,
    description: 'Why it stops when it does.',
    select: explanationSelect,
    resolve: (key, _args, { services }) => explainKey(key, services.clock.now()),
  }),
);
