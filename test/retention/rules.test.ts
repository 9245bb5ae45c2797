import { describe, expect, test } from 'vitest';
import { invitationRule, membershipInvitationRule, sessionRule } from '../../src/accounts/retention.ts';
import { retentionRules } from '../../src/compose/table-retention.ts';
import {
  addressDayRule,
  digestRule,
  noticeMailRule,
  operationMailRule,
  subjectMailRule,
  subjectNoticeRule,
} from '../../src/mail/retention.ts';
import { deviceRule } from '../../src/accounts/devices/retention.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { dayOf, monthOf } from '../../src/domain/usage-day.ts';
import { usedTokenRule } from '../../src/issuers/retention.ts';
import { addresslessRule } from '../../src/keys/addressless-verifiers.ts';
import { operationKeyRule, operationRule, previewRule } from '../../src/operations/retention.ts';
import { quietChangeRule } from '../../src/log/quiet-changes.ts';
import { breakageRule, realmUsageRule, refusalRule, useMonthRule, useReporterRule } from '../../src/keys/retention.ts';
import { resultRule, sealedSecretRule } from '../../src/log/retention.ts';
import { shorteningCountRule } from '../../src/policies/retention.ts';
import type { RetentionRule } from '../../src/store/retention-rule.ts';
import { portalSessionRule } from '../../src/subjects/retention.ts';
import { attemptRule, endedWebhookRule, retiredSecretRule } from '../../src/webhooks/retention.ts';
import { openKeyWorld, type KeyWorld } from '../support/key-world.ts';
import { openRetention } from '../support/retention.ts';

interface RuleCase {
  readonly rule: RetentionRule;
  readonly retentionMs: number;
  /** How long after `create` the retention begins. Default: 0. */
  readonly delayMs?: number;
  /** Creates a row whose retention begins then, and rows that the rule must not remove. Returns how to count the row. */
  readonly create: (world: KeyWorld) => Promise<() => Promise<number>>;
}

const secretColumns = { sealedSecret: Buffer.of(1), sealedPrivateKey: Buffer.of(1), publicKey: 'key' };

async function createWebhook({ prisma, owner, clock }: KeyWorld, endedAt: Date | null): Promise<string> {
  const id = endedAt === null ? 'webhook_active' : 'webhook_ended';
  const at = clock.now();
  const state = endedAt === null ? 'ACTIVE' : 'ENDED';
  const reason = endedAt === null ? null : 'moved';
  const times = { createdAt: at, changedAt: at, endedAt };
  const data = { id, accountId: owner.id, url: 'https://a.example', description: '', labels: [], position: 0n };
  await prisma.webhook.create({ data: { ...data, state, reason, ...times } });
  return id;
}

async function createDigest({ prisma, owner, clock }: KeyWorld, id: string, tryAt: Date | null): Promise<void> {
  const createdAt = clock.now();
  const sentAt = tryAt === null ? createdAt : null;
  await prisma.digest.create({ data: { id, accountId: owner.id, messageId: id, createdAt, tryAt, sentAt } });
}

/** Creates a finished and a pending mail to a subject, each with a notice. */
async function createSubjectMails(world: KeyWorld): Promise<void> {
  const { prisma, clock, admin } = world;
  const at = clock.now();
  const { keyId } = await world.issue({ subject: { externalId: 'customer' } }, admin);
  const { id: subjectId } = await prisma.subject.findFirstOrThrow();
  for (const [index, id] of ['finished', 'pending'].entries()) {
    const tryAt = id === 'pending' ? at : null;
    await prisma.subjectMail.create({ data: { id, subjectId, messageId: id, createdAt: at, tryAt } });
    const notice = { keyId, stopsAt: at, thresholdMs: BigInt(index) };
    await prisma.notice.create({ data: { ...notice, givenAt: at } });
    await prisma.subjectNotice.create({ data: { ...notice, subjectId, addedAt: at, mailId: id } });
  }
}

const cases: Readonly<Record<string, RuleCase>> = {
  'a session: 30 days after its expiry': {
    rule: sessionRule,
    retentionMs: 30 * DAY_MS,
    async create({ prisma, clock, admin }) {
      const expiresAt = clock.now();
      const createdAt = addMs(expiresAt, -HOUR_MS);
      await prisma.session.create({ data: { id: 'a', accountId: admin.id, createdAt, expiresAt, endedAt: createdAt } });
      return () => prisma.session.count();
    },
  },
  'a portal session: 30 days after its expiry': {
    rule: portalSessionRule,
    retentionMs: 30 * DAY_MS,
    async create({ prisma, clock, admin }) {
      const expiresAt = clock.now();
      const createdAt = addMs(expiresAt, -HOUR_MS);
      const { id: realmId } = await prisma.realm.findFirstOrThrow();
      await prisma.subject.create({ data: { id: 'subject_a', realmId, externalId: 'a', createdAt } });
      const about = { realmId, subjectId: 'subject_a', accountId: admin.id, may: ['LIST'] };
      await prisma.portalSession.create({
        data: { id: 'a', ...about, tokenDigest: Buffer.from('a'), createdAt, expiresAt, endedAt: createdAt },
      });
      return () => prisma.portalSession.count();
    },
  },
  'an invitation: 30 days after its expiry, unless it was accepted': {
    rule: invitationRule,
    retentionMs: 30 * DAY_MS,
    async create({ prisma, clock, admin }) {
      const expiresAt = clock.now();
      const createdAt = addMs(expiresAt, -HOUR_MS);
      const row = { email: 'a@example.com', invitedById: admin.id, createdAt, expiresAt };
      await prisma.invitation.createMany({
        data: [
          { ...row, id: 'open', digest: Buffer.from('open') },
          { ...row, id: 'accepted', digest: Buffer.from('accepted'), acceptedAt: createdAt },
        ],
      });
      return async () => (await prisma.invitation.count()) - 1;
    },
  },
  'an invitation to an organization: 30 days after its expiry': {
    rule: membershipInvitationRule,
    retentionMs: 30 * DAY_MS,
    async create({ prisma, clock, admin, organization }) {
      const { id: organizationId, ann } = await organization({ ann: 'OWNER' });
      const expiresAt = clock.now();
      const createdAt = addMs(expiresAt, -HOUR_MS);
      const row = { organizationId, accountId: admin.id, role: 'MEMBER', invitedById: ann.id } as const;
      await prisma.membershipInvitation.create({ data: { ...row, id: 'open', createdAt, expiresAt } });
      return () => prisma.membershipInvitation.count();
    },
  },
  'a device: a day after its codes have expired': {
    rule: deviceRule,
    retentionMs: DAY_MS,
    async create({ prisma, clock }) {
      const expiresAt = clock.now();
      const codes = { digest: Buffer.from('device code'), userDigest: Buffer.from('user code') };
      const program = { clientId: 'keytide', name: 'laptop', address: '192.0.2.1', intervalSeconds: 5 };
      await prisma.device.create({
        data: { id: 'device_a', ...codes, ...program, createdAt: addMs(expiresAt, -HOUR_MS), expiresAt },
      });
      return () => prisma.device.count();
    },
  },
  'a count of shortened keys: a day after its minute': {
    rule: shorteningCountRule,
    retentionMs: DAY_MS,
    async create({ prisma, clock, realmId }) {
      await prisma.nearing.create({ data: { realmId, cause: 'a', minute: clock.now(), count: 1 } });
      return () => prisma.nearing.count();
    },
  },
  'a used token: an hour after it would be refused as expired': {
    rule: usedTokenRule,
    retentionMs: HOUR_MS,
    async create({ prisma, clock }) {
      const keptUntil = clock.now();
      await prisma.usedToken.create({ data: { issuer: 'https://ci.example', digest: Buffer.of(1), keptUntil } });
      return () => prisma.usedToken.count();
    },
  },
  'a quiet change: an hour after it': {
    rule: quietChangeRule,
    retentionMs: HOUR_MS,
    async create({ prisma, clock }) {
      await prisma.quietChange.create({ data: { number: 1n, keyIds: ['key_a'], recordedAt: clock.now() } });
      return () => prisma.quietChange.count();
    },
  },
  'a sealed secret: a day after the request': {
    rule: sealedSecretRule,
    retentionMs: DAY_MS,
    async create({ prisma, issue }) {
      await issue({ idempotencyKey: 'one' });
      return () => prisma.idempotencyRecord.count({ where: { sealed: { not: null } } });
    },
  },
  'a result: 30 days after the request': {
    rule: resultRule,
    retentionMs: 30 * DAY_MS,
    async create({ prisma, issue }) {
      await issue({ idempotencyKey: 'one' });
      return () => prisma.idempotencyRecord.count();
    },
  },
  'an attempt: after 30 days': {
    rule: attemptRule,
    retentionMs: 30 * DAY_MS,
    async create(world) {
      const at = world.clock.now();
      const webhookId = await createWebhook(world, null);
      await world.prisma.webhookAttempt.create({ data: { id: 'a', webhookId, position: 1n, at, durationMs: 1 } });
      return () => world.prisma.webhookAttempt.count();
    },
  },
  'a webhook and its attempts: 30 days after its end': {
    rule: endedWebhookRule,
    retentionMs: 30 * DAY_MS,
    async create(world) {
      const at = world.clock.now();
      await createWebhook(world, null);
      const webhookId = await createWebhook(world, at);
      const attempt = { id: 'a', webhookId, position: 1n, at: addMs(at, 1_000), durationMs: 1 };
      await world.prisma.webhookAttempt.create({ data: attempt });
      return async () => (await world.prisma.webhook.count()) - 1;
    },
  },
  'a rotated webhook secret: at the end of its grace period': {
    rule: retiredSecretRule,
    retentionMs: 0,
    delayMs: HOUR_MS,
    async create(world) {
      const createdAt = world.clock.now();
      const webhookId = await createWebhook(world, null);
      const row = { webhookId, createdAt, ...secretColumns };
      await world.prisma.webhookSecret.createMany({
        data: [
          { ...row, generation: 1, retiresAt: addMs(createdAt, HOUR_MS) },
          { ...row, generation: 2 },
        ],
      });
      return async () => (await world.prisma.webhookSecret.count()) - 1;
    },
  },
  'the mail of a notice: 30 days after its finished digest was created': {
    rule: noticeMailRule,
    retentionMs: 30 * DAY_MS,
    async create(world) {
      const { prisma, clock, admin, owner, heir } = world;
      const at = clock.now();
      const { keyId } = await world.issue();
      await createDigest(world, 'finished', null);
      await createDigest(world, 'pending', at);
      const notice = { keyId, stopsAt: at, thresholdMs: BigInt(DAY_MS) };
      await prisma.notice.create({ data: { ...notice, givenAt: at } });
      const mail = { ...notice, ownerId: owner.id, rung: 0, addedAt: at };
      await prisma.noticeMail.createMany({
        data: [
          { ...mail, accountId: owner.id, digestId: 'finished' },
          { ...mail, accountId: admin.id, digestId: 'pending' },
          { ...mail, accountId: heir.id },
        ],
      });
      return async () => (await prisma.noticeMail.count()) - 2;
    },
  },
  'the mail of an operation: 30 days after its finished digest was created': {
    rule: operationMailRule,
    retentionMs: 30 * DAY_MS,
    async create(world) {
      const { prisma, clock, admin, owner, heir, realmId } = world;
      const at = clock.now();
      await createDigest(world, 'finished', null);
      await createDigest(world, 'pending', at);
      const operation = {
        id: 'operation',
        realmId,
        kind: 'HOLD',
        change: {},
        filter: {},
        state: 'DONE',
        reason: 'r',
      } as const;
      const started = {
        accountId: admin.id,
        accountName: 'admin',
        actingId: admin.id,
        startedAt: at,
        endedAt: at,
        total: 1,
      };
      await prisma.operation.create({ data: { ...operation, ...started } });
      const mail = { operationId: 'operation', ownerIds: [owner.id], addedAt: at };
      await prisma.operationMail.createMany({
        data: [
          { ...mail, accountId: owner.id, digestId: 'finished' },
          { ...mail, accountId: admin.id, digestId: 'pending' },
          { ...mail, accountId: heir.id },
        ],
      });
      return async () => (await prisma.operationMail.count()) - 2;
    },
  },
  'a digest: 30 days after its creation, unless it is pending or has a delivered leak': {
    rule: digestRule,
    retentionMs: 30 * DAY_MS,
    async create(world) {
      const { prisma, clock, owner, admin } = world;
      const at = clock.now();
      const { keyId } = await world.issue();
      for (const id of ['finished', 'leak']) await createDigest(world, id, null);
      await createDigest(world, 'pending', at);
      const { id: secretId } = await prisma.secret.findFirstOrThrow({ where: { keyId } });
      const leak = { secretId, ownerId: owner.id, reportedBy: 'github', reportedAt: at, outcome: 'HELD' } as const;
      await prisma.leak.create({ data: leak });
      await prisma.leakMail.createMany({
        data: [
          { secretId, accountId: owner.id, addedAt: at, digestId: 'leak' },
          { secretId, accountId: admin.id, addedAt: at, digestId: 'finished', failedAt: at },
        ],
      });
      return async () => {
        const ids = (await prisma.digest.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id);
        expect(ids.filter((id) => id !== 'finished')).toEqual(['leak', 'pending']);
        return ids.length - 2;
      };
    },
  },
  'a notice to a subject: 30 days after its finished mail was created': {
    rule: subjectNoticeRule,
    retentionMs: 30 * DAY_MS,
    async create(world) {
      const { prisma } = world;
      await createSubjectMails(world);
      return async () => (await prisma.subjectNotice.count()) - 1;
    },
  },
  'a mail to a subject: 30 days after its creation, unless it is pending or has a notice': {
    rule: subjectMailRule,
    retentionMs: 30 * DAY_MS,
    async create(world) {
      const { prisma } = world;
      await createSubjectMails(world);
      await prisma.subjectNotice.deleteMany({ where: { mailId: 'finished' } });
      return async () => (await prisma.subjectMail.count()) - 1;
    },
  },
  'the mails of an address on a day: 2 days after it': {
    rule: addressDayRule,
    retentionMs: 2 * DAY_MS,
    delayMs: DAY_MS,
    async create(world) {
      toStartOf('day', world);
      const day = dayOf(world.clock.now().getTime());
      await world.prisma.addressDay.create({ data: { digest: Buffer.of(1), day, count: 1 } });
      return () => world.prisma.addressDay.count();
    },
  },
  'the counts of a key’s uses: 400 days after the end of the month': {
    rule: useMonthRule,
    retentionMs: 400 * DAY_MS,
    delayMs: 31 * DAY_MS,
    async create(world) {
      toStartOf('month', world);
      const month = monthOf(dayOf(world.clock.now().getTime()));
      const row = { keyId: 'key_1', counts: [1n] };
      await world.prisma.useMonth.createMany({
        data: [
          { ...row, month },
          { ...row, month: month + 2 },
        ],
      });
      return async () => (await world.prisma.useMonth.count()) - 1;
    },
  },
  'a refusal: 400 days after the end of its day': {
    rule: refusalRule,
    retentionMs: 400 * DAY_MS,
    delayMs: DAY_MS,
    async create(world) {
      toStartOf('day', world);
      const day = dayOf(world.clock.now().getTime());
      const times = { firstAt: world.clock.now(), lastAt: world.clock.now() };
      const row = { keyId: 'key_1', outcome: 'KEY_HELD', generation: 1, heldByPolicy: false, consumer: '', count: 1n };
      const rows = [day, day + 2].map((of) => ({ ...row, ...times, day: of }));
      await world.prisma.refusal.createMany({ data: rows });
      return async () => (await world.prisma.refusal.count()) - 1;
    },
  },
  'a breakage: 400 days after the end of its day': {
    rule: breakageRule,
    retentionMs: 400 * DAY_MS,
    delayMs: DAY_MS,
    async create(world) {
      const { keyId } = await world.issue();
      toStartOf('day', world);
      const at = world.clock.now();
      const day = dayOf(at.getTime());
      const row = { keyId, realmId: world.realmId, ownerId: world.owner.id, outcome: 'KEY_EXPIRED', generation: 1 };
      const rows = [day, day + 2].map((of) => ({ ...row, id: `breakage_${of}`, consumer: 'ci', day: of }));
      await world.prisma.breakage.createMany({
        data: rows.map((data) => ({ ...data, at, firstUsedAt: at, lastUsedAt: at })),
      });
      return async () => (await world.prisma.breakage.count()) - 1;
    },
  },
  'a process that reports uses: 7 days after its last report': {
    rule: useReporterRule,
    retentionMs: 7 * DAY_MS,
    async create({ prisma, clock }) {
      const row = { keyId: 'key_1', reporter: 'a', watermark: 1n, completeTo: 1n, reportedAt: clock.now() };
      await prisma.useReporter.create({ data: row });
      return () => prisma.useReporter.count();
    },
  },
  'the counts of a realm: 400 days after the end of the day': {
    rule: realmUsageRule,
    retentionMs: 400 * DAY_MS,
    delayMs: DAY_MS,
    async create(world) {
      toStartOf('day', world);
      const day = dayOf(world.clock.now().getTime());
      const row = { realmId: world.realmId, outcome: 'VALID', count: 1n };
      await world.prisma.realmUsage.createMany({ data: [day, day + 2].map((of) => ({ ...row, day: of })) });
      return async () => (await world.prisma.realmUsage.count()) - 1;
    },
  },
  'a verifier that sends no addresses: 30 days after the last time': {
    rule: addresslessRule,
    retentionMs: 30 * DAY_MS,
    async create({ prisma, clock, realmId }) {
      await prisma.addresslessVerifier.create({ data: { realmId, verifierId: 'key_1', at: clock.now() } });
      return () => prisma.addresslessVerifier.count();
    },
  },
  'the dry run of a change of many keys: a day after its confirmation has expired': {
    rule: previewRule,
    retentionMs: DAY_MS,
    async create({ prisma, clock, owner }) {
      const times = { createdAt: clock.now(), expiresAt: clock.now() };
      const digests = { digest: Buffer.of(1), inputDigest: Buffer.of(2) };
      await prisma.changePreview.create({ data: { id: 'preview_1', accountId: owner.id, ...digests, ...times } });
      return () => prisma.changePreview.count();
    },
  },
  'the keys of an operation: 400 days after its end': {
    rule: operationKeyRule,
    retentionMs: 400 * DAY_MS,
    async create(world) {
      const { keyId } = await world.issue();
      for (const endedAt of [world.clock.now(), null]) {
        const operationId = await createOperation(world, endedAt);
        await world.prisma.operationKey.create({ data: { operationId, keyId } });
      }
      return () => world.prisma.operationKey.count({ where: { operationId: 'operation_ended' } });
    },
  },
  'an operation: 400 days after its end': {
    rule: operationRule,
    retentionMs: 400 * DAY_MS,
    async create(world) {
      for (const endedAt of [world.clock.now(), null]) await createOperation(world, endedAt);
      return () => world.prisma.operation.count({ where: { id: 'operation_ended' } });
    },
  },
};

async function createOperation({ prisma, clock, owner, realmId }: KeyWorld, endedAt: Date | null): Promise<string> {
  const id = endedAt === null ? 'operation_open' : 'operation_ended';
  const state = endedAt === null ? 'RUNNING' : 'DONE';
  const account = { accountId: owner.id, accountName: 'Pia', actingId: owner.id };
  const change = { kind: 'HOLD', change: {}, filter: {}, reason: 'an incident', total: 1 };
  await prisma.operation.create({
    data: { id, realmId, state, endedAt, startedAt: clock.now(), ...account, ...change },
  });
  return id;
}

/** Lets time pass until a day begins, or a month of 31 days (UTC). */
function toStartOf(what: 'day' | 'month', { clock }: KeyWorld): void {
  const now = clock.now();
  const next = new Date(Math.ceil(now.getTime() / DAY_MS) * DAY_MS);
  while (what === 'month' && (next.getUTCDate() !== 1 || ![0, 2, 4, 6, 7, 9, 11].includes(next.getUTCMonth()))) {
    next.setUTCDate(next.getUTCDate() + 1);
  }
  clock.advance(next.getTime() - now.getTime());
}

describe('retention: a row stays to the last millisecond of its retention and goes at its end', () => {
  test.each(Object.entries(cases))('%s', async (_name, { rule, retentionMs, delayMs = 0, create }) => {
    const world = await openKeyWorld();
    const job = await openRetention(world);
    const count = await create(world);
    expect(rule.retentionMs).toBe(retentionMs);
    world.clock.advance(delayMs + retentionMs - 1);
    await job.deleteExpired();
    expect(await count()).toBe(1);
    world.clock.advance(1);
    await job.deleteExpired();
    expect(await count()).toBe(0);
  });
});

test('retention: each rule is tested at its end', () => {
  expect(new Set(Object.values(cases).map(({ rule }) => rule))).toEqual(new Set(retentionRules));
});
