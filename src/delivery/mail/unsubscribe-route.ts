import type { ServerResponse } from 'node:http';
import { endNoticeMails } from '../../accounts/update-account.ts';
import type { Route } from '../../http/http-server.ts';
import type { Core } from '../../store/core.ts';
import { readUnsubscribeToken } from './unsubscribe-token.ts';

/** Nothing is loaded; the form goes back to where it came from. */
const contentSecurityPolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A mail program's body says List-Unsubscribe=One-Click, and nothing else is read of it. */
const BODY_MAX = 1_000;

/**
 * /unsubscribe: ends notices by mail for the account that the token was made for. GET shows a button and changes nothing,
 * for programs follow links in mails; POST does it, from that button or by a mail program's one click (RFC 8058).
 */
export function unsubscribeRoute(core: Core): Route {
  return {
    methods: ['GET', 'POST'],
    body: { limit: BODY_MAX, refuse: (_request, response) => sendUnsubscribePage(response, 413, 'That is too long.') },
    handle: async (request, response) => {
      const token = new URL(request.url ?? '', 'http://localhost').searchParams.get('token') ?? '';
      const accountId = readUnsubscribeToken(core.sealer, token);
      if (accountId === null) {
        const how = 'Take it whole from the mail, or sign in and change your account.';
        return sendUnsubscribePage(response, 400, `This link is not complete. ${how}`);
      }
      if (request.method !== 'POST') {
        return sendUnsubscribePage(
          response,
          200,
          'Get no more notices by mail?',
          '<button>No more notices by mail</button>',
        );
      }
      await endNoticeMails(core, accountId);
      sendUnsubscribePage(
        response,
        200,
        'You get no more notices by mail. Sign in and change your account to get them again.',
      );
    },
  };
}

/** The form has no action: it is sent to the address of the page, with the token in it. */
function sendUnsubscribePage(response: ServerResponse, status: number, words: string, button = ''): void {
  const form = button === '' ? '' : `<form method="post">${button}</form>`;
  const text = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Keytide</title></head>
<body><p>${words}</p>${form}</body>
</html>
`;
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Content-Security-Policy': contentSecurityPolicy,
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
