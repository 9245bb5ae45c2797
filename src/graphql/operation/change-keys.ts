import type { Caller } from '../../domain/caller.ts';
import { kindOf } from '../../domain/id.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import {
  countByOwner,
  countPreviewedKeys,
  listPreviewedIds,
  type OwnerCount,
} from '../../operations/previewed-keys.ts';
import { changeKeys, OPERATION_KEYS_MAX } from '../../operations/change-keys.ts';
import type { ChangeKeysInput } from '../../operations/change-request.ts';
import type { KeyChangeKind, StoredFilter } from '../../operations/stored-operation.ts';
import { builder } from '../builder.ts';
import type { Context, Services } from '../context.ts';
import { relayDescriptions } from '../default-descriptions.ts';
import { describeValues } from '../describe-values.ts';
import { filterKeys, KeyFilterRef, LabelInputRef, type KeyFilter } from '../key/key-filter.ts';
import { KeyConnectionRef } from '../key/key-queries.ts';
import { PAGE_DEFAULT } from '../keyset.ts';
import { mutation } from '../mutation.ts';
import { OwnerRef } from '../owner.ts';
import { OperationRef } from './operation.ts';
import { checkPageSize, pageOf } from './page-of-keys.ts';

const changeDescriptions: Readonly<Record<KeyChangeKind, string>> = {
  HOLD: 'Suspends each key, like holdKey. Each operation places holds of its own. It can be undone.',
  RESUME: 'Lifts the holds that the caller may lift, like resumeKey.',
  REVOKE: 'Ends each key for good, like revokeKey.',
  RENEW:
    'Moves the expiry of each key later, like renewKey. Keys whose secret the renewal would replace fail, because no caller could be shown the new secret.',
  ASK_ROTATION:
    'Asks the holder of each key to replace its secret: the renewal information is ROTATE, due now, until the secret is replaced. Nothing stops.',
  LABEL: 'Adds, changes and removes labels, like updateKey. It can be undone.',
  TRANSFER: 'Gives each key to another owner, like transferKey.',
};

const KeyChangeEnum = builder.enumType('KeyChange', {
  description: 'What a change of many keys does to each key.',
  values: describeValues(changeDescriptions),
});

const ChangedOwnerRef = builder.objectRef<OwnerCount>('ChangedOwner').implement({
  description: 'How many keys of one owner a change of many keys is about.',
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      description: 'The account, organization or subject that owns the keys.',
      resolve: ({ ownerId }, _args, { db }) => {
        const where = { id: ownerId };
        if (kindOf(ownerId) === 'subject') return db.subject.findUniqueOrThrow({ where });
        if (kindOf(ownerId) === 'organization') return db.organization.findUniqueOrThrow({ where });
        return db.account.findUniqueOrThrow({ where });
      },
    }),
    keyCount: t.exposeInt('keyCount', { description: 'How many of the keys the owner has.' }),
  }),
});

mutation('changeKeys', {
  description: `Changes many keys. First send it with dryRun: true: nothing changes, and the result has the number of keys, their owners and a confirmation. Then send the same change with that confirmation: it starts an operation on exactly the keys of the dry run, which runs in batches. Administrators may change the keys of a realm; an OWNER or ADMIN of an organization those of the organization, with filter.owner. Only signed-in persons. At most ${OPERATION_KEYS_MAX.toLocaleString('en')} keys.`,
  input: {
    description: 'Which keys to change, how, and why.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The slug of the realm of the keys.' }),
      filter: t.field({
        type: KeyFilterRef,
        required: true,
        description:
          'Which keys to change. Keys that were revoked are never chosen; HOLD, LABEL, ASK_ROTATION and RESUME also leave out expired keys, and RESUME keys without a hold.',
      }),
      change: t.field({ type: KeyChangeEnum, required: true, description: 'What to do to each key.' }),
      labels: t.field({ type: [LabelInputRef], description: 'LABEL: labels to add or to change by name.' }),
      removeLabels: t.stringList({ description: 'LABEL: names of labels to remove.' }),
      owner: t.id({ description: 'TRANSFER: the account or organization that gets the keys.' }),
      lifetime: t.field({
        type: 'Duration',
        description: 'RENEW: how long the keys live, counted from now. Default: the lifetime that each was last given.',
      }),
      gracePeriod: t.field({
        type: 'Duration',
        description:
          'ASK_ROTATION: how long the old secret works if the program that rotates names no grace period, PT1M to P30D. Default: a day.',
      }),
      reason: t.string({ required: true }),
      all: t.boolean({
        description:
          'True: the confirmed change may apply to all keys of the realm. Required if the filter is empty or leaves out none of them.',
      }),
      dryRun: t.boolean({ description: 'True: only finds the keys, and returns the confirmation for them.' }),
      confirmation: t.string({
        description:
          'The confirmation of a dry run of the same change by the same person, at most 15 minutes old. It can be used once.',
      }),
    }),
  },
  outlivesSession: ({ change, dryRun }) => change === 'REVOKE' && dryRun !== true,
  useCase: changeFilteredKeys,
  toInput: (input): ChangeKeysInput => ({
    realm: input.realm,
    filter: input.filter as StoredFilter,
    kind: input.change,
    values: {
      labels: input.labels ?? null,
      removeLabels: input.removeLabels ?? null,
      owner: input.owner ?? null,
      lifetimeMs: input.lifetime ?? null,
      gracePeriodMs: input.gracePeriod ?? null,
    },
    reason: input.reason,
    all: input.all ?? false,
    dryRun: input.dryRun ?? false,
    confirmation: input.confirmation == null ? null : new Sensitive(input.confirmation),
  }),
  failures: ['RealmNotFound', 'ConfirmationNotValid'],
  success: {
    description: 'The keys of the dry run, or the operation that was started on them.',
    fields: (t) => ({
      matchedCount: t.int({
        description: 'How many keys the dry run found.',
        resolve: ({ previewId }, _args, { services }) => countPreviewedKeys(services.prisma, previewId),
      }),
      byOwner: t.field({
        type: [ChangedOwnerRef],
        description: 'The owners of these keys, those with the most keys first: at most 100.',
        resolve: ({ previewId }, _args, { services }) => countByOwner(services.prisma, previewId),
      }),
      keys: t.field({
        type: KeyConnectionRef,
        description: 'The keys that the dry run found, in the order of their ids, which is the order of their issue.',
        args: {
          first: t.arg.int(relayDescriptions.firstArgOptions),
          after: t.arg.string(relayDescriptions.afterArgOptions),
        },
        resolve: ({ previewId }, { first, after }, context) =>
          listPreviewedKeys(context, previewId, first ?? PAGE_DEFAULT, after ?? null),
      }),
      confirmation: t.string({
        nullable: true,
        description:
          'Send it with the same change within 15 minutes to start the operation. Null: this is not a dry run, or a repeated request whose confirmation was used.',
        resolve: ({ delivery }) => delivery?.text?.reveal() ?? null,
      }),
      confirmationExpiresAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When the confirmation expires. Null: this is not a dry run.',
        resolve: ({ expiresAt }) => expiresAt ?? null,
      }),
      operation: t.prismaField({
        type: OperationRef,
        nullable: true,
        description: 'The operation that was started or proposed. Null: this is a dry run.',
        resolve: (query, { operationId }, _args, { services }) =>
          operationId === undefined
            ? null
            : services.prisma.operation.findUnique({ ...query, where: { id: operationId } }),
      }),
    }),
  },
});

function changeFilteredKeys(services: Services, caller: Caller, input: ChangeKeysInput & IdempotentInput) {
  const core = { ...services, filterKeys: (filter: object, now: Date) => filterKeys(filter as KeyFilter, now) };
  return changeKeys(core, caller, input);
}

async function listPreviewedKeys(
  { services, caller }: Context,
  previewId: string,
  first: number,
  after: string | null,
) {
  const size = checkPageSize(first);
  const ids = await listPreviewedIds(services.prisma, previewId, { after, limit: size + 1 });
  const where = { AND: [{ id: { in: ids.slice(0, size) } }, visibleKeys(caller)] };
  const rows = await services.prisma.key.findMany({ where, orderBy: { id: 'asc' } });
  // A key that was transferred since is left out. Whether more follow depends on the keys of the dry run alone.
  const { pageInfo } = pageOf(ids, size, after, (id) => id);
  return { ...pageOf(rows, size, after, ({ id }) => id), pageInfo };
}
