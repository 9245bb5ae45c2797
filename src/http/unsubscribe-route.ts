import type { ServerResponse } from 'node:http';
import { endNoticeMails } from '../accounts/update-account.ts';
import { escapeHtml } from '../domain/html.ts';
import { sendHtmlPage } from './html-page.ts';
import type { Route } from './find-route.ts';
import type { Core } from '../store/core.ts';
import { endSubjectMails } from '../mail/subjects/end-subject-mails.ts';
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
      if (subject !== null) return unsubscribeSubject(core, request.method ?? '', response, subject);
      const token = search.get('token') ?? '';
      const accountId = readUnsubscribeToken(core.sealer, token);
      if (accountId === null) {
        const how =
          'Copy the whole link from the mail. Or sign in to Keytide and call updateAccount(input: { noticesByMail: false }).';
        return sendUnsubscribePage(response, 400, `This link is incomplete or wrong. ${how}`);
      }
      if (request.method !== 'POST') {
        return sendUnsubscribePage(
          response,
          200,
          'Stop these mails? Keytide will no longer mail you before an API key stops working, after a leak, or after a change of many keys.',
          '<button>Stop these mails</button>',
        );
      }
      await endNoticeMails(core, accountId);
      sendUnsubscribePage(
        response,
        200,
        'Keytide will not send you these mails any more. To get them again, sign in to Keytide and call updateAccount(input: { noticesByMail: true }).',
      );
    },
  };
}

async function unsubscribeSubject(core: Core, method: string, response: ServerResponse, token: string): Promise<void> {
  const unsubscription = readSubjectUnsubscribeToken(core.sealer, token);
  if (unsubscription === null) {
    const how = 'Copy the whole link from the mail, or reply to the mail.';
    return sendUnsubscribePage(response, 400, `This link is incomplete or wrong. ${how}`);
  }
  if (method !== 'POST') {
    const question = 'Stop these mails? You will get no mail any more before an API key stops working.';
    return sendUnsubscribePage(response, 200, question, '<button>Stop these mails</button>');
  }
  await endSubjectMails(core, unsubscription);
  sendUnsubscribePage(response, 200, 'You will not get these mails any more.');
}

/** Sends the page. Its form has no action, so that it is sent to the URL of the page, which contains the token. */
function sendUnsubscribePage(response: ServerResponse, status: number, message: string, button = ''): void {
  const form = button === '' ? '' : `<form method="post">${button}</form>`;
  sendHtmlPage(response, status, { title: 'Mails about your API keys', body: `<p>${message}</p>${form}` });
}
