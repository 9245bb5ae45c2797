import { expect, test } from 'vitest';
import { assignLeakRecipients } from '../../src/mail/assign-leak-recipients.ts';
import { claimDigests } from '../../src/mail/claim-digests.ts';
import { finishDigest } from '../../src/mail/finish-digest.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { respondToLeaks } from '../../src/keys/respond-to-leaks.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { ADMIN } from '../support/first-node.ts';
import { success } from '../support/key-world.ts';
import { openLeakWorld } from '../support/leak-world.ts';
import { openMailServer } from '../support/mail-server.ts';
import { openMailWorld, SENDER, type MailWorld } from '../support/mail-world.ts';
import { waitFor } from '../support/wait-for.ts';

const place = { reportedBy: 'github', url: 'https://github.com/acme/app/blob/1/.env', foundIn: 'commit' };

async function leak(world: MailWorld, keyId: string): Promise<void> {
  const { id: secretId } = await world.prisma.secret.findFirstOrThrow({ where: { keyId } });
  await respondToLeaks(world, [{ secretId, keyId, ...place }]);
}

test('mail: a leak is mailed to the owner at once and only once, with where it was found and used', async () => {
  const world = await openMailWorld();
  const { keyId, secret } = await world.issue({ name: 'release' });
  await world.verify(secret, 'ci <acme>');
  await leak(world, keyId);
  await world.mailer.sendDue();
  expect(world.recipients()).toEqual([await world.emailOf(world.owner.id)]);
  const { parsed, raw } = world.server.received[0]!;
  expect(parsed.subject).toMatch(/^An API key was reported as leaked on 2\d November 2026$/);
  const text = parsed.text ?? '';
  expect(text).toContain('release (owner, Default)');
  expect(text).toContain(`Its secret ${secret.slice(0, 9)}… was found at https://github.com/acme/app/blob/1/.env`);
  expect(text).toContain('The key was held: it does not work until a person resumes it.');
  expect(text).toMatch(/Last uses of the secret: ci <acme> on \w+, \d+ \w+ \d{4} at \d\d:\d\d UTC\./);
  expect(text).not.toContain('stops working');
  expect(String(parsed.html)).toContain('ci &lt;acme&gt;');
  expect(text).toContain(`https://keytide.test/keys/${keyId}`);
  expect(raw).not.toContain(secret.slice(0, 12));

  await leak(world, keyId);
  for (let day = 0; day < 3; day += 1) await world.mailAfter(DAY_MS);
  expect(world.server.received).toHaveLength(1);
});

test('mail: the mail about a leak of an expired key says that the key is also held', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ name: 'old', ask: { lifetimeMs: 2 * DAY_MS } });
  world.clock.advance(3 * DAY_MS);
  await leak(world, keyId);
  await world.mailer.sendDue();
  expect(world.server.received.map(({ parsed }) => parsed.text)).toEqual([
    expect.stringContaining('It was also held: even if it is renewed, it does not work until a person resumes it.'),
  ]);
});

test('mail: a leak does not wait for the daily digest, and takes waiting notices along', async () => {
  const world = await openMailWorld();
  await world.issue({ name: 'first', ask: { lifetimeMs: 31 * DAY_MS } });
  await world.mailAfter(DAY_MS);
  expect(world.server.received).toHaveLength(1);
  await world.issue({ name: 'second', ask: { lifetimeMs: 30 * DAY_MS + HOUR_MS } });
  await world.mailAfter(2 * HOUR_MS);
  const { keyId } = await world.issue({ name: 'found' });
  expect(world.server.received).toHaveLength(1);
  await leak(world, keyId);
  await world.mailer.sendDue();
  expect(world.server.received).toHaveLength(2);
  const { parsed } = world.server.received[1]!;
  expect(parsed.subject).toMatch(/^An API key was reported as leaked on 2\d November 2026$/);
  expect(parsed.text).toMatch(/has leaked\.[^]*found \(owner[^]*stops working soon\.[^]*second \(owner/);
});

test('mail: a leak whose owners cannot be reached goes to the next rung, once each', async () => {
  const world = await openMailWorld();
  const team = await world.organization({ olga: 'OWNER', oscar: 'OWNER', ada: 'ADMIN' });
  const { keyId } = await world.issue({ name: 'shared', owner: team.id }, team.olga);
  for (const { id } of [team.olga, team.oscar]) world.server.refused.add(await world.emailOf(id));
  await leak(world, keyId);
  await world.mailer.sendDue();
  expect(world.recipients()).toEqual([await world.emailOf(team.ada.id)]);
  await world.mailAfter(DAY_MS);
  expect(world.server.received).toHaveLength(1);

  const closed = await openMailWorld();
  const key = await closed.issue();
  await closed.prisma.account.update({ where: { id: closed.owner.id }, data: { noticesByMail: false } });
  await leak(closed, key.keyId);
  await closed.mailer.sendDue();
  expect(closed.recipients()).toEqual([await closed.emailOf(closed.admin.id)]);
});

test('mail: while the mail server is down a leak is retried, and is sent once when the server is back', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue();
  world.server.isDown = true;
  await leak(world, keyId);
  await world.mailer.sendDue();
  expect(world.attempts.map(({ outcome }) => outcome)).toEqual(['POSTPONED']);
  world.server.isDown = false;
  await world.mailAfter(HOUR_MS);
  await world.mailAfter(HOUR_MS);
  expect(world.server.received).toHaveLength(1);
});

test('mail: a leak makes a digest in back-off due at once and goes with it', async () => {
  const world = await openMailWorld();
  await world.issue({ name: 'first', ask: { lifetimeMs: 31 * DAY_MS } });
  world.server.isDown = true;
  await world.mailAfter(DAY_MS);
  for (let hour = 0; hour < 12; hour += 1) await world.mailAfter(HOUR_MS);
  expect(world.attempts.length).toBeGreaterThan(5);
  world.server.isDown = false;
  const found = await world.issue({ name: 'found' });
  await leak(world, found.keyId);
  await world.mailer.sendDue();
  expect(world.server.received.map(({ parsed }) => parsed.text)).toEqual([
    expect.stringMatching(/has leaked\.[^]*found \(owner[^]*stops working soon\.[^]*first \(owner/),
  ]);
});

test('mail: a leak that arrives while a digest is being sent goes at once if that digest is postponed', async () => {
  const world = await openMailWorld();
  const first = await world.issue({ name: 'first' });
  await leak(world, first.keyId);
  world.server.isDown = true;
  await world.mailer.sendDue();
  await world.travel(MINUTE_MS * 2);
  const [claimed] = await claimDigests(world);
  const second = await world.issue({ name: 'second' });
  await leak(world, second.keyId);
  await assignLeakRecipients(world);
  await finishDigest(world, claimed!, 'POSTPONED', { notices: [], secretIds: [] });
  world.server.isDown = false;
  await world.mailer.sendDue();
  expect(world.server.received.map(({ parsed }) => parsed.subject)).toEqual([
    '2 API key secrets were reported as leaked, the first on 23 November 2026',
  ]);

  // While mail is away a leak is tried no more often than other mails.
  world.server.isDown = true;
  await leak(world, (await world.issue({ name: 'third' })).keyId);
  const tried = world.attempts.length;
  await world.mailer.sendDue();
  expect(world.attempts).toHaveLength(tried + 1);
});

test('mail: a leak that could not be delivered to the owner for three days goes to the next rung', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ name: 'found' });
  world.server.isDown = true;
  await leak(world, keyId);
  await world.mailer.sendDue();
  while (!world.attempts.some(({ outcome }) => outcome === 'FAILED')) await world.mailAfter(4 * HOUR_MS);
  world.server.isDown = false;
  for (let hour = 0; hour < 3; hour += 1) await world.mailAfter(2 * HOUR_MS);
  expect(world.recipients()).toEqual([await world.emailOf(world.admin.id)]);
  expect(world.unreachableKeyIds).toEqual([]);
});

test('mail: an undeliverable leak is reported, and all recipients are tried again each day until one is reached', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ name: 'found' });
  for (const { id } of [world.owner, world.admin]) world.server.refused.add(await world.emailOf(id));
  await leak(world, keyId);
  await world.mailer.sendDue();
  expect(world.attempts.map(({ outcome }) => outcome)).toEqual(['REFUSED', 'REFUSED']);
  expect(world.unreachableKeyIds).toEqual([keyId]);
  await world.mailAfter(DAY_MS - 10 * MINUTE_MS);
  expect(world.unreachableKeyIds).toHaveLength(1);
  await world.mailAfter(10 * MINUTE_MS);
  expect([world.unreachableKeyIds, world.attempts.length]).toEqual([[keyId, keyId], 4]);
  world.server.refused.delete(await world.emailOf(world.owner.id));
  for (let day = 0; day < 3; day += 1) await world.mailAfter(DAY_MS);
  expect(world.recipients()).toEqual([await world.emailOf(world.owner.id)]);
  expect(world.unreachableKeyIds).toHaveLength(2);
});

test('mail: a leak goes to no account that has left the organization since, but to those who belong to it', async () => {
  const world = await openMailWorld();
  const team = await world.organization({ olga: 'OWNER', ada: 'ADMIN' });
  const { keyId } = await world.issue({ name: 'shared', owner: team.id }, team.olga);
  const own = await world.issue({ name: 'own' }, team.olga);
  world.server.isDown = true;
  await leak(world, keyId);
  await leak(world, own.keyId);
  await world.mailer.sendDue();
  expect(world.attempts.map(({ outcome }) => outcome)).toEqual(['POSTPONED']);
  await world.prisma.membership.deleteMany({ where: { accountId: team.olga.id } });
  world.server.isDown = false;
  await world.mailAfter(HOUR_MS);
  await world.mailAfter(HOUR_MS);
  const textsTo = async (accountId: string) => {
    const email = await world.emailOf(accountId);
    return world.server.received
      .filter(({ recipients }) => recipients.includes(email))
      .map(({ parsed }) => parsed.text ?? '');
  };
  const [toOlga, ...moreToOlga] = await textsTo(team.olga.id);
  expect(toOlga).toContain('own (olga');
  expect([toOlga?.includes('shared'), moreToOlga]).toEqual([false, []]);
  expect(await textsTo(team.ada.id)).toEqual([expect.stringContaining('shared (')]);
  expect(world.server.received).toHaveLength(2);

  // Nothing else was to be mailed to the account: its digest leaves no trace.
  await world.prisma.membership.create({
    data: { organizationId: team.id, accountId: team.olga.id, role: 'OWNER', createdAt: world.clock.now() },
  });
  const second = await world.issue({ name: 'second', owner: team.id }, team.olga);
  world.server.isDown = true;
  await leak(world, second.keyId);
  await world.mailer.sendDue();
  await world.prisma.membership.deleteMany({ where: { organizationId: team.id } });
  world.server.isDown = false;
  await world.mailAfter(HOUR_MS);
  expect(await textsTo(team.olga.id)).toHaveLength(1);
  expect(await textsTo(world.admin.id)).toEqual([expect.stringContaining('second (')]);
  expect(world.unreachableKeyIds).toEqual([]);
});

test('mail: a leak of a key that was given away since goes to its new owner, and not to the earlier one', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ name: 'given' });
  world.server.isDown = true;
  await leak(world, keyId);
  await world.mailer.sendDue();
  success(await transferKey(world, world.admin, { keyId, owner: world.heir.id }));
  world.server.isDown = false;
  await world.mailAfter(HOUR_MS);
  expect(world.recipients()).toEqual([await world.emailOf(world.heir.id)]);
  expect(world.attempts.at(-1)).toMatchObject({ outcome: 'ACCEPTED' });
});

test('mail: two nodes mail a leak once', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue();
  await leak(world, keyId);
  await Promise.all([world.mailer, world.anotherMailer(), world.anotherMailer()].map((mailer) => mailer.sendDue()));
  expect(world.server.received).toHaveLength(1);
});

test('mail: a report of GitHub is mailed at once, without a timer', async () => {
  const server = await openMailServer();
  const mail = { smtpUrl: new Sensitive(server.url), sender: SENDER };
  const { world, report, record } = await openLeakWorld({ mail, isClockTrusted: () => true });
  const { secret } = await world.key();
  await report(record(secret));
  await waitFor(() => expect(server.received.map(({ recipients }) => recipients)).toEqual([[ADMIN.email]]));
});
