import { isFailure } from '../../domain/failure.ts';
import { readIssueBounds, type IssueBounds } from '../../keys/issue-bounds.ts';
import { builder } from '../builder.ts';
import { RenewalModeEnum, StopBasisEnum } from '../enums.ts';
import { WindowRef } from './renewal-info.ts';

const FirstRenewalRef = builder.objectRef<IssueBounds['renewal']>('FirstRenewal').implement({
  description: 'How a key that is issued now will be renewed.',
  fields: (t) => ({
    allowed: t.exposeBoolean('isAllowed', { description: 'Whether policies allow its renewal.' }),
    mode: t.expose('mode', {
      type: RenewalModeEnum,
      description: 'ROTATE: policy requires that a renewal replaces the secret. EXTEND: the secret may stay.',
    }),
    window: t.expose('window', {
      type: WindowRef,
      nullable: true,
      description: 'When the first renewal is best done. Null: no time is advised.',
    }),
    longest: t.field({
      type: 'Duration',
      description: 'The longest lifetime that a renewal gives, counted from the renewal.',
      resolve: ({ longestMs }) => longestMs,
    }),
    reason: t.exposeString('reason', { description: 'For people: what is advised and why.' }),
  }),
});

const IssueBoundsRef = builder.objectRef<IssueBounds>('IssueBounds').implement({
  description:
    'Between which moments a new key may expire, and what becomes of one for which no expiry is requested. Policies that select by labels may decide otherwise about a key with labels.',
  fields: (t) => ({
    earliest: t.expose('earliest', { type: 'DateTime', description: 'The earliest expiry that may be requested.' }),
    latest: t.expose('latest', { type: 'DateTime', description: 'The latest expiry that may be requested.' }),
    earliestReason: t.exposeString('earliestReason', {
      description: 'What sets the earliest expiry, for people: the realm, a policy or the calling key.',
    }),
    latestReason: t.exposeString('latestReason', {
      description: 'What sets the latest expiry, for people: the realm, a policy or the calling key.',
    }),
    defaultExpiresAt: t.expose('defaultExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The expiry of a key for which none is requested. Null: such a key has no expiry of its own.',
    }),
    stopsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When a key for which no expiry is requested will stop, if it is never used. Null: nothing stops it.',
      resolve: ({ stop }) => stop.stopsAt,
    }),
    stopsBasis: t.field({
      type: StopBasisEnum,
      nullable: true,
      description: 'Whether time alone decides stopsAt, or a use moves it. Null if stopsAt is null.',
      resolve: ({ stop }) => stop.stopsBasis,
    }),
    stopReason: t.exposeString('stopReason', {
      nullable: true,
      description: 'Why such a key stops then, for people. Null: its default expiry stops it, or nothing does.',
    }),
    renewal: t.field({
      type: FirstRenewalRef,
      description: 'How such a key will be renewed.',
      resolve: ({ renewal }) => renewal,
    }),
  }),
});

builder.queryField('issueBounds', (t) =>
  t.field({
    type: IssueBoundsRef,
    nullable: true,
    description:
      'Between which moments a new key may expire: issueKey refuses any other expiry with ExpiryOutOfBounds. Null if the caller may issue no key for the owner in the realm.',
    args: {
      realm: t.arg.string({ required: true, description: 'Slug of the realm of the key.' }),
      owner: t.arg.id({
        description:
          'Id of the account, organization or subject that would own the key. Default: the caller, or the owner of the calling key.',
      }),
      notBefore: t.arg({
        type: 'DateTime',
        description: 'From when on the key would be valid; at most 365 days ahead. Default: from now on.',
      }),
    },
    resolve: async (_root, { realm, owner, notBefore }, { services, caller }) => {
      const bounds = await readIssueBounds(services, caller, {
        realm,
        owner: owner ?? null,
        notBefore: notBefore ?? null,
      });
      return isFailure(bounds) ? null : bounds;
    },
  }),
);
