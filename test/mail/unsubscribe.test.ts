import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { newId } from '../../src/domain/id.ts';
import { textsByLanguage } from '../../src/mail/subjects/subject-texts.ts';
import { createSubjectUnsubscribeToken } from '../../src/mail/subjects/subject-unsubscribe-token.ts';
import { createUnsubscribeToken } from '../../src/mail/unsubscribe-token.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { openMailServer } from '../support/mail-server.ts';
import { SENDER } from '../support/mail-world.ts';

const ONE_CLICK = { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) };

/** A gateway that mails, what its server took, and an account whose key stops in a month. */
async function openMailingGateway(options: Parameters<typeof openGateway>[0] = {}) {
  const server = await openMailServer();
  const mail = { smtpUrl: new Sensitive(server.url), sender: SENDER };
  const gateway = await openGateway({ mail, ...options });
  const alice = await gateway.person('alice');
  const { id: keyId } = await issue(gateway, alice.token, { lifetime: 'P31D' });
  return { gateway, server, alice, keyId };
}

async function mailAfter(gateway: Gateway, ms: number): Promise<void> {
  for (const step of [ms, 6 * MINUTE_MS]) {
    await gateway.travel(step);
    await gateway.node.mailer?.sendDue();
  }
}

const escapeRegExp = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const viewer = async (gateway: Gateway, id: string) =>
  (await gateway.ask('{ viewer { ... on Account { noticesByMail } } }', {}, await gateway.session(id))).data['viewer'];

test('unsubscribe: opening the link changes nothing, one click turns mails off, and they can be turned on again', async () => {
  // The gateway's timers neither review nor mail: the test does.
  const { gateway, server, alice, keyId } = await openMailingGateway({ isClockTrusted: () => false });
  await mailAfter(gateway, DAY_MS);
  expect(server.received).toHaveLength(1);
  const [, link = ''] =
    /<(https:\/\/keytide\.test\/unsubscribe\?token=[^>]+)>/.exec(server.received[0]!.raw.replaceAll(/\r\n\s+/g, '')) ??
    [];
  const url = link.replace('https://keytide.test', gateway.url);

  for (const method of ['GET', 'HEAD']) expect((await fetch(url, { method })).status).toBe(200);
  const page = await fetch(url);
  expect(await page.text()).toContain('<form method="post"><button class="primary">');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await viewer(gateway, alice.id)).toEqual({ noticesByMail: true });

  for (let time = 0; time < 2; time += 1) expect((await fetch(url, ONE_CLICK)).status).toBe(200);
  expect(await viewer(gateway, alice.id)).toEqual({ noticesByMail: false });
  const events = await gateway.prisma.event.findMany({ where: { type: 'ACCOUNT_UPDATED' } });
  expect(events).toMatchObject([
    { ownerId: alice.id, data: { noticesByMail: false }, reason: 'By the link in a mail.' },
  ]);

  const asked = await gateway.ask(
    'mutation { updateAccount(input: { noticesByMail: true }) { ... on UpdateAccountSuccess { account { noticesByMail } } } }',
    {},
    await gateway.session(alice.id),
  );
  expect(asked.data['updateAccount'].account).toEqual({ noticesByMail: true });

  const { data } = await gateway.ask(
    'query($id: ID!) { key(id: $id) { notices { stopsAt threshold givenAt deliveredAt failedAt } } }',
    { id: keyId },
    await gateway.session(alice.id),
  );
  expect(data['key'].notices).toMatchObject([{ threshold: 'P30D', deliveredAt: expect.any(String), failedAt: null }]);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toContain('keytide_mails_total{outcome="ACCEPTED"} 1');
  // Nothing of it is in the log: no address, no token, no link.
  const logged = gateway.logged.join('');
  expect(logged).not.toContain('alice@');
  expect(logged).not.toContain(new URL(link).searchParams.get('token'));
});

test('unsubscribe: a customer without an account stops the mails of a realm with one click, without signing in', async () => {
  const { gateway, server, alice } = await openMailingGateway({ isClockTrusted: () => false });
  const admin = await gateway.admin();
  const ask = async (query: string, input: object) => {
    const { data, errors } = await gateway.ask(query, { input }, admin);
    expect(errors).toBeUndefined();
    return data;
  };
  const updated = await ask(
    'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { ... on UpdateRealmSuccess { realm { subjectMail { senderName replyTo keysPage } } } } }',
    {
      realm: 'default',
      subjectMail: { senderName: 'Acme API', replyTo: 'Help@acme.example', keysPage: 'https://app.example/keys' },
    },
  );
  expect(updated['updateRealm'].realm.subjectMail).toEqual({
    senderName: 'Acme API',
    replyTo: 'help@acme.example',
    keysPage: 'https://app.example/keys',
  });
  const ownerOf = { subject: { externalId: 'customer', email: 'carla@customer.example' } };
  await issue(gateway, admin, { ownerOf, lifetime: 'P31D' });
  await mailAfter(gateway, DAY_MS);
  const mail = server.received.find(({ recipients }) => recipients.includes('carla@customer.example'));
  const [, link = ''] =
    /<(https:\/\/keytide\.test\/unsubscribe\?subject=[^>]+)>/.exec(mail!.raw.replaceAll(/\r\n\s+/g, '')) ?? [];
  const url = link.replace('https://keytide.test', gateway.url);
  const subject = async () => {
    // Sessions end within the day that has passed.
    const { data } = await gateway.ask(
      '{ subjects(realm: "default") { edges { node { noticesByMail } } } }',
      {},
      await gateway.admin(),
    );
    return data['subjects'].edges[0].node;
  };

  const page = await fetch(url);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<form method="post"><button')]);
  // The customer knows the API, not what it runs on.
  expect(await (await fetch(url)).text()).not.toContain('Keytide');
  expect(await subject()).toEqual({ noticesByMail: true });
  // The token opens for nothing else, and no other token opens for this.
  const token = new URL(url).searchParams.get('subject') ?? '';
  const accounts = createUnsubscribeToken(gateway.services.sealer, alice.id);
  for (const path of [`token=${token}`, `subject=${token.slice(1)}`, `subject=${accounts}`, 'subject=']) {
    expect((await fetch(`${gateway.url}/unsubscribe?${path}`, ONE_CLICK)).status).toBe(400);
  }
  const asked = await gateway.ask('{ viewer { __typename } }', {}, token);
  expect(asked.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(await subject()).toEqual({ noticesByMail: true });
  for (let time = 0; time < 2; time += 1) expect((await fetch(url, ONE_CLICK)).status).toBe(200);
  expect(await subject()).toEqual({ noticesByMail: false });
  const logged = gateway.logged.join('');
  for (const secret of ['carla', token]) expect(logged).not.toContain(secret);
});

test('unsubscribe: the page has the language of the mail', async () => {
  const { gateway } = await openMailingGateway();
  const { sealer, prisma } = gateway.services;
  const { id: realmId } = await prisma.realm.findFirstOrThrow();
  const subjectId = newId('subject', gateway.clock.now(), gateway.services.random);
  const token = createSubjectUnsubscribeToken(sealer, { realmId, subjectId, digest: Buffer.alloc(32) });
  const read = async (query: string, init: RequestInit = {}) => {
    const response = await fetch(`${gateway.url}/unsubscribe?${query}`, init);
    return [response.status, await response.text()];
  };
  for (const [language, { locale, stop, page }] of Object.entries(textsByLanguage)) {
    const has = (...texts: string[]) =>
      expect.stringMatching(
        new RegExp([`<html lang="${locale}">`, page.title, ...texts].map(escapeRegExp).join('[^]*')),
      );
    const link = `language=${language}&subject=${token}`;
    expect(await read(link)).toEqual([200, has(page.question, `<button class="primary">${stop}</button>`)]);
    expect(await read(link.slice(0, -1))).toEqual([400, has(page.wrongLink)]);
    expect(await read(link, ONE_CLICK)).toEqual([200, has(page.done)]);
  }
  // A language that no mail has, and a text that is none.
  for (const language of ['tlh', '<b>', '__proto__']) {
    const [status, text] = await read(`language=${encodeURIComponent(language)}&subject=${token}`);
    expect([status, text]).toEqual([200, expect.stringContaining(textsByLanguage['en']!.page.question)]);
  }
});

test('unsubscribe: a token that was changed, or sealed for another purpose, changes nothing', async () => {
  const { gateway, alice } = await openMailingGateway();
  const { sealer } = gateway.services;
  const good = createUnsubscribeToken(sealer, alice.id);
  const other = Buffer.from(sealer.seal(alice.id, 'preview')).toString('base64url');
  const notAccount = Buffer.from(sealer.seal('key_01h455vb4pex5vsknk084sn02q', 'unsubscribe')).toString('base64url');
  const changed = `${good.slice(0, -2)}${good.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const token of ['', 'x', changed, other, notAccount, good.slice(1), 'a'.repeat(5000), `${good}%00`]) {
    const response = await fetch(`${gateway.url}/unsubscribe?token=${token}`, ONE_CLICK);
    expect(response.status, token).toBe(400);
  }
  expect((await fetch(`${gateway.url}/unsubscribe`, ONE_CLICK)).status).toBe(400);
  const large = { method: 'POST', body: 'x'.repeat(2000) };
  expect((await fetch(`${gateway.url}/unsubscribe?token=${good}`, large)).status).toBe(413);
  expect((await fetch(`${gateway.url}/unsubscribe?token=${good}`, { method: 'DELETE' })).status).toBe(405);
  expect(await viewer(gateway, alice.id)).toEqual({ noticesByMail: true });
});

test('mail: a notice wakes the mailer, and its timer sends the digest', async () => {
  const { gateway, server } = await openMailingGateway();
  const sent = Promise.withResolvers<void>();
  server.beforeReply = () => sent.resolve();
  await gateway.travel(DAY_MS);
  const addressed = () => gateway.prisma.noticeMail.count();
  while ((await addressed()) === 0);
  gateway.clock.advance(6 * MINUTE_MS);
  await sent.promise;
});
