import packageJson from '../../../package.json' with { type: 'json' };
import { resolveEndpoint } from '../../client/connection.ts';
import { readResponseText } from '../../client/read-response-text.ts';
import { describeDuration, SECOND_MS } from '../../domain/duration.ts';
import { exitStatus } from '../exit-status.ts';
import { plainLine } from '../output.ts';
import type { DoctorFinding } from './doctor-finding.ts';

const TIMEOUT_MS = 10_000;

/**
 * Clock differences that are reported. A new session must be valid at once, and the gateway itself warns from 2 s. A
 * Date header has a resolution of a second.
 */
const CLOCK_WARN_MS = 5 * SECOND_MS;
const CLOCK_BAD_MS = 60 * SECOND_MS;

/**
 * Checks whether the gateway is reachable and ready, whether its clock agrees with this machine's, and which version it
 * has.
 */
export async function examineGateway(url: string, now: () => Date): Promise<DoctorFinding[]> {
  const alive = await fetchStatus(url, '/livez');
  if (alive === null) {
    const message = `${url} cannot be reached: check the address, the network, and whether the gateway is running.`;
    return [{ subject: 'gateway', result: 'BAD', message, status: exitStatus.TEMPORARY }];
  }
  const at = now();
  if (alive.body?.['status'] !== 'ALIVE') {
    const message = `${url} is not a gateway: it returned status ${String(alive.status)}.`;
    return [{ subject: 'gateway', result: 'BAD', message, status: exitStatus.PROTOCOL }];
  }
  return [
    rateReadiness(url, await fetchStatus(url, '/readyz')),
    rateClock(alive.date, at),
    rateVersion(alive.body['version']),
  ];
}

function rateReadiness(url: string, ready: GatewayStatus | null): DoctorFinding {
  const status = ready?.body?.['status'];
  if (status === 'READY') return { subject: 'gateway', result: 'GOOD', message: `${url} is ready.` };
  const message = `${url} is reachable but not ready (status: ${plainLine(String(status ?? 'none'))}): try again later.`;
  return { subject: 'gateway', result: 'BAD', message, status: exitStatus.TEMPORARY };
}

function rateClock(date: string | null, now: Date): DoctorFinding {
  const ms = date === null ? Number.NaN : Date.parse(date) - now.getTime();
  if (Number.isNaN(ms)) return { subject: 'clock', result: 'WARNING', message: 'The gateway sends no Date header.' };
  const difference = describeDuration(Math.abs(Math.round(ms / SECOND_MS)) * SECOND_MS);
  const isOff = Math.abs(ms) > CLOCK_WARN_MS;
  const message = isOff
    ? `This machine's clock is ${difference} ${ms > 0 ? 'behind' : 'ahead of'} the gateway's: correct one of them.`
    : 'This machine’s clock and the gateway’s agree.';
  if (Math.abs(ms) > CLOCK_BAD_MS) return { subject: 'clock', result: 'BAD', message, status: exitStatus.CONFIG };
  return { subject: 'clock', result: isOff ? 'WARNING' : 'GOOD', message };
}

function rateVersion(reported: unknown): DoctorFinding {
  const ownVersion = packageJson.version;
  if (reported === ownVersion)
    return {
      subject: 'version',
      result: 'GOOD',
      message: `The command and the gateway are both version ${ownVersion}.`,
    };
  const gatewayVersion = typeof reported === 'string' ? `version ${plainLine(reported)}` : 'an unknown version';
  return {
    subject: 'version',
    result: 'WARNING',
    message: `The command is version ${ownVersion}, the gateway is ${gatewayVersion}.`,
  };
}

interface GatewayStatus {
  readonly status: number;
  readonly date: string | null;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Fetches a path of the gateway; null: no complete, well-formed response arrived. */
async function fetchStatus(url: string, path: string): Promise<GatewayStatus | null> {
  try {
    const response = await fetch(resolveEndpoint(url, path), {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await readResponseText(response);
    const body = text.startsWith('{') ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : null;
    return { status: response.status, date: response.headers.get('date'), body };
  } catch {
    return null;
  }
}
