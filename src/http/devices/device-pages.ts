import type { ServerResponse } from 'node:http';
import type { DeviceQuestion } from '../../devices/decide-by-proof.ts';
import { describeDuration } from '../../domain/duration.ts';

/** The pages load nothing and run no script; forms may be sent to this origin only. */
const contentSecurityPolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * Returns the form in which a person enters the code and signs in, with the problem of the last attempt if there was
 * one.
 */
export function signInPage(problem = '', userCode = ''): string {
  return `<h1>Sign in a device</h1>
${problem === '' ? '' : `<p role="alert"><strong>${escapeMarkup(problem)}</strong></p>`}
<p>Enter the code that your own terminal shows. Never enter a code that someone sent you: it would sign that person in as you.</p>
<form method="post" action="/device">
<p><label>Code <input name="user_code" value="${escapeMarkup(userCode)}" required autocomplete="off" autocapitalize="characters" spellcheck="false"></label></p>
<p><label>Email <input name="email" type="email" required autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password" required autocomplete="current-password"></label></p>
<p><button>Continue</button></p>
</form>`;
}

/** Returns the page that describes the device and lets the person confirm or refuse it. */
export function decisionPage({ device, accountName, proof }: DeviceQuestion, now: Date): string {
  const { name, clientId, address, createdAt } = device;
  const ago = describeDuration(Math.max(0, now.getTime() - createdAt.getTime()));
  const rows = [
    ['Program', clientId],
    ['Name of the device', name],
    ['Network address', address],
    ['Requested', `${ago} ago, at ${createdAt.toISOString()}`],
    ['Signs in as', accountName],
    ['Can do', 'everything that you can do, for 12 hours'],
  ];
  const table = rows
    .map(([label, value = '']) => `<tr><th>${label}</th><td>${escapeMarkup(value)}</td></tr>`)
    .join('\n');
  return `<h1>Sign in this device?</h1>
<table>
${table}
</table>
<p>Confirm only if you started this sign-in yourself just now.</p>
<form method="post" action="/device">
<input type="hidden" name="proof" value="${escapeMarkup(proof)}">
<p><button name="decision" value="confirm">Confirm</button> <button name="decision" value="refuse">Refuse</button></p>
</form>`;
}

/** Returns a page with a message and no form. */
export function messagePage(message: string): string {
  return `<p>${escapeMarkup(message)}</p>`;
}

/** Sends an HTML page with this body. */
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
    // With no-referrer, browsers would send "Origin: null" with our own form (Fetch, "append a request Origin header").
    'Referrer-Policy': 'same-origin',
  });
  response.end(text);
}

/** Escapes text for HTML: the device chooses its own name and program, so both may contain markup. */
function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
