import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addressDigestOf, countedDigestOf } from '../../src/mail/subjects/address-digest.ts';
import { claimSubjectMails } from '../../src/mail/subjects/claim-subject-mails.ts';
import { createSubjectMails } from '../../src/mail/subjects/create-subject-mails.ts';
import { endSubjectMails } from '../../src/mail/subjects/end-subject-mails.ts';
import { finishSubjectMail } from '../../src/mail/subjects/finish-subject-mail.ts';
import { textsByLanguage } from '../../src/mail/subjects/subject-texts.ts';
import { removeSubject } from '../../src/subjects/remove.ts';
import { disableSubject } from '../../src/subjects/disable.ts';
import { upsertSubject } from '../../src/subjects/upsert.ts';
import { makeRealm } from '../support/key-world.ts';
import { openMailWorld, SENDER, type MailWorld } from '../support/mail-world.ts';

const MONTH = { lifetimeMs: 31 * DAY_MS };
const REALM = { subjectMailName: 'Acme API', subjectMailReplyTo: 'help@acme.example' };

/** A mail world whose realm mails its subjects. */
async function openSubjectMailWorld() {
  const world = await openMailWorld();
  await world.prisma.realm.updateMany({ data: REALM });
  const issueFor = (externalId: string, subject: object, input: object = {}) =>
    world.issue({ subject: { externalId, ...subject }, ask: MONTH, ...input }, world.admin);
  return { ...world, issueFor };
}

const noticeOf = ({ prisma }: MailWorld, keyId: string) =>
  prisma.notice.findFirstOrThrow({ where: { keyId }, orderBy: { givenAt: 'desc' } });

test('subject mail: one mail for all keys, in the subject’s language, in the name of the realm, and once', async () => {
  const world = await openSubjectMailWorld();
  const { server, issueFor } = world;
  const german = { email: 'eva@customer.example', language: 'de-AT' };
  const { keyId, secret } = await issueFor('eva', german, { name: 'Bestellungen' });
  await issueFor('eva', german, { name: 'Rechnungen' });
  await issueFor('ida', { email: 'ida@customer.example', language: 'tlh' });
  await issueFor('nobody', {});
  const other = world.anotherMailer();
  await world.travel(DAY_MS);
  await Promise.all([world.mailer.sendDue(), other.sendDue()]);
  expect(server.received).toEqual([]);
  await world.travel(6 * MINUTE_MS);
  await Promise.all([world.mailer.sendDue(), other.sendDue()]);
  await world.mailAfter(HOUR_MS);

  expect(world.recipients().toSorted()).toEqual(['eva@customer.example', 'ida@customer.example']);
  const mailTo = (address: string) => server.received.find(({ recipients }) => recipients.includes(address))!;
  const { parsed, raw } = mailTo('eva@customer.example');
  expect(parsed.from?.value).toEqual([{ name: 'Acme API', address: SENDER.address }]);
  expect(parsed.replyTo?.value).toEqual([{ name: '', address: 'help@acme.example' }]);
  expect(parsed.subject).toMatch(/^2 Ihrer API-Schlüssel laufen ab, der erste am \d+\. \S+ 20\d\d$/);
  for (const part of [/^Bestellungen \(kt_\w{6}…\)$/m, /^Rechnungen \(kt_/m, /weil Acme API diese Adresse/]) {
    expect(parsed.text).toMatch(part);
  }
  expect(parsed.text).not.toContain('Why:');
  expect(parsed.html).toContain('<html lang="de-DE">');
  const headers = raw.replaceAll(/\r\n\s+/g, '');
  expect(headers).toMatch(/^List-Unsubscribe: ?<https:\/\/keytide\.test\/unsubscribe\?language=de&subject=[\w-]+>/m);
  expect(headers).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click/m);
  expect(raw).not.toContain(secret);
  const english = mailTo('ida@customer.example').parsed;
  expect(english.subject).toMatch(/^Your API key stops working on \d+ \w+ 20\d\d$/);
  expect(english.text).toContain('Why: That expiry was chosen for the key.');

  expect(await noticeOf(world, keyId)).toMatchObject({ isOwed: true, deliveredAt: expect.any(Date), failedAt: null });
  expect(world.attempts.map(({ outcome }) => outcome)).toEqual(['ACCEPTED', 'ACCEPTED']);
  expect(JSON.stringify(world.attempts)).not.toContain('@');
});

test('subject mail: every language has every sentence, and no placeholder', () => {
  for (const texts of Object.values(textsByLanguage)) {
    const sentences = [1, 2].flatMap((count) => [texts.subjectLine(count, 'DAY'), texts.introduction(count)]);
    const about = [texts.useIt('THEN'), texts.renewIt('THEN'), texts.secretBegins('kt_'), texts.whyThisMail('Acme')];
    const page = Object.values(texts.page);
    const facts = [texts.lastUse, texts.labels];
    for (const text of [...sentences, ...about, texts.notNeeded, texts.reply, texts.stop, ...facts, ...page]) {
      expect(text).toMatch(/^¿?\p{Lu}|^2 /u);
      expect(text).not.toMatch(/undefined|\$\{/);
    }
    expect([texts.never, texts.more(1), texts.more(7)].join()).toMatch(/^\p{L}+,1 \p{L}+,7 \p{L}+$/u);
    expect(texts.useIt('THEN') + texts.renewIt('THEN')).toMatch(/THEN.*THEN/);
  }
});

test('subject mail: it shows the last use and the labels of each key, but none that could lead its reader somewhere', async () => {
  const world = await openSubjectMailWorld();
  const { server, issueFor } = world;
  const eva = { email: 'eva@customer.example', language: 'de' };
  const hidden = ['repo=acme/app', 'site=www.evil.example', 'evil.example=x', 'ci/consumer=job', 'mail=a@b'];
  const labelsOf = (...texts: string[]) =>
    texts.map((text) => ({ name: text.split('=')[0]!, value: text.split('=')[1]! }));
  const used = await issueFor('eva', eva, { name: 'used', labels: labelsOf('team=web', 'stage=a.b', ...hidden) });
  const many = Array.from({ length: 12 }, (_, index) => `label-${10 + index}=${index}`);
  await issueFor('eva', eva, { name: 'many', labels: labelsOf(...many) });
  await issueFor('eva', eva, { name: 'bare', labels: labelsOf('repo=acme/app') });
  await world.verify(used.secret);
  await world.mailAfter(DAY_MS);
  const [mail, ...others] = server.received;
  expect(others).toEqual([]);
  const blockOf = (name: string) =>
    mail?.parsed.text?.split(/\n\n/).find((block) => block.startsWith(`${name} (`)) ?? '';
  expect(blockOf('used')).toMatch(/^ {2}Zuletzt verwendet: \S+, \d+\. \S+ 2026 um \d\d:\d\d UTC$/m);
  expect(blockOf('used')).toMatch(/^ {2}Labels: team=web, 6 weitere$/m);
  expect(blockOf('many')).toMatch(/^ {2}Zuletzt verwendet: nie$/m);
  expect(blockOf('many')).toMatch(/^ {2}Labels: label-10=0, .*label-19=9, 2 weitere$/m);
  expect(blockOf('bare')).not.toContain('Labels');
  for (const text of hidden) expect(mail?.raw).not.toContain(text);
});

test('subject mail: an address that a backend asserts gets at most 3 mails a day, and none after its reader unsubscribed', async () => {
  const world = await openSubjectMailWorld();
  const { prisma, sealer, realmId, server, issueFor } = world;
  // Spellings that reach one person, and names that would lead its reader somewhere.
  const addresses = ['victim@x.example', 'Victim@x.example', 'victim+1@x.example', 'victim+2@x.example'];
  for (const [index, email] of [...addresses, 'victim@x.example'].entries()) {
    await issueFor(`customer ${index}`, { email }, { name: 'see www.evil.example/win' });
  }
  await world.mailAfter(DAY_MS);
  expect(server.received).toHaveLength(3);
  expect(world.attempts.filter(({ outcome }) => outcome === 'LIMITED')).toHaveLength(2);
  await world.mailAfter(HOUR_MS);
  expect(server.received).toHaveLength(3);
  expect(server.received.map(({ raw }) => raw).join('')).not.toContain('evil.example');
  expect(server.received.map(({ parsed }) => parsed.text).join('')).toContain('The API key that begins with kt_');

  const first = await prisma.subject.findFirstOrThrow({ where: { externalId: 'customer 0' } });
  const digest = addressDigestOf(sealer, 'victim+7@X.example');
  for (let time = 0; time < 2; time += 1) await endSubjectMails(world, { realmId, subjectId: first.id, digest });
  await world.mailAfter(DAY_MS);
  // The backend names the address again, under other subjects and spellings.
  await issueFor('customer 9', { email: 'victim+9@x.example' });
  const named = { realm: 'default', externalId: 'customer 0' };
  for (const email of ['other@x.example', 'victim@x.example']) {
    await upsertSubject(world, world.admin, { ...named, email });
  }
  await issueFor('customer 0', {});
  for (let day = 0; day < 25; day += 5) await world.mailAfter(5 * DAY_MS);
  expect(server.received).toHaveLength(3);
  const events = await prisma.event.findMany({ where: { type: 'SUBJECT_UPDATED', actorKind: 'SYSTEM' } });
  const byLink = events.filter(({ reason }) => reason === 'By the link in a mail.');
  expect(byLink).toMatchObject([{ ownerId: first.id }]);
  // Those that name the address since get none either, which is recorded when a mail to them is due.
  expect(new Set(events.map(({ ownerId }) => ownerId)).size).toBe(await prisma.subject.count());
  expect(await prisma.subject.count({ where: { noticesByMail: true } })).toBe(0);
  // A notice without a recipient is not owed: no stop waits for its delivery.
  expect(await prisma.notice.count({ where: { isOwed: true, deliveredAt: null } })).toBe(0);
  const stored = JSON.stringify([await prisma.endedAddress.findMany(), await prisma.addressDay.findMany()]);
  expect(stored).not.toContain('victim');
});

test('subject mail: a realm that has sent an address its mails of the day delays no mail of another realm', async () => {
  const world = await openSubjectMailWorld();
  const { server, prisma, issueFor } = world;
  await makeRealm(world, 'other');
  await prisma.realm.updateMany({ where: { slug: 'other' }, data: { subjectMailName: 'Other API' } });
  const email = 'shared@x.example';
  for (let index = 0; index < 5; index += 1) await issueFor(`customer ${index}`, { email });
  await issueFor('customer', { email }, { realm: 'other' });
  await world.mailAfter(DAY_MS);
  const senders = server.received.map(({ parsed }) => parsed.from?.value[0]?.name).toSorted();
  expect(senders).toEqual(['Acme API', 'Acme API', 'Acme API', 'Other API']);
  expect(world.attempts.filter(({ outcome }) => outcome === 'LIMITED')).toHaveLength(2);
});

test('subject mail: it is retried while the server is down, an address that is refused fails, and a moved stop is not mailed', async () => {
  const world = await openSubjectMailWorld();
  const { server, prisma, issueFor } = world;
  const waiting = await issueFor('waiting', { email: 'waiting@x.example' });
  const refused = await issueFor('refused', { email: 'refused@x.example' });
  const moved = await issueFor('moved', { email: 'moved@x.example' });
  server.refused.add('refused@x.example');
  server.isDown = true;
  await world.mailAfter(DAY_MS);
  expect(world.attempts.every(({ outcome }) => outcome === 'POSTPONED')).toBe(true);
  await prisma.key.update({ where: { id: moved.keyId }, data: { revokedAt: world.clock.now() } });
  server.isDown = false;
  await world.mailAfter(HOUR_MS);
  expect(world.recipients()).toEqual(['waiting@x.example']);
  expect(await noticeOf(world, waiting.keyId)).toMatchObject({ deliveredAt: expect.any(Date) });
  expect(await noticeOf(world, refused.keyId)).toMatchObject({
    isOwed: true,
    deliveredAt: null,
    failedAt: expect.any(Date),
  });
  // Each address counts one mail, however often it was tried.
  expect((await prisma.addressDay.findMany()).map(({ count }) => count)).toEqual([1, 1, 1]);
});

test('subject mail: nothing is sent to a removed or disabled subject, or by a realm that mails none', async () => {
  const world = await openSubjectMailWorld();
  const { server, prisma, issueFor, admin } = world;
  const gone = await issueFor('gone', {
    email: 'gone@x.example',
    name: 'Greta',
    labels: [{ name: 'who', value: 'Greta' }],
  });
  const off = await issueFor('off', { email: 'off@x.example' });
  const plan = { name: 'policy/plan', value: 'pro' };
  const relabelled = { realm: 'default', externalId: 'gone', labels: [{ name: 'who', value: 'Greta B.' }, plan] };
  await upsertSubject(world, admin, relabelled);
  const updated = await prisma.event.findFirstOrThrow({ where: { type: 'SUBJECT_UPDATED' } });
  expect(updated.data).toEqual({ changed: ['labels'], before: { labels: [] }, after: { labels: [plan] } });
  const operation = {
    realmId: world.realmId,
    kind: 'HOLD',
    change: {},
    state: 'DONE',
    reason: 'x',
    accountId: admin.id,
  } as const;
  await prisma.operation.create({
    data: {
      ...operation,
      id: 'operation_1',
      accountName: 'admin',
      actingId: admin.id,
      startedAt: world.clock.now(),
      endedAt: world.clock.now(),
      total: 1,
      filter: { subject: 'gone', neverUsed: true },
    },
  });
  server.isDown = true;
  await world.mailAfter(DAY_MS);
  expect(world.attempts).toHaveLength(2);
  const subject = await prisma.subject.findFirstOrThrow({ where: { externalId: 'gone' } });
  await removeSubject(world, admin, { realm: 'default', externalId: 'gone', reason: 'asked for it' });
  await disableSubject(world, admin, { realm: 'default', externalId: 'off', isDisabled: true, reason: 'abuse' });
  server.isDown = false;
  for (let day = 0; day < 30; day += 10) await world.mailAfter(10 * DAY_MS);
  expect(server.received).toEqual([]);
  expect(await noticeOf(world, gone.keyId)).toMatchObject({ deliveredAt: null });
  expect(await noticeOf(world, off.keyId)).toMatchObject({ deliveredAt: null, isOwed: false });

  // What named the subject is erased wherever it was written; its id stays.
  const rows = [
    await prisma.subject.findUniqueOrThrow({ where: { id: subject.id } }),
    await prisma.event.findMany({ select: { data: true, actorName: true, ownerId: true } }),
    await prisma.operation.findMany(),
    await prisma.subjectMail.findMany(),
    await prisma.subjectNotice.findMany({ select: { keyId: true, subjectId: true } }),
    await prisma.idempotencyRecord.findMany(),
  ];
  const text = JSON.stringify(rows, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  expect(text).not.toMatch(/Greta|gone@|"gone"/);
  expect(text).toContain(subject.id);
  expect((await prisma.operation.findFirstOrThrow()).filter).toEqual({ owner: subject.id, neverUsed: true });

  await prisma.realm.updateMany({ data: { subjectMailName: null } });
  const { keyId } = await issueFor('late', { email: 'late@x.example' });
  await world.mailAfter(DAY_MS);
  expect(server.received).toEqual([]);
  expect(await noticeOf(world, keyId)).toMatchObject({ isOwed: false, mailAt: null });
});

test('subject mail: a mail that waited counts for the address that it goes to, on the day of the attempt', async () => {
  const world = await openSubjectMailWorld();
  const { server, prisma, sealer, realmId, issueFor } = world;
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const externalId of names) await issueFor(externalId, { email: `${externalId}@x.example` });
  server.isDown = true;
  await world.mailAfter(DAY_MS);
  expect(world.attempts.map(({ outcome }) => outcome)).toEqual(names.map(() => 'POSTPONED'));
  for (const externalId of names) {
    const email = `victim+${externalId}@y.example`;
    await upsertSubject(world, world.admin, { realm: 'default', externalId, email });
  }
  server.isDown = false;
  await world.mailAfter(HOUR_MS);
  expect(server.received).toHaveLength(3);
  expect(world.attempts.filter(({ outcome }) => outcome === 'LIMITED')).toHaveLength(2);
  await world.mailAfter(DAY_MS);
  expect(server.received).toHaveLength(5);

  await issueFor('slow', { email: 'slow@x.example' });
  server.isDown = true;
  for (let day = 0; day < 2; day += 1) await world.mailAfter(DAY_MS);
  const countsOf = async (email: string) => {
    const where = { digest: countedDigestOf(realmId, addressDigestOf(sealer, email)) };
    return (await prisma.addressDay.findMany({ where, orderBy: { day: 'asc' } })).map(({ count }) => count);
  };
  expect(await countsOf('victim@y.example')).toEqual([3, 2]);
  expect(await countsOf('slow@x.example')).toEqual([1, 1]);
  // What was sent tells no address.
  expect(await prisma.subjectMail.count({ where: { sentAt: { not: null }, countedDigest: { not: null } } })).toBe(0);
});

test('subject mail: who stopped the mails to an earlier address stops none to the present one; each stop is recorded', async () => {
  const world = await openSubjectMailWorld();
  const { prisma, sealer, realmId, issueFor } = world;
  const name = { realm: 'default', externalId: 'mover' };
  const moveTo = (email: string) => upsertSubject(world, world.admin, { ...name, email });
  const digestOf = (email: string) => addressDigestOf(sealer, email);
  const find = () => prisma.subject.findFirstOrThrow({ where: { externalId: 'mover' } });
  const { keyId } = await issueFor('mover', { email: 'first@x.example' });
  const { id: subjectId } = await find();
  const stop = (email: string) => endSubjectMails(world, { realmId, subjectId, digest: digestOf(email) });
  const updates = async () =>
    (await prisma.event.findMany({ where: { type: 'SUBJECT_UPDATED' }, orderBy: { position: 'asc' } })).map(
      ({ actorKind, reason, data }) => [actorKind, reason, data],
    );
  const off = { changed: ['noticesByMail'], before: { noticesByMail: true }, after: { noticesByMail: false } };

  await moveTo('second@x.example');
  await stop('first@x.example');
  expect(await find()).toMatchObject({ noticesByMail: true });
  await stop('second@x.example');
  expect(await find()).toMatchObject({ noticesByMail: false });
  await moveTo('third@x.example');
  const on = { changed: ['email', 'noticesByMail'], before: off.after, after: off.before };
  const moved = { changed: ['email'], before: {}, after: {} };
  const before = [
    ['ACCOUNT', null, moved],
    ['SYSTEM', 'By the link in a mail.', off],
    ['ACCOUNT', null, on],
  ];
  expect(await updates()).toEqual(before);

  // An attempt at an ended address that the subject has left stops nothing, and another is made at the present one.
  await world.travel(DAY_MS);
  await world.mailer.sendDue();
  await world.travel(6 * MINUTE_MS);
  while ((await createSubjectMails(world, 'keytide.test')) > 0);
  const [mail] = await claimSubjectMails(world);
  const digest = digestOf('second@x.example');
  expect(await finishSubjectMail(world, mail!, { outcome: 'ENDED', included: [], digest })).toBe('ENDED');
  expect(await find()).toMatchObject({ noticesByMail: true });
  expect(await updates()).toEqual(before);
  await world.mailAfter(HOUR_MS);
  expect(world.recipients()).toEqual(['third@x.example']);
  expect(await noticeOf(world, keyId)).toMatchObject({ deliveredAt: expect.any(Date) });

  // The address had been ended: the attempt finds out, and it is recorded.
  await moveTo('first+1@x.example');
  await issueFor('mover', {});
  await world.mailAfter(2 * DAY_MS);
  expect(world.recipients()).toEqual(['third@x.example']);
  expect(await find()).toMatchObject({ noticesByMail: false });
  const found = 'The reader of the address had stopped these mails.';
  expect(await updates()).toEqual([...before, ['ACCOUNT', null, moved], ['SYSTEM', found, off]]);
});
