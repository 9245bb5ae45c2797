import { fail, type Failure } from '../domain/failure.ts';
import { DAY_MS, describeDuration } from '../domain/duration.ts';
import type { Json } from '../domain/event.ts';
import { kindOf, type IdKind } from '../domain/id.ts';
import { addMs } from '../domain/key.ts';
import { badUserInput, unavailable } from '../domain/request-error.ts';
import { POLICY_LABEL_PREFIX, type Selector } from '../domain/selector.ts';
import { quote } from '../domain/quote.ts';
import { labelNameProblem, labelValueProblem, textProblem } from '../domain/text.ts';
import type { Policies } from '../policies/policies.ts';
import type { ModuleVersion } from '../policies/runtime/runtime.ts';

/** How far ahead a binding may be announced. */
const LONGEST_ANNOUNCEMENT_MS = 366 * DAY_MS;

/** How deeply negations may be nested in a selector. */
const DEEPEST_SELECTOR = 5;

/** Finds the current version of a module, or its version with the given hash, if this node can run that version. */
export function findModule(
  policies: Policies,
  name: string,
  hash: string | null,
): ModuleVersion | Failure<'PolicyNotFound'> {
  const found = policies
    .versions()
    .find((version) => version.name === name && (hash === null ? version.isCurrent : version.hash === hash));
  if (found !== undefined) return found;
  const which = hash === null ? 'module with this name' : 'version of the module with this hash';
  return fail('PolicyNotFound', `There is no ${which} here.`, { path: ['input', hash === null ? 'policy' : 'hash'] });
}

/**
 * Returns the failure if a module does not accept a configuration; null if it does. @throws BAD_USER_INPUT if the
 * configuration contains a secret, UNAVAILABLE if other modules keep the policy process busy.
 */
export async function refuseConfig(
  policies: Policies,
  module: ModuleVersion,
  config: Json,
): Promise<Failure<'InvalidPolicyConfig'> | null> {
  const problem = textProblem(JSON.stringify(config), { name: 'config', max: Infinity });
  if (problem !== null) throw badUserInput(problem, ['input', 'config']);
  const read = await policies.readConfig(module.hash, config);
  if (read === 'BUSY') throw unavailable('Other policies keep the policy process busy. Try again.');
  if ('config' in read) return null;
  const issues = 'issues' in read ? read.issues : [{ path: [], message: read.fault.message }];
  const [first] = issues;
  const where = first === undefined || first.path.length === 0 ? '' : ` at ${first.path.join('.')}`;
  return fail(
    'InvalidPolicyConfig',
    `The configuration does not fit ${module.name}${where}: ${first?.message.replace(/\.$/, '') ?? ''}.`,
    {
      path: ['input', 'config', ...(first?.path ?? [])],
      details: { issues },
    },
  );
}

/**
 * Checks the form of a selector: ids of accounts, organizations, subjects and keys, labels under `policy/`, and a limited depth
 * of negations.
 *
 * @throws BAD_USER_INPUT for any other selector.
 */
export function checkSelector(selector: Selector | null, depth = 0): void {
  const path = ['input', 'selector'];
  if (selector === null) return;
  if (depth > DEEPEST_SELECTOR)
    throw badUserInput(
      `selector: found more than ${DEEPEST_SELECTOR} nested negations; expected at most ${DEEPEST_SELECTOR}.`,
      path,
    );
  if (!areIds(selector.owners, 'account', 'organization', 'subject')) {
    throw badUserInput('selector: found owners that are not ids of accounts, organizations or subjects.', path);
  }
  if (!areIds(selector.keyIds, 'key')) throw badUserInput('selector: found keyIds that are not ids of keys.', path);
  for (const { name, value } of selector.labels ?? []) {
    const problem = labelNameProblem(name) ?? labelValueProblem(value);
    if (problem !== null) throw badUserInput(`selector: ${problem}`, path);
    if (name.startsWith(POLICY_LABEL_PREFIX)) continue;
    throw badUserInput(
      `selector: found the label ${quote(name)}; expected a label under ${POLICY_LABEL_PREFIX}, which only administrators write.`,
      path,
    );
  }
  checkSelector(selector.not ?? null, depth + 1);
}

function areIds(ids: Selector['keyIds'], ...kinds: IdKind[]): boolean {
  return ids == null || ids.every((id) => kinds.some((kind) => kind === kindOf(id)));
}

/**
 * Checks the moment when a binding is to take effect; null: at once. @throws BAD_USER_INPUT unless the moment is now or
 * within 366 days.
 */
export function checkEffectiveAt(effectiveAt: Date | null, now: Date): void {
  if (effectiveAt === null || (effectiveAt >= now && effectiveAt <= addMs(now, LONGEST_ANNOUNCEMENT_MS))) return;
  const found = `found ${effectiveAt.toISOString()}; expected now or a moment within 366 days.`;
  throw badUserInput(`effectiveAt: ${found}`, ['input', 'effectiveAt']);
}

/**
 * Returns the failure if the notice period is shorter than the realm requires and there is no written reason; else
 * null.
 */
export function refuseNotice(
  noticeMs: number,
  { minimumNoticeMs }: { readonly minimumNoticeMs: bigint },
  withoutNoticeReason: string | null,
): Failure<'NoticeTooShort'> | null {
  const required = Number(minimumNoticeMs);
  if (noticeMs >= required || withoutNoticeReason !== null) return null;
  const found = `${describeDuration(noticeMs)} of notice is less than the ${describeDuration(required)} of this realm.`;
  return fail('NoticeTooShort', found, { path: ['input', 'noticePeriod'], details: { required } });
}

/** Returns a selector as its column stores it. */
export function storeSelector(selector: Selector | null): Json {
  return JSON.parse(JSON.stringify(selector)) as Json;
}
