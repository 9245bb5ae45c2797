import { describeDuration } from '../../domain/duration.ts';
import type { StoppingKey } from './load-digest.ts';

/** Where a mail leads. */
export interface MailLinks {
  /** The page of a key. */
  key(id: string): string;
  /** Ends notices by mail for whoever got it. */
  readonly unsubscribe: string;
}

const moment = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A moment as people read it: Wednesday 23 December 2026 at 12:00 UTC. */
function sayMoment(at: Date): string {
  return `${moment.format(at)} UTC`;
}

/** What a mail is about. No name that people chose is in it. */
export function subjectOf(keys: readonly StoppingKey[]): string {
  const [first] = keys;
  const on = first === undefined ? '' : day.format(first.stopsAt);
  return keys.length === 1 ? `A key stops on ${on}` : `${keys.length} keys stop, the first on ${on}`;
}

/** What is said of one key, a sentence a line: when it stops, why, and what to do. */
export function sentencesOf(key: StoppingKey, now: Date): readonly string[] {
  const { stopsAt, isMovedByUse, automationDueAt, isOfOthers, why, ownerName } = key;
  const left = describeDuration(stopsAt.getTime() - now.getTime());
  const advice = isMovedByUse
    ? 'Use it once before then, and it goes on. If it is not needed any more, there is nothing to do.'
    : 'Renew it before then: a person can, or the key itself, so that automation does it from then on.';
  return [
    `It stops on ${sayMoment(stopsAt)}, in ${left}.`,
    `Why: ${why}`,
    ...(automationDueAt === null
      ? []
      : [
          `It has been renewing itself and is late: that was due on ${sayMoment(automationDueAt)}. See whether its automation still runs.`,
        ]),
    ...(isOfOthers ? [`You are told because ${ownerName} has not acted on it so far, or could not be reached.`] : []),
    advice,
  ];
}

/** The mail as plain text. */
export function writeText(keys: readonly StoppingKey[], links: MailLinks, now: Date): string {
  const blocks = keys.map((key) => {
    const { id, name, ownerName, realmName } = key;
    return [`${name} (${ownerName}, ${realmName})`, ...sentencesOf(key, now), links.key(id)].join('\n  ');
  });
  const intro = keys.length === 1 ? 'This API key stops by itself:' : 'These API keys stop by themselves:';
  return [intro, ...blocks, `To get no more notices by mail: ${links.unsubscribe}`].join('\n\n') + '\n';
}
