import type { Decision } from '../check-verdict.ts';
import type { DormancyVerdict, ExpiryVerdict, RenewalVerdict } from '../contract.ts';
import type { PolicyVerdicts } from './call-policy.ts';

/** Whether a policy that decides this said nothing by it: others decide, as if it were not there. */
export function isSilent(decision: Decision, said: PolicyVerdicts): boolean {
  const { expiry, renewal, dormancy } = said;
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

function isSilentRenewal(said: RenewalVerdict): boolean {
  const { isAllowed, mode, longest, window, graceExtension, retiresWhenMoved } = said;
  const isNeutral = isAllowed && mode === 'EXTEND';
  return isNeutral && [longest, window, graceExtension, retiresWhenMoved].every((one) => one === null);
}

function isSilentDormancy({ warnAt, holdAt, expireAt }: DormancyVerdict): boolean {
  return warnAt === null && holdAt === null && expireAt === null;
}
