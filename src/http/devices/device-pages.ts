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
<p>Enter the code that your own terminal shows. Never enter a code that someone sent you: it would sign that person in as you.</p>
${problem === '' ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`}
<form method="post" action="/device">
<label for="code">Code</label>
<input id="code" name="user_code" value="${escapeHtml(userCode)}" required autocomplete="off" autocapitalize="characters" spellcheck="false">
<label for="email">Email</label>
<input id="email" name="email" type="email" required autocomplete="username">
<label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="current-password">
<button class="primary">Continue</button>
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
    [
      'Requested',
      `${ago} ago, at ${createdAt
        .toISOString()
        .replace('T', ' ')
        .replace(/:\d\d\..*$/, ' UTC')}`,
    ],
    ['Signs in as', accountName],
    ['Can do', 'everything that you can do, for 12 hours'],
  ];
  const facts = rows.map(([label, value = '']) => `<dt>${label}</dt><dd>${escapeHtml(value)}</dd>`).join('\n');
  return `<h1>Sign in this device?</h1>
<dl class="facts stacked">
${facts}
</dl>
<p>The program chose its names itself. Confirm only if you started this sign-in just now.</p>
<form method="post" action="/device">
<input type="hidden" name="proof" value="${escapeHtml(proof)}">
<div class="buttons">
<button class="danger" name="decision" value="refuse">Refuse</button>
<button class="primary" name="decision" value="confirm">Confirm</button>
</div>
</form>`;
}

/** Returns a page with a message and no form. */
export function messagePage(message: string): string {
  return `<h1>Sign in a device</h1>
<p>${escapeHtml(message)}</p>`;
}

/** Sends a page of this device sign-in. */
export function sendPage(response: ServerResponse, status: number, body: string): void {
  // With no-referrer, browsers would send "Origin: null" with our own form (Fetch, "append a request Origin header").
  sendHtmlPage(response, status, { title: 'Sign in a device · Keytide', body }, { 'Referrer-Policy': 'same-origin' });
}
