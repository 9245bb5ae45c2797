import { expect } from 'vitest';
import { brakeShare } from '../../src/domain/brake-share.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import type { BindingWorld } from '../support/binding-world.ts';

/** Returns the keys of a world that no person has revoked. */
export async function observe({ prisma, clock }: BindingWorld) {
  const keys = await prisma.key.findMany({ where: { revokedAt: null }, include: { holds: true } });
  return { at: clock.now(), keys: new Map(keys.map((key) => [key.id, key])) };
}

export type Observed = Awaited<ReturnType<typeof observe>>;

/**
 * Checks what two states of the keys, one step apart, show of laws 2, 3 and 11. `byPerson`: the key that a person’s act or its own
 * use touched. `confirmed`: how many stops may be shortened beyond the brake’s share, because a person confirmed them.
 */
export async function checkPolicyLaws(
  world: BindingWorld,
  before: Observed,
  byPerson: string | null,
  confirmed = 0,
): Promise<void> {
  const after = await observe(world);
  const time = (at: Date | null) => at?.getTime() ?? Infinity;
  const noticeMs = 30 * DAY_MS;
  for (const [id, key] of after.keys) {
    const was = before.keys.get(id);
    if (was === undefined || was.expiredAt !== null) continue;
    // Never early: a key ends, or is held, no earlier than its recorded stop.
    const isHeld = key.holds.some(({ source }) => source === 'POLICY');
    if (key.expiredAt !== null && was.holds.length === 0)
      expect(time(key.expiredAt)).toBeGreaterThanOrEqual(time(was.stopsAt));
    if (isHeld && was.holds.length === 0) expect(after.at.getTime()).toBeGreaterThanOrEqual(time(was.stopsAt));
    // A key that has stopped already keeps a past moment, whichever.
    if (was.stopsAt !== null && was.stopsAt <= before.at) continue;
    // A person's renewal and a key's own use shorten no stop to less than the notice period.
    if (id === byPerson && key.expiredAt === null)
      expect(time(key.stopsAt)).toBeGreaterThanOrEqual(Math.min(time(was.stopsAt), before.at.getTime() + noticeMs));
    // No surprise: a shortened stop is at least the notice period ahead of when it was written.
    if (id === byPerson || key.expiredAt !== null || time(key.stopsAt) >= time(was.stopsAt)) continue;
    expect(time(key.stopsAt)).toBeGreaterThanOrEqual(Math.min(time(was.stopsAt), before.at.getTime() + noticeMs));
  }
  // The brake: no other change was confirmed with a preview token.
  const events = await world.prisma.event.findMany({
    where: { type: 'KEY_STOP_CHANGED', recordedAt: { gt: new Date(after.at.getTime() - HOUR_MS) } },
  });
  const shortened = events.filter(({ data }) => {
    const { from, to } = data as { from: string | null; to: string | null };
    return time(to === null ? null : new Date(to)) < time(from === null ? null : new Date(from));
  });
  expect(shortened.length).toBeLessThanOrEqual(brakeShare(after.keys.size) + confirmed);
}
