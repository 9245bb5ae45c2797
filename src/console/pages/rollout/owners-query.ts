import { selects, type Selector } from '../../../domain/selector.ts';
import { graphql } from '../../api/graphql.ts';
import type { KeysOfRolloutQuery, KeySelector } from '../../api/operations.ts';
import { isOpen, type RolloutAnswer, type RolloutDetails, type RolloutException } from './rollout-query.ts';

/** In whose name a person may answer. */
export const AnsweringQuery = graphql(`
  query AnsweringOwners {
    viewer {
      ... on Account {
        id
        name
        memberships {
          role
          organization {
            id
            name
          }
        }
      }
    }
  }
`);

/** How many keys of an owner are read. */
export const OWN_KEYS_MAX = 20;

export const OwnKeysQuery = graphql(`
  query KeysOfRollout($realm: String!, $owner: ID!, $first: Int!) {
    keys(
      filter: { realm: $realm, owner: $owner, states: [ACTIVE, HELD] }
      orderBy: { field: STOPS_AT, direction: ASC }
      first: $first
    ) {
      edges {
        node {
          id
          name
          createdAt
          stopsAt
          automation
          labels {
            name
            value
          }
          usage {
            consumers {
              name
            }
          }
          explanation {
            verdicts {
              revision
              counts
              binding {
                id
              }
              cap {
                kept
              }
              holds {
                kept
              }
              expires {
                kept
              }
            }
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

type ReadKey = KeysOfRolloutQuery['keys']['edges'][number]['node'];

/** A key of an owner, and what the rollout does to it. */
export interface TouchedKey extends ReadKey {
  /** Whether the change is in force for the key. */
  readonly isReached: boolean;
  /** When the key stops by the new rules, if they are not in force for it; null: they do not stop it, or are not known yet. */
  readonly nextStop: string | null;
  /** Whether the new rules were evaluated for the key. */
  readonly isKnown: boolean;
}

/** In whose name a person may answer. */
export interface AnsweringOwner {
  readonly id: string;
  readonly name: string;
}

/** What the dialogs of answers need. */
export interface AnswerDialogProps {
  readonly of: RolloutDetails;
  readonly owner: AnsweringOwner;
  readonly keys: readonly TouchedKey[];
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** Returns the keys that a rollout touches, each with what it does to it. */
export function touchedBy(rollout: RolloutDetails, owner: string, { keys }: KeysOfRolloutQuery): TouchedKey[] {
  const selectors = [rollout.before, rollout.after].flatMap((revision) =>
    revision === null ? [] : [selectorFrom(revision.selector)],
  );
  return keys.edges
    .map(({ node }) => node)
    .filter(({ id, labels, createdAt }) => {
      const key = { id, ownerId: owner, labels, createdAt: new Date(createdAt) };
      return selectors.some((selector) => selects(selector, key));
    })
    .map((key) => ({ ...key, ...effectOn(key, rollout) }));
}

function effectOn({ explanation }: ReadKey, { binding, after, state }: RolloutDetails) {
  const verdict = explanation.verdicts.find((one) => one.binding.id === binding.id && one.revision === after?.revision);
  if (verdict === undefined || state === 'UNDONE') return { isReached: false, isKnown: false, nextStop: null };
  const stops = [verdict.cap, verdict.holds, verdict.expires].flatMap((stop) => (stop === null ? [] : [stop.kept]));
  const [first = null] = stops.toSorted((a, b) => Date.parse(a) - Date.parse(b));
  return { isReached: verdict.counts, isKnown: true, nextStop: first };
}

function selectorFrom(stored: unknown): Selector | null {
  if (stored === null || stored === undefined) return null;
  const { issuedBefore, issuedAfter, not, ...rest } = stored as KeySelector;
  const instant = (text: string | null | undefined) => (text == null ? null : new Date(text));
  const bounds = { issuedBefore: instant(issuedBefore), issuedAfter: instant(issuedAfter), not: selectorFrom(not) };
  return { ...(rest as Selector), ...bounds };
}

/** Returns what an owner has answered and not taken back, newest first. */
export function standingAnswers({ answers }: RolloutDetails, owner: string): RolloutAnswer[] {
  return answers.edges
    .map(({ node }) => node)
    .filter((answer) => answer.owner?.id === owner && answer.withdrawnAt === null && answer.kind !== 'WITHDRAW');
}

/** Returns the exceptions of an owner that are granted and have not ended. */
export function grantedExceptions({ exceptions }: RolloutDetails, owner: string): RolloutException[] {
  return exceptions.edges.map(({ node }) => node).filter((one) => one.state === 'GRANTED' && one.owner?.id === owner);
}

/** Returns the exception that holds longest for a key; null: none does. */
export function exceptionOf(keyId: string, exceptions: readonly RolloutException[]): RolloutException | null {
  const held = exceptions.filter(({ keyIds }) => keyIds.length === 0 || keyIds.includes(keyId));
  return held.toSorted((a, b) => Date.parse(b.until) - Date.parse(a.until))[0] ?? null;
}

/** Whether an owner has objected in the present stage: it may do so once. */
export function hasObjectedNow(rollout: RolloutDetails, owner: string): boolean {
  return rollout.answers.edges.some(
    ({ node: { kind, owner: by, createdAt } }) =>
      kind === 'OBJECT' && by?.id === owner && Date.parse(createdAt) >= Date.parse(rollout.stageSince),
  );
}

/** Returns whether an owner has something to take back. */
export function mayWithdraw(rollout: RolloutDetails, owner: string): boolean {
  return isOpen(rollout) && standingAnswers(rollout, owner).some(({ kind }) => kind !== 'COMMENT');
}

export const answerDocument = graphql(`
  mutation AnswerOnPage($input: AnswerRolloutInput!) {
    answerRollout(input: $input) {
      ... on AnswerRolloutSuccess {
        answerId
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
