import { readOutcome } from '../../api/client.ts';
import { graphql } from '../../api/graphql.ts';
import type { ExplainTokenInput, TokenExplanationQuery } from '../../api/operations.ts';
import { uncachedClient } from '../../api/uncached-client.ts';
import { cutSecrets } from '../../parts/cut-secrets.ts';

const ExplanationQuery = graphql(`
  query TokenExplanation($input: ExplainTokenInput!) {
    explainToken(input: $input) {
      problems
      issuer {
        name
        url
        audience
      }
      rules {
        isMatch
        refused
        rule {
          id
          name
        }
        conditions {
          claim
          equals
          matches
          found
          holds
        }
        omittedLabels {
          name
          claim
          problem
        }
      }
    }
  }
`);

export type ExplainedToken = TokenExplanationQuery['explainToken'];

interface ExplanationOutcome {
  readonly explained: ExplainedToken | null;
  /** What is wrong, for people. It has no part of the token. */
  readonly problem: string | null;
  /** Whether what was pasted is needed again: the gateway has not answered, or claims have to be mended. */
  readonly isTokenNeeded: boolean;
}

/** Has the gateway explain a token or claims, as they were pasted. Nothing stores the token, here or in a cache. */
export async function readExplanation(realm: string, pasted: string): Promise<ExplanationOutcome> {
  const read = readInput(realm, pasted.trim());
  if ('problem' in read) return { explained: null, problem: read.problem, isTokenNeeded: pasted.includes('{') };
  const result = await uncachedClient
    .query(ExplanationQuery, { input: read.input }, { requestPolicy: 'network-only' })
    .toPromise();
  const { data, problem } = readOutcome(result);
  return {
    explained: data?.explainToken ?? null,
    problem: problem === null ? null : cutSecrets(problem),
    isTokenNeeded: result.error?.networkError !== undefined,
  };
}

function readInput(realm: string, text: string): { readonly input: ExplainTokenInput } | { readonly problem: string } {
  if (text.startsWith('{')) {
    try {
      return { input: { realm, claims: JSON.parse(text) as unknown } };
    } catch {
      return { problem: 'The claims are not JSON.' };
    }
  }
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) {
    const found = cutSecrets(text) === text ? '' : ' It looks like the secret of a key.';
    return {
      problem: `This is not the token of a job, which has three parts with dots between them.${found} It was not sent.`,
    };
  }
  return { input: { realm, token: text } };
}
