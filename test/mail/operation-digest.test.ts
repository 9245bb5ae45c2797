import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { openMailServer } from '../support/mail-server.ts';
import { openOperationTown } from '../support/operation-town.ts';

const SENDER = { name: 'Keytide', address: 'keytide@example.com' };

test('mail: each owner whose keys an operation changed gets one mail at its end, whatever the number of keys', async () => {
  const server = await openMailServer();
  const town = await openOperationTown({ mail: { smtpUrl: new Sensitive(server.url), sender: SENDER } });
  const { admin, ann, olga, eve, gus, acme, globex, gateway } = town;
  const { prisma, clock, node } = gateway;
  const labels = [{ name: 'by', value: 'rule' }];
  await town.makeKeys(60, { labels, name: 'job <b>' });
  await town.makeKeys(1, { labels, name: 'own', organizationId: null, accountId: olga.id });
  await town.makeKeys(2, { labels, organizationId: null, accountId: eve.id });
  await town.makeKeys(1, { labels, organizationId: globex });
  await town.makeKeys(1);
  // Eve wants no notices. The only OWNER of Globex is disabled, and it has no ADMIN.
  await prisma.account.update({ where: { id: eve.id }, data: { noticesByMail: false } });
  await prisma.account.update({ where: { id: gus.id }, data: { disabledAt: clock.now() } });
  const mailsTo = async (ms: number) => {
    const before = server.received.length;
    await node.mailer!.sendDue();
    clock.advance(ms);
    await node.mailer!.sendDue();
    return server.received.slice(before).map(({ recipients, parsed }) => [recipients.join(), parsed.subject]);
  };
  const hold = { filter: { labels }, change: 'HOLD', reason: 'incident 7: see the wiki' };
  const { id } = await town.start(admin, hold);
  await node.operationLoop.runRound();
  // Half way nobody is told.
  expect(await mailsTo(10 * MINUTE_MS)).toEqual([]);
  await town.runAll();
  expect((await mailsTo(5 * MINUTE_MS)).toSorted()).toEqual([
    ['ann@example.com', '60 API keys were held on 23 November 2026'],
    ['olga@example.com', 'An API key was held on 23 November 2026'],
  ]);
  const [mail] = server.received.filter(({ recipients }) => recipients.includes('ann@example.com'));
  const text = mail?.parsed.text ?? '';
  expect(text).toContain('60 API keys were held (Acme, Default), ');
  expect(text).toContain('A held key is refused until it is resumed.');
  expect(text).toContain('Changed by Administrator. Reason of the change: incident 7: see the wiki\n');
  expect(text).toContain(' and 50 more\n');
  expect(String(mail?.parsed.html)).toContain('job &lt;b&gt;');
  expect(await mailsTo(2 * DAY_MS)).toEqual([]);

  // The undo is told too. An operation of Ann herself is told to no person: she made it.
  await town.act('undoOperation', await town.signInAgain(admin), id);
  await town.runAll();
  const again = await town.signInAgain(ann);
  await town.start(again, { filter: { owner: acme }, change: 'ASK_ROTATION' });
  await town.runAll();
  expect((await mailsTo(5 * MINUTE_MS)).toSorted()).toEqual([
    ['ann@example.com', '60 API keys are as they were before a change on 25 November 2026'],
    ['olga@example.com', 'An API key is as it was before a change on 25 November 2026'],
  ]);

  // The former and the new owner are told of a transfer. Without a reachable OWNER it is the ADMINs.
  await prisma.account.update({ where: { id: ann.id }, data: { noticesByMail: false } });
  const transfer = { filter: { owner: acme, labels }, change: 'TRANSFER', owner: olga.id };
  await town.start(await town.signInAgain(admin), transfer);
  await town.runAll();
  expect((await mailsTo(5 * MINUTE_MS)).toSorted()).toEqual([
    ['adam@example.com', '60 API keys got another owner on 25 November 2026'],
    ['olga@example.com', '60 API keys are yours now on 25 November 2026'],
  ]);
  expect(await prisma.operationMail.count({ where: { digestId: null } })).toBe(0);
});
