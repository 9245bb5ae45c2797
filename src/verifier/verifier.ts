import { isIP } from 'node:net';
import { formOf } from '../domain/credential-form.ts';
import type { MaybePromise } from '../domain/maybe-promise.ts';
import { parseSecret } from '../domain/secret.ts';
import { textProblem } from '../domain/text.ts';
import type { Purpose } from '../domain/verification.ts';
import { answerWithout, toAnswer, type VerifierAnswer } from './answer.ts';
import { GatewayFollower } from './follow-gateway.ts';
import { GatewayClock, type LocalClocks, processClocks } from './gateway-clock.ts';
import type { RealmCopy } from './realm-copy.ts';
import { RECORD_COUNT_MAX } from './record-index.ts';
import { askGateway, sendUses, type GatewayConnection } from './gateway-requests.ts';
import { MemoryAnswers } from './memory-answers.ts';
import { UseReports } from './use-reports.ts';

export type { MaybePromise } from '../domain/maybe-promise.ts';
export type { Outcome } from '../domain/verification.ts';
export type { VerifiedKey, VerifierAnswer } from './answer.ts';
export { formatWarnings, type VerificationWarning } from '../domain/verification-warning.ts';

/** How old the verifier's knowledge may be when it answers without the gateway, by default and at most. */
const MAX_AGE_MS = { default: 5_000, most: 15 * 60_000 };

const CAPACITY = 1_000_000;
const ASK_LIMIT_MS = 2_000;

/** How old its knowledge may be, in ms, when it refuses a text by the form that the realm accepts. A head comes each second. */
const FORM_MAX_AGE_MS = 2_000;

/** The longest label of a consumer, in characters. */
const CONSUMER_MAX = 200;

/** How often the use of a secret by a consumer is reported, by default, at least and at most. */
const REPORT_INTERVAL_MS = { default: 10_000, least: 1_000, most: 24 * 60 * 60_000 };

export interface VerifierOptions extends GatewayConnection {
  /**
   * How old its knowledge may be, in ms, when the verifier answers without asking the gateway: 1 s to 15 min, default 5 s. A
   * revocation reaches it within milliseconds; the bound counts while the connection is broken.
   */
  readonly maxAgeMs?: number;
  /** How many secrets are held at most; default 1,000,000, in about 200 MB. The gateway is asked about the others. */
  readonly capacity?: number;
  /** How long an answer of the gateway may take, in ms; default 2 s. */
  readonly askLimitMs?: number;
  /**
   * How often uses are reported to the gateway, in ms: 1 s to 1 day, default 10 s. A process that crashes loses the uses since the
   * last report. The first use of a secret by a consumer is reported within a second.
   */
  readonly reportIntervalMs?: number;
  /** Receives each failure to follow the gateway, or to report use. The verifier recovers by itself. */
  readonly onFailure?: (error: unknown) => void;
  /** For tests. */
  readonly clocks?: LocalClocks;
}

export interface VerifierInput {
  readonly secret: string;
  /** What the key is to be used for. Both or neither: without them scopes are not checked. */
  readonly action?: string;
  readonly resource?: string;
  /** Where the secret was seen: a repository, a host. */
  readonly consumer?: string;
  /** The IP address of the client that sent the secret. A key with allowed addresses is refused without it. */
  readonly address?: string;
}

/** Verifies secrets of one realm in the memory of this process. */
export interface Verifier {
  /**
   * Returns what a secret is good for: at once from memory, else a promise of the gateway's answer. A refusal other than
   * KEY_REVOKED is always the gateway's, because a key may have been resumed or renewed since. Never throws or rejects for
   * want of an answer: the outcome is UNAVAILABLE.
   *
   * @throws TypeError for one of action and resource alone, for a consumer that is malformed or longer than 200
   * characters, and for an address that is none.
   */
  verify(input: VerifierInput): MaybePromise<VerifierAnswer>;
  /** Resolves when the verifier knows the whole realm. Until then it asks the gateway. */
  readonly ready: Promise<void>;
  /** The age of its knowledge in ms; infinite: it has none yet. */
  ageMs(): number;
  /** Reports the last use, and ends the connections. */
  close(): Promise<void>;
}

/**
 * Opens a verifier. Its credential is the secret of a key with the scopes keytide:follow and keytide:verify.
 *
 * @throws RangeError if an option is out of bounds.
 */
export function openVerifier(options: VerifierOptions): Verifier {
  const { maxAgeMs = MAX_AGE_MS.default, capacity = CAPACITY, askLimitMs = ASK_LIMIT_MS } = options;
  if (!(maxAgeMs >= 1_000 && maxAgeMs <= MAX_AGE_MS.most)) {
    throw new RangeError(`maxAgeMs: found ${maxAgeMs}; expected 1000 to ${MAX_AGE_MS.most}.`);
  }
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > RECORD_COUNT_MAX) {
    throw new RangeError(`capacity: found ${capacity}; expected 1 to ${RECORD_COUNT_MAX}.`);
  }
  const { reportIntervalMs = REPORT_INTERVAL_MS.default, onFailure = () => undefined } = options;
  if (!(reportIntervalMs >= REPORT_INTERVAL_MS.least && reportIntervalMs <= REPORT_INTERVAL_MS.most)) {
    const { least, most } = REPORT_INTERVAL_MS;
    throw new RangeError(`reportIntervalMs: found ${reportIntervalMs}; expected ${least} to ${most}.`);
  }
  const connection: GatewayConnection = { url: options.url, credential: options.credential };
  const clock = new GatewayClock(options.clocks ?? processClocks);
  const follower = new GatewayFollower({ connection, capacity, clock, onFailure });
  const reports = new UseReports({
    send: (report) => sendUses(connection, report, AbortSignal.timeout(askLimitMs)),
    intervalMs: reportIntervalMs,
    onFailure,
  });
  const answers = new MemoryAnswers(reports);
  return {
    ready: follower.ready,
    ageMs: () => follower.ageMs(),
    close: async () => {
      await reports.close();
      await follower.close();
    },
    verify(input) {
      const { secret, consumer, address } = input;
      const purpose = hasPurpose(input) ? input : null;
      if (consumer !== undefined) checkConsumer(consumer);
      if (address !== undefined && isIP(address) === 0)
        throw new TypeError('address: found no IP address; expected one.');
      const presented = secret.trim();
      const nowMs = clock.nowMs();
      const { copy } = follower;
      const asOfMs = copy?.asOfMs ?? null;
      let recent: RealmCopy | null = null;
      if (copy !== null && nowMs !== null && asOfMs !== null && nowMs - asOfMs <= maxAgeMs) {
        if (nowMs - asOfMs <= FORM_MAX_AGE_MS) recent = copy;
        const found = copy.find(presented);
        // In whole milliseconds, as the gateway decides.
        const answer = found && answers.answer(found, input, purpose, Math.floor(nowMs), asOfMs);
        if (answer != null) return answer;
      }
      if (!mayBeSecret(presented, recent)) return answerWithout('KEY_UNKNOWN', purpose);
      const question = {
        secret: presented,
        purpose: purpose && { action: purpose.action, resource: purpose.resource },
        consumer: consumer ?? null,
        address: address ?? null,
      };
      return askGateway(connection, question, AbortSignal.timeout(askLimitMs))
        .then(toAnswer)
        .catch(() => answerWithout('UNAVAILABLE', purpose));
    },
  };
}

/**
 * Whether a text that is not held may be a secret: of a gateway, by its checksum, or a foreign one, by the form that the
 * realm accepts. `recent`: a copy that is not behind, which knows that form; null: the form may have changed since.
 */
function mayBeSecret(text: string, recent: RealmCopy | null): boolean {
  if (parseSecret(text) !== null) return true;
  return recent === null ? formOf(text) === 'FOREIGN' : recent.mayBeForeign(text);
}

/** Whether an input names an action and a resource. @throws TypeError if it names one of them. */
function hasPurpose(input: VerifierInput): input is VerifierInput & Purpose {
  // Null is nothing to the gateway, which a caller without types may rely on.
  if ((input.action == null) !== (input.resource == null))
    throw new TypeError('Found one of action and resource; expected both or neither.');
  return input.action != null;
}

function checkConsumer(consumer: string): void {
  const problem = textProblem(consumer, { name: 'consumer', max: CONSUMER_MAX });
  if (problem !== null) throw new TypeError(`${problem}.`);
}
