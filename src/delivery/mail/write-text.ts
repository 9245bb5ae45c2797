import { describeDuration } from '../../domain/duration.ts';
import type { DigestContents, StoppingKey } from './load-digest.ts';
import { describeLeak } from './describe-leak.ts';
import { formatUtcMoment } from './format-moment.ts';

/** Where a mail leads. */
export interface MailLinks {
  /** The page of a key. */
  key(id: string): string;
  /** Ends notices by mail for whoever got it. */
  readonly unsubscribe: string;
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** What a mail is about. No name that people chose is in it. */
export function mailSubject({ keys, leaks }: DigestContents): string {
  if (leaks.length > 0)
    return leaks.length === 1 ? 'A secret of a key has leaked' : `${leaks.length} secrets have leaked`;
  const [first] = keys;
  const on = first === undefined ? '' : dayFormat.format(first.stopsAt);
  return keys.length === 1 ? `A key stops on ${on}` : `${keys.length} keys stop, the first on ${on}`;
}

/** What is said of one key, a sentence a line: when it stops, why, and what to do. */
export function describeStoppingKey(key: StoppingKey, now: Date): readonly string[] {
  const { stopsAt, isExtendedByUse, automationDueAt, isEscalated, why, ownerName } = key;
  const left = describeDuration(stopsAt.getTime() - now.getTime());
  const advice = isExtendedByUse
    ? 'Use it once before then, and it goes on. If it is not needed any more, there is nothing to do.'
    : 'Renew it before then: a person can, or the key itself, so that automation does it from then on.';
  return [
    `It stops on ${formatUtcMoment(stopsAt)}, in ${left}.`,
    `Why: ${why}`,
    ...(automationDueAt === null
      ? []
      : [
          `It has been renewing itself and is late: that was due on ${formatUtcMoment(automationDueAt)}. See whether its automation still runs.`,
        ]),
    ...(isEscalated ? [`You are told because ${ownerName} has not acted on it so far, or could not be reached.`] : []),
    advice,
  ];
}

/** What stands over the leaks of a mail, and over the keys that stop. */
export function introductionsOf({ keys, leaks }: DigestContents): {
  readonly leaked: string;
  readonly stopping: string;
} {
  return {
    leaked:
      leaks.length === 1 ? 'The secret of this API key has leaked:' : 'The secrets of these API keys have leaked:',
    stopping: keys.length === 1 ? 'This API key stops by itself:' : 'These API keys stop by themselves:',
  };
}

/** The mail as plain text. */
export function writeText(contents: DigestContents, links: MailLinks, now: Date): string {
  const { keys, leaks } = contents;
  const { leaked, stopping } = introductionsOf(contents);
  const leakBlocks = leaks.map((leak) => {
    const { keyId, name, ownerName, realmName } = leak;
    return [`${name} (${ownerName}, ${realmName})`, ...describeLeak(leak), links.key(keyId)].join('\n  ');
  });
  const blocks = keys.map((key) => {
    const { id, name, ownerName, realmName } = key;
    return [`${name} (${ownerName}, ${realmName})`, ...describeStoppingKey(key, now), links.key(id)].join('\n  ');
  });
  return `${[
    ...(leaks.length === 0 ? [] : [leaked, ...leakBlocks]),
    ...(keys.length === 0 ? [] : [stopping, ...blocks]),
    `To get no more notices by mail: ${links.unsubscribe}`,
  ].join('\n\n')}\n`;
}
