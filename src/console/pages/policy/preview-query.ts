import { useEffect, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import { errorMessageOf } from '../../api/client.ts';
import { graphql } from '../../api/graphql.ts';
import type { PreviewOnPageQuery, PreviewPolicyInput } from '../../api/operations.ts';
import type { ConfigProblem } from './field-problems.tsx';

const PreviewQuery = graphql(`
  query PreviewOnPage($input: PreviewPolicyInput!) {
    previewPolicy(input: $input) {
      at
      previewToken
      realmKeyCount
      selectedKeyCount
      nearerCount
      furtherCount
      unchangedCount
      faultCount
      faults {
        kind
        message
        keyCount
      }
      withoutAutomationCount
      findings {
        code
        severity
        message
        keyCount
        ownerCount
        owners {
          id
          name
        }
        keys {
          id
          name
        }
      }
      brakeShare
      byWeek {
        startsAt
        before
        after
      }
      byOwner {
        owner {
          id
          name
        }
        keyCount
        nearerCount
        nearerByWeek
      }
      changes(first: 20) {
        edges {
          node {
            key {
              id
              name
              owner {
                id
                name
              }
            }
            before
            after
            isNearer
            wasRenewed
            reason {
              sentence
            }
          }
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  }
`);

export type Preview = PreviewOnPageQuery['previewPolicy'];
export type PreviewedKeyChange = Preview['changes']['edges'][number]['node'];

/** What has become of a preview. */
export type PreviewState =
  | { readonly kind: 'RUNNING'; readonly since: Date }
  | { readonly kind: 'DONE'; readonly preview: Preview }
  | { readonly kind: 'FAILED'; readonly message: string }
  /** The gateway does not accept the configuration. */
  | { readonly kind: 'REFUSED'; readonly message: string; readonly problems: readonly ConfigProblem[] };

/**
 * Previews a change, and returns what has become of it, and how to do it again. It may take minutes: a page that is left ends the
 * request. A new input is a new preview.
 */
export function usePreview(input: PreviewPolicyInput): readonly [PreviewState, () => void] {
  const client = useClient();
  const [edition, setEdition] = useState(0);
  const [state, setState] = useState<PreviewState>({ kind: 'RUNNING', since: new Date() });
  const text = JSON.stringify(input);
  useEffect(() => {
    setState({ kind: 'RUNNING', since: new Date() });
    const variables = { input: JSON.parse(text) as PreviewPolicyInput };
    const source = client.query(PreviewQuery, variables, { requestPolicy: 'network-only' });
    const { unsubscribe } = source.subscribe(({ data, error }) => {
      if (error === undefined && data != null) setState({ kind: 'DONE', preview: data.previewPolicy });
      else setState(error === undefined ? { kind: 'FAILED', message: 'The request failed.' } : failureOf(error));
    });
    return unsubscribe;
  }, [client, text, edition]);
  return [state, () => setEdition((number) => number + 1)];
}

function failureOf(error: CombinedError): PreviewState {
  const message = errorMessageOf(error);
  const { issues, path } = error.graphQLErrors[0]?.extensions ?? {};
  if (Array.isArray(issues)) return { kind: 'REFUSED', message, problems: issues as readonly ConfigProblem[] };
  return Array.isArray(path) ? { kind: 'REFUSED', message, problems: [] } : { kind: 'FAILED', message };
}
