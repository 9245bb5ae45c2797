import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { openMailTransport } from '../../src/mail/mail-transport.ts';
import { openMailServer } from '../support/mail-server.ts';
import { openMailWorld, SENDER } from '../support/mail-world.ts';

const MONTH = { lifetimeMs: 45 * DAY_MS };

test('mail: names are escaped everywhere and cannot add tags, headers or recipients', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ ask: MONTH });
  const name = `</h2><script>alert('1')</script>&amp;"<img src=x>`;
  await world.prisma.key.update({ where: { id: keyId }, data: { name } });
  const owner = { name: 'Eve\r\nBcc: victim@example.com\r\n\r\nDear all' };
  await world.prisma.account.update({ where: { id: world.owner.id }, data: owner });
  await world.mailAfter(15 * DAY_MS);
  expect(world.recipients()).toEqual([await world.emailOf(world.owner.id)]);
  const [mail] = world.server.received;
  const html = String(mail?.parsed.html);
  expect(html).toContain('&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;&quot;&lt;img src=x&gt;');
  expect(html).not.toMatch(/<script|<img/);
  expect(mail?.parsed.text).toContain(name);
  expect(mail?.parsed.bcc).toBeUndefined();
  const [head = ''] = mail?.raw.split('\r\n\r\n') ?? [];
  expect(head).not.toMatch(/victim|Eve|script/);
});

test('mail: headers name the sender, mark the mail as automatic and offer one-click unsubscribing', async () => {
  const world = await openMailWorld();
  await world.issue({ ask: MONTH });
  await world.mailAfter(15 * DAY_MS);
  const { parsed, raw } = world.server.received[0]!;
  expect(parsed.from?.text).toBe('"Keytide" <keytide@example.com>');
  expect(parsed.messageId).toMatch(/^<digest_\w{26}@example\.com>$/);
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
  const head = (raw.split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n\s+/g, ' ');
  expect(head).toMatch(/^List-Unsubscribe: <https:\/\/keytide\.test\/unsubscribe\?token=[\w-]+>$/m);
  expect(head).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m);
  expect(parsed.textAsHtml ?? '').not.toContain('undefined');
  expect(String(parsed.html)).not.toMatch(/ src=|url\(|@import/);
});

test('mail: a slow server is waited for, and a malformed recipient is refused', async () => {
  const server = await openMailServer();
  const transport = openMailTransport(new Sensitive(server.url), SENDER);
  const letter = { messageId: '<a@example.com>', subject: 's', text: 't', html: 'h', unsubscribe: 'https://a.test/' };
  expect(await transport.send({ ...letter, to: 'a@example.com' })).toMatchObject({ outcome: 'ACCEPTED' });
  for (const to of ['<a@example.com>\r\nRCPT TO:<b@example.com>', 'a@example.com> <b@example.com']) {
    expect(await transport.send({ ...letter, to })).toMatchObject({ outcome: 'REFUSED' });
  }
  await transport.send({ ...letter, to: 'b@example.com,a@example.com' });
  server.isDown = true;
  expect(await transport.send({ ...letter, to: 'a@example.com' })).toMatchObject({ outcome: 'POSTPONED', status: 451 });
  transport.close();
  const nobody = openMailTransport(new Sensitive('smtp://127.0.0.1:1'), SENDER);
  expect(await nobody.send({ ...letter, to: 'a@example.com' })).toMatchObject({ outcome: 'POSTPONED', status: null });
  nobody.close();
  const recipients = server.received.flatMap((mail) => mail.recipients);
  expect(recipients.filter((one) => one === 'b@example.com')).toEqual([]);
});
