import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { errorMessageOf } from '../../api/client.ts';
import { graphql } from '../../api/graphql.ts';
import type { PreviewPolicyInput, ReplayOnPageQuery } from '../../api/operations.ts';

const ReplayQuery = graphql(`
  query ReplayOnPage($input: PreviewPolicyInput!) {
    previewPolicy(input: $input) {
      replay {
        from
        keyCount
        jobCount
        failedJobCount
        failedKeyCount
        failedConsumerCount
        failedOwnerCount
        selfRenewingJobCount
        faultCount
        byDay {
          day
          jobCount
          failedCount
          firstFailedCount
        }
        owners {
          owner {
            id
            name
          }
          jobCount
          failedCount
          failedKeyCount
        }
        consumers {
          key {
            id
            name
          }
          consumer
          jobCount
          failedCount
          failedDays
        }
      }
    }
  }
`);

export type Replay = NonNullable<ReplayOnPageQuery['previewPolicy']['replay']>;

/** What has become of a replay. */
export type ReplayState =
  | { readonly kind: 'NOT_STARTED' }
  | { readonly kind: 'RUNNING'; readonly since: Date }
  | { readonly kind: 'DONE'; readonly replay: Replay }
  | { readonly kind: 'FAILED'; readonly message: string };

/** Runs a change over the recorded use of so many days once it is started. A page that is left ends the request. */
export function useReplay(input: PreviewPolicyInput, days: number): readonly [ReplayState, () => void] {
  const client = useClient();
  const [edition, setEdition] = useState(0);
  const [state, setState] = useState<ReplayState>({ kind: 'NOT_STARTED' });
  const text = JSON.stringify({ ...input, replay: `P${String(days)}D` });
  useEffect(() => {
    if (edition === 0) return;
    setState({ kind: 'RUNNING', since: new Date() });
    const variables = { input: JSON.parse(text) as PreviewPolicyInput };
    const source = client.query(ReplayQuery, variables, { requestPolicy: 'network-only' });
    const { unsubscribe } = source.subscribe(({ data, error }) => {
      const replay = data?.previewPolicy.replay ?? null;
      if (replay !== null) setState({ kind: 'DONE', replay });
      else setState({ kind: 'FAILED', message: error === undefined ? 'The request failed.' : errorMessageOf(error) });
    });
    return unsubscribe;
  }, [client, text, edition]);
  return [state, () => setEdition((number) => number + 1)];
}
