import type { Decision } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, RenewalVerdict } from '../contract.ts';
import type { PolicyVerdicts } from './call-policy.ts';

/** Whether a verdict has no opinion, so that other policies decide alone. */
export function isSilent(decision: Decision, verdicts: PolicyVerdicts): boolean {
  const { expiry, renewal, dormancy } = verdicts;
  const silent: Record<Decision, boolean> = {
    expiry: expiry === undefined || isSilentExpiry(expiry),
    renewal: renewal === undefined || isSilentRenewal(renewal),
    dormancy: dormancy === undefined || isSilentDormancy(dormancy),
  };
  return silent[decision];
}

function isSilentExpiry({ request, cap }: ExpiryVerdict): boolean {
  return request === null && cap === null;
}

function isSilentRenewal(renewal: RenewalVerdict): boolean {
  const { isAllowed, mode, longest, window, graceExtension, retiresWhenMoved } = renewal;
  const isNeutral = isAllowed && mode === 'EXTEND';
  return isNeutral && [longest, window, graceExtension, retiresWhenMoved].every((one) => one === null);
}

function isSilentDormancy({ warnAt, holdAt, expireAt }: DormancyVerdict): boolean {
  return warnAt === null && holdAt === null && expireAt === null;
}
