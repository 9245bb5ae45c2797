import type { ServerResponse } from 'node:http';
import type { DeviceQuestion } from '../../devices/decide-by-proof.ts';
import { describeDuration } from '../../domain/duration.ts';

/** Nothing is loaded, and nothing runs; forms go back to where they came from. */
const contentSecurityPolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Where a person types the code, and signs in; with what became of the last attempt. */
export function signInPage(problem = '', userCode = ''): string {
  return `<h1>Sign in a device</h1>
${problem === '' ? '' : `<p role="alert"><strong>${escapeMarkup(problem)}</strong></p>`}
<p>Type the code that your own terminal shows you. Never one that somebody sent you: it would sign them in as you.</p>
<form method="post" action="/device">
<p><label>Code <input name="user_code" value="${escapeMarkup(userCode)}" required autocomplete="off" autocapitalize="characters" spellcheck="false"></label></p>
<p><label>Email <input name="email" type="email" required autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password" required autocomplete="current-password"></label></p>
<p><button>Go on</button></p>
</form>`;
}

/** What asks, and the two answers to it. */
export function decisionPage({ device, accountName, proof }: DeviceQuestion, now: Date): string {
  const { name, clientId, address, createdAt } = device;
  const ago = describeDuration(Math.max(0, now.getTime() - createdAt.getTime()));
  const rows = [
    ['Program', clientId],
    ['Calls its machine', name],
    ['Asked from', address],
    ['Asked', `${ago} ago, at ${createdAt.toISOString()}`],
    ['Would act as', accountName],
    ['Could do', 'all that you can, for 12 hours'],
  ];
  const table = rows.map(([what, is = '']) => `<tr><th>${what}</th><td>${escapeMarkup(is)}</td></tr>`).join('\n');
  return `<h1>Sign in this device?</h1>
<table>
${table}
</table>
<p>Confirm only what you have just started yourself.</p>
<form method="post" action="/device">
<input type="hidden" name="proof" value="${escapeMarkup(proof)}">
<p><button name="decision" value="confirm">Confirm</button> <button name="decision" value="refuse">Refuse</button></p>
</form>`;
}

/** A page that says something and asks nothing. */
export function messagePage(words: string): string {
  return `<p>${escapeMarkup(words)}</p>`;
}

/** Answers with a page, of which this is the body. */
export function sendPage(response: ServerResponse, status: number, body: string): void {
  const text = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Keytide</title></head>
<body>
${body}
</body>
</html>
`;
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Content-Security-Policy': contentSecurityPolicy,
    'Cache-Control': 'no-store',
    // Else browsers say that our own form comes from nowhere (Fetch, "append a request Origin header").
    'Referrer-Policy': 'same-origin',
  });
  response.end(text);
}

/** What a program says of itself is text, whatever is in it. */
function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
