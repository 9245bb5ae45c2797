import { describeDuration } from '../domain/duration.ts';
import type { DigestContents, StoppingKey } from './load-digest.ts';
import { countChangedKeys, countOmittedKeys, describeChangedKeys } from './describe-changed-keys.ts';
import { describeLeak } from './describe-leak.ts';
import { formatUtcMoment } from './format-moment.ts';

/** The links of a mail. */
export interface MailLinks {
  /** Returns the URL that shows a key. */
  key(id: string): string;
  /** Turns off notices by mail for the recipient. */
  readonly unsubscribe: string;
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** Returns the subject: what happens, and when. It contains no name that a person chose, as names could mislead. */
export function mailSubject({ keys, leaks, operations }: DigestContents): string {
  const [leak] = leaks;
  if (leak !== undefined) {
    const on = dayFormat.format(leak.reportedAt);
    return leaks.length === 1
      ? `An API key was reported as leaked on ${on}`
      : `${leaks.length} API key secrets were reported as leaked, the first on ${on}`;
  }
  const [operation] = operations;
  if (operation !== undefined) {
    const on = dayFormat.format(operation.endedAt);
    if (operations.length === 1) return `${countChangedKeys(operation)} on ${on}`;
    return `API keys were changed by ${operations.length} operations, the first on ${on}`;
  }
  const [first] = keys;
  const on = first === undefined ? '' : dayFormat.format(first.stopsAt);
  return keys.length === 1
    ? `An API key stops working on ${on}`
    : `${keys.length} API keys stop working, the first on ${on}`;
}

/**
 * Describes one key, one line for each point: what to do and by when, why the key stops, and why the reader gets this.
 */
export function describeStoppingKey(key: StoppingKey, now: Date): readonly string[] {
  const { stopsAt, isExtendedByUse, automationDueAt, isEscalated, why, ownerName } = key;
  const left = describeDuration(stopsAt.getTime() - now.getTime());
  const by = `${formatUtcMoment(stopsAt)} (in ${left})`;
  const advice = isExtendedByUse
    ? [
        `Use it once before ${by}, or it stops working then.`,
        'If the reason below is not a lack of use, a use does not help: resolve that reason.',
        'If you no longer need it, do nothing.',
      ]
    : [
        `Renew it before ${by}, or it stops working then.`,
        'A person can renew it. Or let the program that uses it renew it: then this happens automatically from now on.',
      ];
  return [
    ...advice,
    `Why: ${why}`,
    ...(automationDueAt === null
      ? []
      : [
          `Until now its automation has renewed it, but this renewal is late: it was due on ${formatUtcMoment(automationDueAt)}. Check whether the automation still runs.`,
        ]),
    ...(isEscalated ? [`You get this mail because ${ownerName} has not acted so far, or could not be reached.`] : []),
  ];
}

/** Returns the sentence above the leaks of a mail and the one above the keys that stop: what to do. */
export function introductionsOf({ keys, leaks }: DigestContents): {
  readonly leaked: string;
  readonly stopping: string;
} {
  return {
    leaked:
      leaks.length === 1
        ? 'Check this API key now: its secret has leaked.'
        : 'Check these API keys now: their secrets have leaked.',
    stopping:
      keys.length === 1
        ? 'Act now if you still need this API key: it stops working soon.'
        : 'Act now if you still need these API keys: they stop working soon.',
  };
}

/** Writes the mail as plain text. */
export function writeText(contents: DigestContents, links: MailLinks, now: Date): string {
  const { keys, leaks, operations } = contents;
  const { leaked, stopping } = introductionsOf(contents);
  const leakBlocks = leaks.map((leak) => {
    const { keyId, name, ownerName, realmName } = leak;
    return [`${name} (${ownerName}, ${realmName})`, ...describeLeak(leak), links.key(keyId)].join('\n  ');
  });
  const operationBlocks = operations.map((operation) => {
    const rest = countOmittedKeys(operation);
    const listed = [...operation.keys.map(({ title }) => title), ...(rest === null ? [] : [rest])];
    return [
      `${countChangedKeys(operation)} (${operation.realmName})`,
      ...describeChangedKeys(operation),
      ...listed.map((line) => `- ${line}`),
    ].join('\n  ');
  });
  const blocks = keys.map((key) => {
    const { id, name, ownerName, realmName } = key;
    return [`${name} (${ownerName}, ${realmName})`, ...describeStoppingKey(key, now), links.key(id)].join('\n  ');
  });
  return `${[
    ...(leaks.length === 0 ? [] : [leaked, ...leakBlocks]),
    ...operationBlocks,
    ...(keys.length === 0 ? [] : [stopping, ...blocks]),
    `Keytide, which manages these API keys, sent you this mail. To stop these mails: ${links.unsubscribe}`,
  ].join('\n\n')}\n`;
}
