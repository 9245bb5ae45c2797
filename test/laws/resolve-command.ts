import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { secretShownBy, type Command, type Who } from './model-commands.ts';
import { EXPIRED_AFTER, HELD_AFTER, retiringSecret, SETTLES, WARNED_AFTER, type ModelKey } from './model.ts';

/** Adapts a drawn command to the present state of the key, so that fewer commands are without effect. */
export function resolveCommand(drawn: Command, model: ModelKey, now: number): Command {
  if ('generation' in drawn) return { ...drawn, generation: 1 + (drawn.generation % model.secrets.length) };
  if (!('who' in drawn)) return drawn;
  const command =
    secretShownBy(model, drawn.who, now) || isPerson(drawn.who) ? drawn : { ...drawn, who: 'newest' as const };
  if (command.do === 'shorten') return { ...command, at: Math.round(now + command.at * DAY_MS) };
  const isNothing = command.do === 'undo' && retiringSecret(model, now) === undefined;
  return isNothing ? { do: 'rotate', who: command.who, graceMs: DAY_MS } : command;
}

export function isPerson(who: Who): boolean {
  return who === 'owner' || who === 'admin' || who === 'stranger';
}

export function provedGeneration(model: ModelKey, command: Command, now: number): number | undefined {
  return 'who' in command ? secretShownBy(model, command.who, now)?.generation : undefined;
}

/** Returns the moments ahead at which the key's state changes, earliest first. */
export function upcomingMoments(model: ModelKey, now: number): number[] {
  const old = retiringSecret(model, now);
  const byUse = [WARNED_AFTER, HELD_AFTER + SETTLES, EXPIRED_AFTER + SETTLES].map((ms) => model.activeAt + ms);
  const { chosen, expiredAt } = model;
  const all = [
    chosen,
    expiredAt !== null ? expiredAt + 30 * DAY_MS : null,
    old?.retiresAt ?? null,
    old === undefined ? null : old.retiresAt! - HOUR_MS,
    now + DAY_MS,
    ...byUse,
  ];
  return all.flatMap((moment) => (moment !== null && moment > now ? [moment] : [])).sort((a, b) => a - b);
}

/** Returns whether the command may be sent with an idempotency key here. */
export function isIdempotent(command: Command): boolean {
  return command.do !== 'verify' && command.do !== 'revokeBySecret';
}

/** Returns the command with another input; null if it has no input that can differ. */
export function otherInput(command: Command): Command | null {
  if (command.do === 'rotate') return { ...command, graceMs: command.graceMs === 0 ? 1 : 0 };
  if (command.do === 'renew') return { ...command, lifetimeMs: 3 * DAY_MS };
  if (command.do === 'shorten') return { ...command, at: command.at + 1 };
  return null;
}
