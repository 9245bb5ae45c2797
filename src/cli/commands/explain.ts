import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { fetchKey } from '../key-list/fetch-key.ts';
import { plainLine } from '../output.ts';
import { describeInstant } from '../describe-instant.ts';

const STOP_SELECTION = '{ said kept }';
const REASON_SELECTION = '{ code sentence }';

const QUERY = `query Explain($id: ID!) {
  key(id: $id) {
    id
    name
    explanation {
      stopsAt
      stopsBasis
      summary
      judgedAt
      decidedBy ${REASON_SELECTION}
      freeze { from to reason }
      waitingStop { to since reason ${REASON_SELECTION} }
      verdicts {
        binding { id policy title mode }
        counts
        decides
        askedAt
        noticePeriod
        capBasis
        warnsAt
        cap ${STOP_SELECTION}
        holds ${STOP_SELECTION}
        expires ${STOP_SELECTION}
        expiryReason ${REASON_SELECTION}
        renewalReason ${REASON_SELECTION}
        dormancyReason ${REASON_SELECTION}
      }
    }
  }
}`;

interface Reason {
  readonly sentence: string;
}

interface Stop {
  readonly kept: string | null;
}

interface Verdict {
  readonly binding: { readonly policy: string; readonly mode: string };
  readonly counts: boolean;
  readonly decides: boolean;
  readonly cap: Stop | null;
  readonly holds: Stop | null;
  readonly expires: Stop | null;
  readonly expiryReason: Reason | null;
  readonly renewalReason: Reason | null;
  readonly dormancyReason: Reason | null;
}

interface ExplainedKey {
  readonly id: string;
  readonly name: string;
  readonly explanation: { readonly summary: string; readonly verdicts: readonly Verdict[] };
}

/**
 * Explains why a key stops when it does: each policy's verdict and reason, and which of them decides.
 *
 * With `--json`: `{ id, name, explanation }`, the explanation as the schema's `Explanation`, without hashes and
 * revisions.
 */
export const explainCommand: Command = {
  declare(parser) {
    parser.argument('<key>', 'id or name of the key').option('--json', 'print the result as JSON');
  },
  async run(context, { arguments: [idOrName] }) {
    const { output, now } = context;
    const key = await fetchKey<ExplainedKey>(context, idOrName as string, QUERY);
    output.json(key);
    output.line(plainLine(key.explanation.summary));
    output.line('');
    output.table(
      ['POLICY', 'STOPS IT', '', 'BECAUSE'],
      key.explanation.verdicts.map((verdict) => formatVerdictRow(verdict, now())),
      'No policy has a verdict on this key.',
    );
    return exitStatus.OK;
  },
};

function formatVerdictRow(verdict: Verdict, now: Date): string[] {
  const { binding, counts, decides, cap, holds, expires } = verdict;
  const stops = [cap, holds, expires].flatMap((stop) => (stop?.kept == null ? [] : [stop.kept]));
  const firstStop = stops.sort()[0] ?? null;
  const effect = decides ? 'decides' : counts ? '' : 'shown only, no effect';
  const reasons = [verdict.expiryReason, verdict.dormancyReason, verdict.renewalReason];
  const reasonText = reasons.flatMap((reason) => (reason === null ? [] : [plainLine(reason.sentence)])).join(' ');
  return [binding.policy, describeInstant(firstStop, now, 'never'), effect, reasonText];
}
