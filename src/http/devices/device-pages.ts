import type { ServerResponse } from 'node:http';
import type { DeviceQuestion } from '../../accounts/devices/decide-by-proof.ts';
import { describeDuration } from '../../domain/duration.ts';
import { escapeHtml } from '../../domain/html.ts';
import { sendHtmlPage } from '../html-page.ts';

/**
 * Returns the form in which a person enters the code and signs in, with the problem of the last attempt if there was
 * one.
 */
export function signInPage(problem = '', userCode = ''): string {
  return `<h1>Sign in a device</h1>
${problem === '' ? '' : `<p role="alert"><strong>${escapeHtml(problem)}</strong></p>`}
<p>Enter the code that your own terminal shows. Never enter a code that someone sent you: it would sign that person in as you.</p>
<form method="post" action="/device">
<p><label>Code <input name="user_code" value="${escapeHtml(userCode)}" required autocomplete="off" autocapitalize="characters" spellcheck="false"></label></p>
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
  const table = rows.map(([label, value = '']) => `<tr><th>${label}</th><td>${escapeHtml(value)}</td></tr>`).join('\n');
  return `<h1>Sign in this device?</h1>
<table>
${table}
</table>
<p>Confirm only if you started this sign-in yourself just now.</p>
<form method="post" action="/device">
<input type="hidden" name="proof" value="${escapeHtml(proof)}">
<p><button name="decision" value="confirm">Confirm</button> <button name="decision" value="refuse">Refuse</button></p>
</form>`;
}

/** Returns a page with a message and no form. */
export function messagePage(message: string): string {
  return `<p>${escapeHtml(message)}</p>`;
}

/** Sends a page of this device sign-in. */
export function sendPage(response: ServerResponse, status: number, body: string): void {
  // With no-referrer, browsers would send "Origin: null" with our own form (Fetch, "append a request Origin header").
  sendHtmlPage(response, status, { title: 'Keytide', body }, { 'Referrer-Policy': 'same-origin' });
}
