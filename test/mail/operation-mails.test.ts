import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { assignOperationRecipients } from '../../src/mail/assign-operation-recipients.ts';
import { createDigests } from '../../src/mail/create-digests.ts';
import { openMailServer } from '../support/mail-server.ts';
import { SENDER } from '../support/mail-world.ts';
import { openOperationTown } from '../support/operation-town.ts';

const SET_MEMBER = `mutation ($input: SetMemberInput!) { setMember(input: $input) { __typename } }`;

const RENAME = `mutation ($input: UpdateKeyInput!) { updateKey(input: $input) { __typename } }`;

const GROUP = [{ name: 'group', value: 'leaked' }];

/** A town that mails when the test says so, and whose operations run then. */
async function openMailTown() {
  const server = await openMailServer();
  const mail = { smtpUrl: new Sensitive(server.url), sender: SENDER, pagesUrl: 'https://keytide.test' };
  const town = await openOperationTown({ mail, isClockTrusted: () => false });
  const { gateway } = town;
  const mailer = gateway.node.mailer!;
  return {
    ...town,
    server,
    /** Runs all operations, and mails after the time in which mails wait for others. */
    async runAndMail() {
      await town.runAll();
      await mailer.sendDue();
      gateway.clock.advance(6 * MINUTE_MS);
      await mailer.sendDue();
    },
    async mailAfter(ms: number) {
      gateway.clock.advance(ms);
      await mailer.sendDue();
    },
    mailsTo: (name: string) =>
      server.received
        .filter(({ recipients }) => recipients.includes(`${name}@example.com`))
        .map(({ parsed }) => parsed),
  };
}

test('operation mail: an owner gets one mail for all keys that an operation changed, with who, why and what to do', async () => {
  const town = await openMailTown();
  const { admin, acme, ann, olga, server, gateway } = town;
  await town.join(acme, olga, 'OWNER');
  const ofAcme = await town.makeKeys(23, { labels: GROUP });
  await town.makeKeys(1, {
    organizationId: null,
    accountId: olga.id,
    name: '<b>mine</b>',
    labels: GROUP,
  });
  await town.issue(ann.token, { owner: acme, name: 'not changed' });
  const reason = 'Their secrets were in a public log.';
  const input = { filter: { labels: GROUP }, change: 'HOLD', reason };
  const { id } = await town.start(admin, input);
  // Not while it runs, and not before the mails of a few minutes are collected.
  await town.runAll();
  // Two nodes share the work.
  const assign = () => assignOperationRecipients(gateway.services);
  expect((await Promise.all([assign(), assign()])).toSorted()).toEqual([0, 1]);
  await town.mailAfter(0);
  expect(server.received).toEqual([]);
  await town.mailAfter(6 * MINUTE_MS);
  for (let day = 0; day < 3; day += 1) await town.mailAfter(DAY_MS);

  expect(server.received.flatMap(({ recipients }) => recipients).toSorted()).toEqual([
    'ann@example.com',
    'olga@example.com',
  ]);
  const [toAnn] = town.mailsTo('ann');
  expect(toAnn?.subject).toMatch(/^23 API keys were held on \d+ \w+ \d{4}$/);
  const actor = (await gateway.prisma.account.findUniqueOrThrow({ where: { id: admin.id } })).name;
  const text = toAnn?.text ?? '';
  for (const part of [
    'They do not work until a person resumes them.',
    `Changed by ${actor}, on `,
    `Why: ${reason}`,
    `What to do: ask ${actor} when this ends, or issue other keys.`,
    'and 3 more keys',
    'https://keytide.test/unsubscribe?token=',
  ])
    expect(text).toContain(part);
  expect(text.match(/^ +- release \(kt_\w*…\)$/gm)).toHaveLength(20);
  expect(text).not.toContain('not changed');
  for (const keyId of ofAcme.toSorted().slice(0, 20)) expect(String(toAnn?.html)).toContain(keyId);
  // Who owns keys in two ways gets one mail for all of them.
  const [toOlga, ...more] = town.mailsTo('olga');
  expect(more).toEqual([]);
  expect(toOlga?.subject).toMatch(/^24 API keys were held on /);
  expect(String(toOlga?.html)).not.toContain('<b>mine</b>');
  const rows = await gateway.prisma.operationMail.findMany({ where: { operationId: id } });
  expect(rows.map(({ accountId, ownerIds }) => [accountId, ownerIds.toSorted()]).toSorted()).toEqual(
    [
      [ann.id, [acme]],
      [olga.id, [acme, olga.id].toSorted()],
    ].toSorted(),
  );
});

test('operation mail: who made or approved the change gets none, and what was undone, relabeled or renewed is not mailed', async () => {
  const town = await openMailTown();
  const { ann, acme, server } = town;
  await town.makeKeys(3);
  const filter = { owner: acme };
  await town.start(ann, { filter, change: 'HOLD' });
  await town.runAndMail();
  expect(server.received).toEqual([]);

  const adam = town.adam;
  const undone = await town.start(adam, { filter, change: 'ASK_ROTATION' });
  await town.runAll();
  await town.act('undoOperation', adam, undone.id);
  await town.runAndMail();
  await town.start(adam, { filter, change: 'LABEL', labels: GROUP });
  await town.runAndMail();
  expect(server.received).toEqual([]);

  // Undone between the assignment and the mail.
  const late = await town.start(adam, { filter, change: 'ASK_ROTATION' });
  await town.runAll();
  await town.mailAfter(0);
  await town.act('undoOperation', adam, late.id);
  await town.runAll();
  await town.mailAfter(6 * MINUTE_MS);
  expect(server.received).toEqual([]);

  // What people still need to know is mailed to the others.
  await town.start(adam, { filter, change: 'RESUME' });
  await town.runAndMail();
  expect(town.mailsTo('ann').map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^3 API keys were resumed on /),
  ]);
  expect(town.mailsTo('adam')).toEqual([]);
});

test('operation mail: operations within an hour come in one mail, and a mail that the server refuses is retried', async () => {
  const town = await openMailTown();
  const { admin, acme, globex, gus, server, gateway } = town;
  await town.makeKeys(2);
  const [keyId] = await town.makeKeys(1, { labels: GROUP, name: 'given' });
  const filter = { owner: acme };
  await town.start(admin, { filter, change: 'ASK_ROTATION', gracePeriod: 'P1D' });
  server.isDown = true;
  await town.runAndMail();
  expect(server.received).toEqual([]);
  server.isDown = false;
  await town.mailAfter(HOUR_MS);
  expect(town.mailsTo('ann').map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^3 API keys need new secrets on /),
  ]);

  await town.start(admin, { filter: { labels: GROUP }, change: 'TRANSFER', owner: globex });
  await town.runAndMail();
  // The previous owner is not told what the new one calls it.
  for (const name of ['secret plan', 'another plan']) {
    const renamed = await gateway.ask(RENAME, { input: { keyId, name } }, gus.token);
    expect(renamed.data).toEqual({ updateKey: { __typename: 'UpdateKeySuccess' } });
  }
  await town.start(admin, { filter, change: 'REVOKE' });
  await town.runAndMail();
  expect(town.mailsTo('ann')).toHaveLength(1);
  await town.mailAfter(HOUR_MS);
  const [, second, ...more] = town.mailsTo('ann');
  expect(more).toEqual([]);
  expect(second?.subject).toMatch(/^API keys were changed by 2 operations, the first on /);
  expect(second?.text).toMatch(/An API key was given to another owner[^]*- given$[^]*2 API keys were revoked/m);
  // The new owner sees the key, and is not told of what happened to it as if it had been theirs.
  expect(town.mailsTo('gus')).toEqual([]);
});

test('operation mail: who left the organization before the mail is sent gets none about its keys', async () => {
  const town = await openMailTown();
  const { admin, acme, ann, olga, server, gateway } = town;
  await town.join(acme, olga, 'OWNER');
  await town.makeKeys(2, { labels: GROUP });
  await town.makeKeys(1);
  const own = { organizationId: null, accountId: ann.id, name: 'own', labels: GROUP };
  await town.makeKeys(1, own);
  const filter = { labels: GROUP };
  await town.start(admin, { filter, change: 'HOLD' });
  await town.runAll();
  await town.mailAfter(0);
  expect(await gateway.prisma.operationMail.count()).toBe(2);
  const setMember = (accountId: string, role: string | null) =>
    gateway.ask(SET_MEMBER, { input: { organizationId: acme, accountId, role } }, ann.token);
  expect((await setMember(ann.id, null)).data).toEqual({ setMember: { __typename: 'SetMemberSuccess' } });
  await town.mailAfter(6 * MINUTE_MS);
  expect(town.mailsTo('ann').map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^An API key was held on /),
  ]);
  expect(town.mailsTo('ann')[0]?.text).not.toContain('release');
  expect(town.mailsTo('olga').map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^2 API keys were held on /),
  ]);
  expect(server.received).toHaveLength(2);
});

test('operation mail: beside a node of the release before it waits, and owners of keys that such a node changed are told', async () => {
  const town = await openMailTown();
  const { admin, acme, eve, globex, server, gateway } = town;
  const { prisma, clock } = gateway;
  await town.makeKeys(2);
  await town.makeKeys(1, { organizationId: null, accountId: eve.id });
  await town.makeKeys(1, { labels: GROUP, name: 'given' });
  const held = await town.start(admin, { filter: { owner: acme }, change: 'HOLD' });
  await town.runAll();
  clock.advance(MINUTE_MS);
  await town.start(admin, { filter: { labels: GROUP }, change: 'TRANSFER', owner: globex });
  await town.runAll();
  // A node of the release before says nothing of formats, and stores no owner of a key that it changes.
  await prisma.node.create({ data: { id: 'node_before', seenAt: clock.now(), hashes: [], current: [] } });
  await prisma.operationKey.updateMany({ data: { ownerId: null } });
  await town.mailAfter(0);
  expect(await prisma.operation.findUnique({ where: { id: held.id } })).toMatchObject({ mailedAt: null });
  expect(await prisma.operationMail.count()).toBe(0);

  await town.mailAfter(MINUTE_MS);
  await town.mailAfter(6 * MINUTE_MS);
  const [toAnn, ...more] = town.mailsTo('ann');
  expect(more).toEqual([]);
  expect(toAnn?.text).toMatch(/2 API keys were held[^]*An API key was given to another owner[^]*- given$/m);
  // The key that was held and then given is its new owner's, as far as is known.
  expect(town.mailsTo('gus').map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^An API key was held on /),
  ]);
  expect(server.received).toHaveLength(2);
});

test('operation mail: one that a node of the release before has put back without a date is mailed', async () => {
  const town = await openMailTown();
  const { admin, acme, ann, eve, gateway } = town;
  const { prisma } = gateway;
  await town.makeKeys(2);
  await town.makeKeys(1, { organizationId: null, accountId: eve.id });
  await town.start(admin, { filter: { owner: acme }, change: 'HOLD' });
  await town.runAll();
  await town.mailAfter(0);
  // It sees nothing in the digest, deletes it, and finds nothing that waits.
  gateway.clock.advance(6 * MINUTE_MS);
  expect(await createDigests(gateway.services, 'example.com')).toBe(1);
  await prisma.digest.deleteMany();
  await prisma.mailbox.update({ where: { accountId: ann.id }, data: { dueAt: null, lastDigestAt: null } });
  await town.mailAfter(MINUTE_MS);
  expect(town.mailsTo('ann').map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^2 API keys were held on /),
  ]);
});

test('operation mail: one that a node of the release before has left out of a digest that it sent is mailed once', async () => {
  const town = await openMailTown();
  const { admin, acme, ann, eve, gateway } = town;
  const { prisma, clock } = gateway;
  await town.makeKeys(2);
  await town.makeKeys(1, { organizationId: null, accountId: eve.id });
  await town.start(admin, { filter: { owner: acme }, change: 'HOLD' });
  await town.runAll();
  await town.mailAfter(0);
  clock.advance(6 * MINUTE_MS);
  expect(await createDigests(gateway.services, 'example.com')).toBe(1);
  // Its heartbeat was late, or it started only now: it sends what it knows of the digest.
  const { id } = await prisma.digest.findFirstOrThrow({ where: { accountId: ann.id } });
  await prisma.digest.update({ where: { id }, data: { tryAt: null, sentAt: clock.now() } });
  await prisma.mailbox.update({ where: { accountId: ann.id }, data: { dueAt: null, lastDigestAt: clock.now() } });
  await town.mailAfter(0);
  await town.mailAfter(HOUR_MS);
  expect(town.mailsTo('ann').map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^2 API keys were held on /),
  ]);
  for (let day = 0; day < 3; day += 1) await town.mailAfter(DAY_MS);
  expect(town.mailsTo('ann')).toHaveLength(1);
});

test('operation mail: ADMINs get it if no OWNER wants mails; customers and closed accounts get none', async () => {
  const town = await openMailTown();
  const { admin, ann, olga, gateway, server } = town;
  const { prisma } = gateway;
  await prisma.realm.updateMany({ data: { subjectMailName: 'Acme API' } });
  await prisma.account.update({ where: { id: ann.id }, data: { noticesByMail: false } });
  await town.makeKeys(2, { labels: GROUP });
  await town.makeKeys(1, { organizationId: null, accountId: olga.id, labels: GROUP });
  const ownerOf = { subject: { externalId: 'customer', email: 'customer@example.com' } };
  await town.issue(admin.token, { ownerOf, labels: GROUP });
  await town.makeKeys(1);
  const started = await town.start(admin, { filter: { labels: GROUP }, change: 'REVOKE' });
  expect(started.total).toBe(4);
  await town.runAll();
  await prisma.account.update({ where: { id: olga.id }, data: { disabledAt: gateway.clock.now() } });
  await town.runAndMail();
  expect(server.received.flatMap(({ recipients }) => recipients)).toEqual(['adam@example.com']);
  expect(town.mailsTo('adam')[0]?.subject).toMatch(/^2 API keys were revoked on /);
});
