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

export const OwnKeyFields = graphql(`
  fragment OwnKey on Key {
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
  }
`);

/** The keys whose stop the rollout moves, and those that stop first: a rollout may touch a key without moving its stop. */
export const OwnKeysQuery = graphql(`
  query KeysOfRollout($id: ID!, $realm: String!, $owner: ID!, $first: Int!) {
    rollout(id: $id) {
      myKeys(first: $first, ownerId: $owner) {
        edges {
          node {
            stopsAtWith
            isReached
            key {
              ...OwnKey
            }
          }
        }
        pageInfo {
          hasNextPage
        }
      }
    }
    keys(
      filter: { realm: $realm, owner: $owner, states: [ACTIVE, HELD] }
      orderBy: { field: STOPS_AT, direction: ASC }
      first: $first
    ) {
      edges {
        node {
          ...OwnKey
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
  /** When the key stops by the new rules; null: its stop is not moved, or never comes. */
  readonly nextStop: string | null;
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
  /** The keys to choose from; empty: there are too many, and an answer is about all of them. */
  readonly keys: readonly TouchedKey[];
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** Returns the keys that a rollout touches, each with what it does to it: first those whose stop it moves. */
export function touchedBy(details: RolloutDetails, owner: string, { keys, rollout }: KeysOfRolloutQuery): TouchedKey[] {
  const moved = (rollout?.myKeys.edges ?? []).map(({ node: { key, isReached, stopsAtWith } }): TouchedKey => {
    return { ...key, isReached, nextStop: stopsAtWith };
  });
  const selectors = [details.before, details.after].flatMap((revision) =>
    revision === null ? [] : [selectorFrom(revision.selector)],
  );
  const others = keys.edges
    .map(({ node }) => node)
    .filter(({ id }) => moved.every((key) => key.id !== id))
    .filter(({ id, labels, createdAt }) => {
      const key = { id, ownerId: owner, labels, createdAt: new Date(createdAt) };
      return selectors.some((selector) => selects(selector, key));
    })
    .map((key): TouchedKey => ({ ...key, isReached: false, nextStop: null }));
  return [...moved, ...others];
}

/** Whether an owner has keys that were not read, which the rollout may touch, too. */
export function hasMoreKeys({ keys, rollout }: KeysOfRolloutQuery): boolean {
  return keys.pageInfo.hasNextPage || rollout?.myKeys.pageInfo.hasNextPage === true;
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
