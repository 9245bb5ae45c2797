import type { Gateway } from './gateway.ts';

/** Lets time pass as it does: each key is reviewed when its review comes due, not when a long time is over. */
export async function passTime({ clock, prisma, travel }: Gateway, ms: number): Promise<void> {
  const until = clock.now().getTime() + ms;
  for (;;) {
    const { _min: due } = await prisma.key.aggregate({ _min: { reviewAt: true } });
    const now = clock.now().getTime();
    const next = due.reviewAt?.getTime() ?? Infinity;
    if (now === until && next > now) return;
    await travel(Math.max(0, Math.min(next, until) - now));
  }
}
