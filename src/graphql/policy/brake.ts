import { queryFromInfo } from '@pothos/plugin-prisma';
import { releaseBrake, cancelBrake, type BrakeEnd } from '../../bindings/end-brake.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { visibleRealmFilter } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { KeyConnectionRef } from '../key/key-queries.ts';
import { createKeyset } from '../keyset.ts';
import { RealmRef } from '../realm/realm.ts';
import { BindingRef } from './binding.ts';

const BrakeStateEnum = builder.enumType('BrakeState', {
  description: 'ENGAGED holds back; RELEASED has let through what waited; CANCELLED has dropped it.',
  values: ['ENGAGED', 'RELEASED', 'CANCELLED'] as const,
});

export const BrakeRef = builder.prismaNode('Brake', {
  id: { field: 'id' },
  nullable: true,
  description: 'What refused to let one cause bring the stops of too many keys nearer: they keep their old ones.',
  findUnique: (id, { caller }) => ({ id, ...visibleRealmFilter(caller) }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef }),
    binding: t.relation('binding', { type: BindingRef, description: 'The cause.' }),
    revision: t.exposeInt('revision', { description: 'The revision of the binding that was the cause.' }),
    state: t.expose('state', { type: BrakeStateEnum }),
    engagedAt: t.expose('engagedAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    waitingCount: t.relationCount('waiting', { description: 'How many keys wait behind it.' }),
    waiting: t.field({
      type: KeyConnectionRef,
      description: 'The keys that wait behind it, as far as the caller may see them, newest first.',
      args: t.arg.connectionArgs(),
      select: { id: true },
      resolve: async ({ id }, args, context, info) => {
        const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'DESC' });
        const rows = await context.db.key.findMany({
          ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
          ...rest,
          where: { AND: [visibleKeys(context.caller), { waitingStop: { brakeId: id } }, ...where] },
        });
        return connection(rows);
      },
    }),
  }),
});

builder.prismaObjectField(RealmRef, 'brakes', (t) =>
  t.field({
    type: [BrakeRef],
    description: 'The brakes that are engaged.',
    select: { brakes: { where: { state: 'ENGAGED' }, orderBy: [{ engagedAt: 'asc' }, { id: 'asc' }] } },
    resolve: ({ brakes }) => brakes,
  }),
);

const ReleaseBrakeInputRef = builder.inputType('ReleaseBrakeInput', {
  fields: (t) => ({
    brakeId: t.id({ required: true }),
    upTo: t.int({ description: 'How many of the refused writes are let through; left out: as many as wait.' }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

const CancelBrakeInputRef = builder.inputType('CancelBrakeInput', {
  fields: (t) => ({ brakeId: t.id({ required: true }), reason: t.string(), idempotencyKey: t.string() }),
});

function defineBrakeSuccess(mutation: string) {
  const ref = builder.objectRef<BrakeEnd>(`${mutation}Success`).implement({ description: 'The brake, as it is now.' });
  builder.objectField(ref, 'brake', (t) =>
    t.prismaField({
      type: BrakeRef,
      resolve: (query, { brakeId }, _args, { services }) =>
        services.prisma.brake.findUniqueOrThrow({ ...query, where: { id: brakeId } }),
    }),
  );
  return ref;
}

const ReleaseBrakeResult = resultType('ReleaseBrake', defineBrakeSuccess('ReleaseBrake'), [
  'BrakeNotFound',
  'IdempotencyConflict',
]);
const CancelBrakeResult = resultType('CancelBrake', defineBrakeSuccess('CancelBrake'), [
  'BrakeNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('releaseBrake', (t) =>
  t.field({
    type: ReleaseBrakeResult,
    description: 'Lets through what a brake refused, up to a number. For administrators.',
    args: { input: t.arg({ type: ReleaseBrakeInputRef, required: true }) },
    resolve: (_root, { input: { brakeId, upTo, reason, idempotencyKey } }, { services, caller }) =>
      releaseBrake(services, caller, {
        brakeId,
        upTo: upTo ?? null,
        reason: reason ?? null,
        ...checkIdempotencyKey(idempotencyKey),
      }),
  }),
);

builder.mutationField('cancelBrake', (t) =>
  t.field({
    type: CancelBrakeResult,
    description:
      'Drops what a brake refused, and sets its cause to SHADOW if that is still in force. For administrators.',
    args: { input: t.arg({ type: CancelBrakeInputRef, required: true }) },
    resolve: (_root, { input: { brakeId, reason, idempotencyKey } }, { services, caller }) =>
      cancelBrake(services, caller, { brakeId, reason: reason ?? null, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
