import { parseDocument, DomUtils } from 'htmlparser2';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { respondToLeaks } from '../../src/keys/respond-to-leaks.ts';
import { singleLine } from '../../src/mail/mail-document.ts';
import { mailColors } from '../../src/mail/mail-styles.ts';
import { textsByLanguage } from '../../src/mail/subjects/subject-texts.ts';
import type { ReceivedMail } from '../support/mail-server.ts';
import { openMailWorld, type MailWorld } from '../support/mail-world.ts';

const MONTH = { lifetimeMs: 45 * DAY_MS };

const HOSTILE = [
  `"><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>`,
  `</title></style></section></body><iframe srcdoc="x"></iframe>`,
  `'onmouseover='alert(1) <a href="javascript:alert(1)">click</a> &lt;b&gt; &#x3C;i>`,
  'a\r\nBcc: victim@evil.example\r\n\r\nSecret begins with: kt_forged',
  'a\u2028Stop these mails: https://evil.example\u2029\u0085end',
  '\u202Eelpmaxe.live\u202C \u2066x',
  '<!-- <![CDATA[ ]]> -->{{7*7}}${7*7}',
];

/** What the HTML of a mail may have: nothing that loads, runs or sends. */
const ELEMENTS = new Set('html head meta title style body div h1 h2 section p table tr th td ul li a'.split(' '));
const ATTRIBUTES = new Set('lang charset name content class style dir scope href'.split(' '));

function parseHtml({ parsed }: ReceivedMail) {
  const root = parseDocument(String(parsed.html));
  const elements = DomUtils.findAll(() => true, root.children);
  const hrefs = elements.flatMap(({ attribs }) => (attribs['href'] === undefined ? [] : [attribs['href']]));
  const body = elements.find(({ name }) => name === 'body')!;
  // The text of one element never runs into that of the next, as on a screen.
  const text = DomUtils.filter(({ nodeType }) => nodeType === 3, body)
    .map((node) => DomUtils.textContent(node))
    .join(' ');
  return { elements, hrefs, text };
}

/** The words of a text, sorted, without URLs. */
const wordsOf = (text: string) => (text.replaceAll(/https:\S+/g, '').match(/[\p{L}\p{N}_]+/gu) ?? []).toSorted();

/** Checks what holds for the HTML and the text of each mail. */
function expectSoundMail(mail: ReceivedMail): void {
  const { elements, hrefs, text } = parseHtml(mail);
  expect([...new Set(elements.map(({ name }) => name))].filter((name) => !ELEMENTS.has(name))).toEqual([]);
  const attributes = new Set(elements.flatMap(({ attribs }) => Object.keys(attribs)));
  expect([...attributes].filter((name) => !ATTRIBUTES.has(name))).toEqual([]);
  for (const href of hrefs)
    expect(href).toMatch(/^https:\/\/(keytide\.test\/(keys\/key_\w+$|unsubscribe\?)|app\.example\/keys\?)/);
  const styles = elements.map(({ attribs }) => attribs['style'] ?? '').join();
  expect(String(mail.parsed.html) + styles).not.toMatch(/url\(|@import|expression\(/i);
  expect(wordsOf(text)).toEqual(wordsOf(mail.parsed.text ?? ''));
  const metas = elements.filter(({ name }) => name === 'meta').map(({ attribs }) => attribs);
  for (const name of ['color-scheme', 'supported-color-schemes']) {
    expect(metas).toContainEqual({ name, content: 'light dark' });
  }
  const style = DomUtils.textContent(elements.find(({ name }) => name === 'style')!);
  const dark = style.slice(style.indexOf('@media (prefers-color-scheme:dark)'));
  // What has a light color inline has its dark one by a class.
  const classes = elements.flatMap(({ attribs }) => (attribs['class'] ?? '').split(' ')).filter((name) => name !== '');
  expect(classes.length).toBeGreaterThan(5);
  for (const name of classes) expect(dark).toContain(`.${name}{`);
  for (const { attribs } of elements) {
    if (/color:/.test(attribs['style'] ?? '')) expect(attribs['class']).toMatch(/[tge]-/);
  }
}

async function leak(world: MailWorld, keyId: string, url: string): Promise<void> {
  const { id: secretId } = await world.prisma.secret.findFirstOrThrow({ where: { keyId } });
  await respondToLeaks(world, [{ secretId, keyId, reportedBy: 'github', url, foundIn: 'commit' }]);
}

test('mail: the text and the HTML show the realm, name, owner, last use, secret’s start, labels and a link', async () => {
  const world = await openMailWorld();
  const labels = [
    { name: 'team', value: 'core' },
    { name: 'repo', value: 'release-tools' },
  ];
  const { keyId, secret } = await world.issue({ name: 'release', ask: MONTH, labels });
  await world.verify(secret, 'ci');
  await world.mailAfter(15 * DAY_MS);
  const [mail] = world.server.received;
  expectSoundMail(mail!);
  const text = mail?.parsed.text ?? '';
  expect(text.split('\n\n')).toEqual([
    'API keys of Default',
    'Act now if you still need this API key: it stops working soon.',
    expect.stringMatching(
      new RegExp(
        [
          String.raw`^release \(owner, Default\)`,
          String.raw`  Renew it before Thursday, 7 January 2027 at 12:00 UTC \(in [^)]*\), or it stops working then\.`,
          '[^]*',
          String.raw`  Last use: Monday, 23 November 2026 at 12:00 UTC`,
          String.raw`  Secret begins with: ${secret.slice(0, 9)}…`,
          String.raw`  Labels: repo=release-tools, team=core`,
          String.raw`  Open the key: https://keytide\.test/keys/${keyId}$`,
        ].join('\n'),
      ),
    ),
    expect.stringMatching(
      /^Keytide, which manages these API keys, sent you this mail\.\nStop these mails: https:\/\/keytide\.test\/unsubscribe\?token=[\w-]+\n?$/,
    ),
  ]);
  expect(parseHtml(mail!).hrefs[0]).toBe(`https://keytide.test/keys/${keyId}`);
  expect(mail?.raw).not.toContain(secret.slice(0, 20));
});

test('mail: without a public URL there is the id of the key and no link to a page, and never used is said', async () => {
  const world = await openMailWorld({ pagesUrl: null });
  const { keyId } = await world.issue({ name: 'release', ask: MONTH });
  await world.mailAfter(15 * DAY_MS);
  const [mail] = world.server.received;
  expectSoundMail(mail!);
  expect(mail?.parsed.text).toContain('Last use: never');
  expect(mail?.parsed.text).toContain(`Id: ${keyId}`);
  expect(parseHtml(mail!).hrefs).toEqual([expect.stringContaining('/unsubscribe?token=')]);
});

test.each(HOSTILE.map((name, index) => [index, name] as const))(
  'mail: hostile name %i is text in every part, adds no line, and is in no header',
  async (_index, hostile) => {
    const world = await openMailWorld();
    const labels = [{ name: 'note', value: 'x' }];
    const { keyId } = await world.issue({ ask: MONTH, labels });
    const found = await world.issue({ ask: MONTH, labels });
    await world.prisma.key.updateMany({ data: { name: hostile } });
    await world.prisma.label.updateMany({ data: { value: hostile } });
    await world.prisma.account.update({ where: { id: world.owner.id }, data: { name: hostile } });
    await world.prisma.realm.updateMany({ data: { name: hostile } });
    await world.verify(found.secret, singleLine(hostile).slice(0, 60));
    await leak(world, found.keyId, `https://github.com/${encodeURIComponent(hostile)}`);
    await world.mailAfter(15 * DAY_MS);
    expect(world.server.received).not.toEqual([]);
    for (const mail of world.server.received) {
      expectSoundMail(mail);
      const text = mail.parsed.text ?? '';
      const { text: shown } = parseHtml(mail);
      for (const part of [text, shown]) {
        expect(part).toContain(singleLine(hostile));
        expect(part).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u2028\u2029\u0085]/);
        expect(part).not.toMatch(/^\s*(Bcc: |Secret begins with: kt_forged|Stop these mails: https:\/\/evil)/m);
      }
      const [head = ''] = mail.raw.split('\r\n\r\n');
      expect(head).not.toMatch(/evil|script|Bcc|onmouseover|CDATA|7\*7/);
      expect(mail.recipients).toHaveLength(1);
    }
    const texts = world.server.received.map(({ parsed }) => parsed.text ?? '').join('');
    for (const id of [keyId, found.keyId]) expect(texts).toContain(`https://keytide.test/keys/${id}`);
  },
);

test.each(Object.keys(textsByLanguage))('mail: the layout is the same in mails to customers (%s)', async (language) => {
  const world = await openMailWorld();
  const senderName = 'Acme "API"\r\nBcc: victim@evil.example\r\n <x@evil.example>';
  const subjectMailPage = 'https://app.example/keys?from=mail&x=1';
  await world.prisma.realm.updateMany({ data: { subjectMailName: senderName, subjectMailPage } });
  const subject = { externalId: 'eva', email: 'eva@customer.example', language };
  const { secret } = await world.issue({ subject, name: 'Größe <b>', ask: { lifetimeMs: 31 * DAY_MS } }, world.admin);
  await world.mailAfter(DAY_MS);
  await world.mailAfter(HOUR_MS);
  const [mail, ...others] = world.server.received;
  expect(others).toEqual([]);
  expectSoundMail(mail!);
  expect(mail?.recipients).toEqual(['eva@customer.example']);
  expect(mail?.parsed.bcc).toBeUndefined();
  expect(mail?.parsed.from?.value.map(({ address }) => address)).toEqual(['keytide@example.com']);
  expect(mail?.raw.split('\r\n\r\n')[0]).not.toMatch(/^Bcc/im);
  expect(mail?.parsed.text).toContain(`Größe <b> (${secret.slice(0, 9)}…)`);
  expect(mail?.parsed.html).toContain(`<html lang="${textsByLanguage[language]?.locale}">`);
  expect(parseHtml(mail!).hrefs).toEqual([subjectMailPage, expect.stringContaining('/unsubscribe?')]);
  expect(mail?.parsed.text).toContain(`: ${subjectMailPage}`);
});

test('mail: every color of text has a contrast of 4.5 to its ground, in light and in dark', () => {
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  for (const theme of ['light', 'dark'] as const) {
    for (const text of ['ink', 'quiet', 'link'] as const) {
      for (const ground of ['ground', 'sheet'] as const) {
        const [low = 0, high = 0] = [mailColors[text], mailColors[ground]]
          .map((tone) => luminance(tone[theme]))
          .toSorted();
        expect([text, ground, (high + 0.05) / (low + 0.05) >= 4.5]).toEqual([text, ground, true]);
      }
    }
  }
});
