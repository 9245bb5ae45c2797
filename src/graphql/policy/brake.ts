import { queryFromInfo } from '@pothos/plugin-prisma';
import { releaseBrake, cancelBrake, type BrakeEnd } from '../../brakes/end-brake.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { seesPolicies, visiblePolicyFilter } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { KeyConnectionRef } from '../key/key-queries.ts';
import { createKeyset } from '../keyset.ts';
import { mutation, type SuccessFields } from '../mutation.ts';
import { RealmRef } from '../realm/realm.ts';
import { BindingRef } from './binding.ts';

const BrakeStateEnum = builder.enumType('BrakeState', {
  description: 'What has become of a brake.',
  values: describeValues({
    ENGAGED: 'The brake holds back earlier stops until an administrator decides.',
    RELEASED: 'An administrator let all waiting stops through.',
    CANCELLED: 'An administrator dropped the waiting stops.',
  }),
});

export const BrakeRef = builder.prismaNode('Brake', {
  id: { field: 'id' },
  nullable: true,
  description:
    'The limit on how many keys one change of policy may shorten within an hour. The keys beyond the limit keep their stops until an administrator releases or cancels the brake.',
  findUnique: (id, { caller }) => ({ id, ...visiblePolicyFilter(caller) }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef, description: 'The realm whose keys are protected.' }),
    binding: t.relation('binding', { type: BindingRef, description: 'The binding that would shorten too many keys.' }),
    revision: t.exposeInt('revision', { description: 'The revision of the binding that engaged the brake.' }),
    state: t.expose('state', { type: BrakeStateEnum, description: 'Whether the brake still holds back stops.' }),
    engagedAt: t.expose('engagedAt', { type: 'DateTime', description: 'When the brake engaged.' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the brake was released or cancelled. Null: the brake is engaged.',
    }),
    waitingCount: t.relationCount('waiting', {
      description: 'How many keys have an earlier stop that this brake holds back.',
    }),
    waiting: t.field({
      type: KeyConnectionRef,
      description:
        'The keys with an earlier stop that this brake holds back, newest key first. Keys that the caller may not see are left out.',
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
    description: 'The engaged brakes, oldest first. None for keys with the scope keytide:manage.',
    select: { brakes: { where: { state: 'ENGAGED' }, orderBy: [{ engagedAt: 'asc' }, { id: 'asc' }] } },
    resolve: ({ brakes }, _args, { caller }) => (seesPolicies(caller) ? brakes : []),
  }),
);

mutation('releaseBrake', {
  description:
    'Applies the stops that a brake holds back, up to a number of keys. Those keys are reviewed at once. Administrators only.',
  input: {
    description: 'Which brake to release, and for how many keys.',
    fields: (t) => ({
      brakeId: t.id({ required: true, description: 'The engaged brake.' }),
      upTo: t.int({
        description:
          'For how many keys the waiting stop is applied, at least 1. The keys that have waited longest come first. Default: all waiting keys.',
      }),
      reason: t.string(),
    }),
  },
  useCase: releaseBrake,
  toInput: ({ brakeId, upTo, reason }) => ({ brakeId, upTo: upTo ?? null, reason: reason ?? null }),
  failures: ['BrakeNotFound'],
  success: {
    description: 'The stops were released. The brake stays ENGAGED while other keys wait.',
    fields: brakeFields,
  },
});

mutation('cancelBrake', {
  description:
    'Drops the stops that a brake holds back, and sets the binding to SHADOW if the revision that engaged the brake is still in force. Administrators only.',
  input: {
    description: 'Which brake to cancel.',
    fields: (t) => ({
      brakeId: t.id({ required: true, description: 'The engaged brake.' }),
      reason: t.string(),
    }),
  },
  useCase: cancelBrake,
  toInput: ({ brakeId, reason }) => ({ brakeId, reason: reason ?? null }),
  failures: ['BrakeNotFound', 'BindingBusy'],
  success: { description: 'The waiting stops were dropped.', fields: brakeFields },
});

/** Builds the fields of a mutation that changes a brake: the brake after the change. */
function brakeFields(t: SuccessFields<BrakeEnd>) {
  return {
    brake: t.prismaField({
      type: BrakeRef,
      description: 'The brake after the change.',
      resolve: (query, { brakeId }, _args, { services }) =>
        services.prisma.brake.findUniqueOrThrow({ ...query, where: { id: brakeId } }),
    }),
  };
}
