import type { ServerResponse } from 'node:http';
import { endNoticeMails } from '../accounts/update-account.ts';
import { escapeHtml } from '../domain/html.ts';
import { sendHtmlPage } from './html-page.ts';
import type { Route } from './find-route.ts';
import type { Core } from '../store/core.ts';
import { endSubjectMails } from '../mail/subjects/end-subject-mails.ts';
import { textsFor } from '../mail/subjects/subject-texts.ts';
import { readSubjectUnsubscribeToken } from '../mail/subjects/subject-unsubscribe-token.ts';
import { readUnsubscribeToken } from '../mail/unsubscribe-token.ts';

/** The longest body, in bytes. Mail programs send the body List-Unsubscribe=One-Click, which is discarded. */
const BODY_MAX = 1_000;

/**
 * Returns the route of /unsubscribe, which turns off notices by mail: for the account of the `token`, or for the address to
 * which a realm mailed its customer (`subject`). GET shows a button
 * and changes nothing, because mail scanners follow links. POST turns the notices off: from the button, or by a mail
 * program's one-click unsubscribing (RFC 8058).
 */
export function unsubscribeRoute(core: Core): Route {
  return {
    methods: ['GET', 'POST'],
    body: { limit: BODY_MAX },
    refuse: (_request, response, { status, detail }) =>
      sendUnsubscribePage(response, status, `${escapeHtml(detail)} Open the link from the mail again.`),
    handle: async (request, response) => {
      const search = new URL(request.url ?? '', 'http://localhost').searchParams;
      const subject = search.get('subject');
      if (subject !== null) {
        const asked = { method: request.method ?? '', token: subject, language: search.get('language') };
        return unsubscribeSubject(core, asked, response);
      }
      const token = search.get('token') ?? '';
      const accountId = readUnsubscribeToken(core.sealer, token);
      if (accountId === null) {
        const how =
          'Copy the whole link from the mail. Or sign in, and turn the mails off under <a href="/settings">Settings</a>.';
        return sendUnsubscribePage(response, 400, `This link is incomplete or wrong. ${how}`);
      }
      if (request.method !== 'POST') {
        return sendUnsubscribePage(
          response,
          200,
          'Stop these mails? Keytide will no longer mail you before an API key stops working, after a leak, or after a change of many keys.',
          '<button class="primary">Stop these mails</button>',
        );
      }
      await endNoticeMails(core, accountId);
      sendUnsubscribePage(
        response,
        200,
        'Keytide will not send you these mails any more. To get them again, sign in, and turn them on under <a href="/settings">Settings</a>.',
      );
    },
  };
}

/** Answers the reader of a mail to a subject, in the language of that mail. */
async function unsubscribeSubject(
  core: Core,
  { method, token, language }: { readonly method: string; readonly token: string; readonly language: string | null },
  response: ServerResponse,
): Promise<void> {
  const { page, stop, locale } = textsFor(language);
  const send = (status: number, message: string, button = '') =>
    sendUnsubscribePage(response, status, escapeHtml(message), button, {
      title: page.title,
      language: locale,
      isBranded: false,
    });
  const unsubscription = readSubjectUnsubscribeToken(core.sealer, token);
  if (unsubscription === null) return send(400, page.wrongLink);
  if (method !== 'POST') return send(200, page.question, `<button class="primary">${escapeHtml(stop)}</button>`);
  await endSubjectMails(core, unsubscription);
  send(200, page.done);
}

const english = { title: 'Mails about your API keys', language: 'en', isBranded: true };

/** Sends the page. Its form has no action, so that it is sent to the URL of the page, which contains the token. */
function sendUnsubscribePage(
  response: ServerResponse,
  status: number,
  message: string,
  button = '',
  { title, language, isBranded } = english,
): void {
  const form = button === '' ? '' : `<form method="post">${button}</form>`;
  const body = `<h1>${escapeHtml(title)}</h1>\n<p>${message}</p>\n${form}`;
  sendHtmlPage(response, status, { title, body, language, isBranded });
}
