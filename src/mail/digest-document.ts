import { DAY_MS, describeDuration } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import type { DigestContents, StoppingKey } from './load-digest.ts';
import { countChangedKeys, countOmittedKeys, describeChangedKeys } from './describe-changed-keys.ts';
import { describeLabels } from './describe-labels.ts';
import { describeLeak } from './describe-leak.ts';
import { formatUtcMoment } from './format-moment.ts';
import type { ChangedKeys } from './load-changed-keys.ts';
import type { LeakedSecret } from './load-leaks.ts';
import type { MailBlock, MailDocument, MailLink, MailSection } from './mail-document.ts';

/** The links of a mail. */
export interface MailLinks {
  /** Returns the URL of the page that shows a key. Null: it is not known at which URL people reach the gateway. */
  key(id: string): string | null;
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
function describeStoppingKey(key: StoppingKey, now: Date): readonly string[] {
  const { stopsAt, isExtendedByUse, automationDueAt, isEscalated, why, ownerName, nextUse } = key;
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
    ...(nextUse === null
      ? []
      : [
          `By its rhythm it is likely to be used next between ${dayFormat.format(nextUse.from)} and ${dayFormat.format(addMs(nextUse.to, -DAY_MS))}: it stops before that use.`,
        ]),
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
function introductionsOf({ keys, leaks }: DigestContents): {
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

/** Returns the mail to one account, about these leaks, operations and keys that stop. */
export function digestDocument(
  contents: DigestContents,
  { links, now, senderName }: { readonly links: MailLinks; readonly now: Date; readonly senderName: string },
): MailDocument {
  const { keys, leaks, operations } = contents;
  const { leaked, stopping } = introductionsOf(contents);
  const sections: readonly MailSection[] = [
    { introduction: leaked, blocks: leaks.map((leak) => leakBlock(leak, links)) },
    { introduction: null, blocks: operations.map((operation) => operationBlock(operation, links)) },
    { introduction: stopping, blocks: keys.map((key) => stopBlock(key, links, now)) },
  ];
  return {
    language: 'en',
    title: 'Your API keys',
    heading: headingOf([...leaks, ...operations, ...keys].map(({ realmName }) => realmName)),
    sections: sections.filter(({ blocks }) => blocks.length > 0),
    page: null,
    closing: `${senderName === '' ? 'Keytide' : senderName}, which manages these API keys, sent you this mail.`,
    unsubscribe: { label: 'Stop these mails', url: links.unsubscribe },
  };
}

function headingOf(realmNames: readonly string[]): string {
  const [first = '', ...others] = new Set(realmNames);
  return others.length === 0 ? `API keys of ${first}` : `API keys of ${others.length + 1} realms`;
}

function leakBlock(leak: LeakedSecret, links: MailLinks): MailBlock {
  return {
    title: leak.name,
    origin: `${leak.ownerName}, ${leak.realmName}`,
    sentences: describeLeak(leak),
    facts: [...factsOf(leak), ...idFact(leak.keyId, links)],
    items: [],
    link: linkTo(leak.keyId, links),
  };
}

function operationBlock(operation: ChangedKeys, links: MailLinks): MailBlock {
  const rest = countOmittedKeys(operation);
  return {
    title: countChangedKeys(operation),
    origin: operation.realmName,
    sentences: describeChangedKeys(operation),
    facts: [],
    items: [
      ...operation.keys.map(({ id, title }) => ({ text: title, url: links.key(id) })),
      ...(rest === null ? [] : [{ text: rest, url: null }]),
    ],
    link: null,
  };
}

function stopBlock(key: StoppingKey, links: MailLinks, now: Date): MailBlock {
  const lastUse = key.lastUsedAt === null ? 'never' : formatUtcMoment(key.lastUsedAt);
  return {
    title: key.name,
    origin: `${key.ownerName}, ${key.realmName}`,
    sentences: describeStoppingKey(key, now),
    facts: [['Last use', lastUse], ...factsOf(key), ...idFact(key.id, links)],
    items: [],
    link: linkTo(key.id, links),
  };
}

function factsOf({ start, labels }: Pick<StoppingKey, 'start' | 'labels'>): MailBlock['facts'] {
  const described = describeLabels(labels, (count) => `${count} more`);
  return [
    ...(start === '' ? [] : [['Secret begins with', `${start}…`] as const]),
    ...(described === null ? [] : [['Labels', described] as const]),
  ];
}

/** Returns the id of a key, by which the command finds it, if there is no link to its page. */
function idFact(keyId: string, links: MailLinks): MailBlock['facts'] {
  return links.key(keyId) === null ? [['Id', keyId]] : [];
}

function linkTo(keyId: string, links: MailLinks): MailLink | null {
  const url = links.key(keyId);
  return url === null ? null : { label: 'Open the key', url };
}
