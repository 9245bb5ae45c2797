import { DAY_MS, MINUTE_MS } from '../domain/duration.ts';
import { MONTHLY, RolloutScene } from './rollout-scene.ts';
import type { CastKey, Stage } from './stage.ts';
import type { StoryClock } from './story-clock.ts';

/** How many days the story takes. */
export const STORY_DAYS = 100;

const TEAMS =
  'Atlas Beacon Cedar Delta Ember Fjord Grove Harbor Iris Juniper Kelp Lumen Maple Nimbus Orchard Pebble Quartz Reef Slate Attic'.split(
    ' ',
  );

/** When the things of the story happen, in days from its beginning. */
const ROTATION_DAY = 10;
const PREVIEW_DAY = 25;

/** A rotation is checked for stragglers in its last hour, and the story passes whole days: one of them ends in that hour. */
const GRACE_MS = 3 * DAY_MS + 30 * MINUTE_MS;

/** What a telling needs. */
export interface Telling {
  readonly stage: Stage;
  readonly clock: StoryClock;
  /** Tells one line. */
  readonly tell: (line: string) => void;
  /** Waits between two days. Rejects to end the story early. */
  readonly pause: () => Promise<void>;
}

/** The keys of the story. */
interface Cast {
  /** Keys of build jobs, which renew themselves. */
  readonly builds: readonly CastKey[];
  /** Keys that people renew. */
  readonly byHand: readonly CastKey[];
  /** The key that no program uses. */
  readonly forgotten: CastKey;
}

/** Tells the story of Keytide: issues keys for 20 owners, and lets 100 days pass. */
export async function tellStory({ stage, clock, tell, pause }: Telling): Promise<void> {
  const startedAt = clock.now().getTime();
  const say = (line: string) => {
    const day = Math.floor((clock.now().getTime() - startedAt) / DAY_MS);
    tell(`Day ${String(day).padStart(3)}  ${line}`);
  };
  const rollout = new RolloutScene(stage, say);
  const cast = await issueCast(stage, rollout, say);
  const rotation = new RotationScene(stage, cast.builds[7] ?? cast.forgotten, say);
  const names = new Map(
    [...cast.builds, ...cast.byHand, ...rollout.keys, cast.forgotten].map((key) => [key.id, `${key.team}/${key.name}`]),
  );
  let position = (await stage.eventsAfter(0n)).at(-1)?.position ?? 0n;
  const counts = { renewed: 0, refused: 0 };
  for (let day = 1; day <= STORY_DAYS; day += 1) {
    await pause();
    clock.advance(DAY_MS);
    if (day % 2 === 0) await runPrograms(stage, cast, clock, counts, rotation.isOfScene);
    if (day === ROTATION_DAY) await rotation.start();
    await rotation.useSecrets();
    await rollout.play({ day, now: clock.now() });
    await stage.settle();
    if (day === PREVIEW_DAY) await previewStrictPolicy(stage, say);
    const events = await stage.eventsAfter(position);
    position = events.at(-1)?.position ?? position;
    for (const { type, keyId } of events) {
      const sentence = sentences[type]?.(names.get(keyId ?? '') ?? '');
      if (sentence !== undefined) say(sentence);
      await rollout.tell(type);
      await react(type, keyId, { stage, cast, rotation });
    }
    sayNotices(cast, events, say);
    await stage.settle();
    counts.renewed += events.filter(({ type }) => type === 'KEY_RENEWED').length;
    if (day % 10 === 0)
      say(`So far ${counts.renewed} renewals by programs and people; ${counts.refused} builds refused.`);
  }
  say(
    `The end: ${counts.renewed} renewals in ${STORY_DAYS} days, and ${counts.refused} builds met a key that did not work.`,
  );
}

async function issueCast(stage: Stage, rollout: RolloutScene, say: (line: string) => void): Promise<Cast> {
  // Before there are keys: nothing is shortened, so that no notice has to run.
  const config = { idle: 'P45D', holdAfter: 'P15D', expireAfter: 'P45D' };
  await stage.bind('unused-expires', config, { not: { labels: [MONTHLY] } });
  say('Policy unused-expires: a key that is not used for 45 days is warned, held 15 days later, expired after 45.');
  const builds: CastKey[] = [];
  const byHand: CastKey[] = [];
  let forgotten: CastKey | null = null;
  for (const name of TEAMS) {
    const team = { id: await stage.found(name), name };
    if (name === 'Attic') forgotten = await stage.issue(team, 'old-script', null);
    for (const job of ['build', 'test', 'release']) builds.push(await stage.issue(team, job, 90 * DAY_MS));
    byHand.push(await stage.issue(team, 'laptop', 45 * DAY_MS));
    await rollout.issueFor(team);
  }
  if (forgotten === null) throw new Error('no team has the forgotten key');
  say(
    `${TEAMS.length} teams get ${builds.length} keys for builds, a key for each team’s laptop, and one that no program will use.`,
  );
  say(`${rollout.keys.length} teams have a key for a report that runs every 30 days.`);
  return { builds, byHand, forgotten };
}

/** All programs use their keys, and renew those that are due. */
async function runPrograms(
  stage: Stage,
  { builds, byHand }: Cast,
  clock: StoryClock,
  counts: { refused: number },
  isApart: (key: CastKey) => boolean,
): Promise<void> {
  for (const key of [...builds, ...byHand]) {
    if (isApart(key)) continue;
    const outcome = await stage.use(key.secret, `${key.team}/${key.name}`);
    if (outcome !== 'VALID' && builds.includes(key)) counts.refused += 1;
  }
  const due = await stage.dueForRenewal(
    builds.map(({ id }) => id),
    clock.now(),
  );
  for (const key of builds) if (due.has(key.id)) await stage.renewByProgram(key);
}

/** One of three build machines goes on with the old secret after a rotation, until the gateway says who it is. */
class RotationScene {
  readonly #stage: Stage;
  readonly #key: CastKey;
  readonly #say: (line: string) => void;
  #old: string | null = null;
  #hasMoved = false;

  constructor(stage: Stage, key: CastKey, say: (line: string) => void) {
    this.#stage = stage;
    this.#key = key;
    this.#say = say;
  }

  /** Whether the programs of a key are those of this scene. */
  readonly isOfScene = (key: CastKey): boolean => key.id === this.#key.id;

  async start(): Promise<void> {
    this.#old = await this.#stage.rotate(this.#key, GRACE_MS);
    this.#say(
      `${this.#key.team}/${this.#key.name} gets a new secret; the old one works for 3 more days. Machine nightly does not take it.`,
    );
  }

  /** Two machines use the new secret. The third uses the old one until an event names it. */
  async useSecrets(): Promise<void> {
    for (const machine of ['linux', 'windows']) await this.#stage.use(this.#key.secret, machine);
    const isBehind = this.#old !== null && !this.#hasMoved;
    await this.#stage.use(isBehind ? (this.#old ?? '') : this.#key.secret, 'nightly');
  }

  /** The straggler takes the new secret. */
  move(): void {
    this.#hasMoved = true;
    this.#say('Machine nightly is named by the event, and takes the new secret.');
  }
}

async function previewStrictPolicy(stage: Stage, say: (line: string) => void): Promise<void> {
  const preview = await stage.preview('bounded-lifetime', { longest: 'P30D', capEveryKey: 'P30D' });
  const owners = preview.byOwner.filter(({ nearerCount }) => nearerCount > 0).length;
  say('An administrator previews a policy that ends every key 30 days after its issue. This changes nothing:');
  say(
    `  ${preview.nearerCount} of ${preview.keyCount} keys of ${owners} owners would stop sooner, among them all sixty builds.`,
  );
  say(`  The brake lets ${preview.brakeShare} an hour pass without this number confirmed. The policy is not bound.`);
}

/** Says in one line how many people got notice. Keys whose programs renew them on time need no person. */
function sayNotices(
  { byHand }: Cast,
  events: readonly { readonly type: string; readonly keyId: string | null }[],
  say: (line: string) => void,
): void {
  const noticed = byHand.filter(({ id }) => events.some(({ type, keyId }) => type === 'KEY_EXPIRING' && keyId === id));
  const [first] = noticed;
  if (first === undefined) return;
  const others = noticed.length === 1 ? '' : ` and ${noticed.length - 1} others`;
  const isOfReef = noticed.some(({ team }) => team === 'Reef');
  const reply = noticed.length === 1 && isOfReef ? '' : ' Their owners do.';
  say(
    `Notice for ${first.team}/${first.name}${others}: to be renewed by a person.${reply}${isOfReef ? ' Reef does not.' : ''}`,
  );
}

/** What people do after an event. */
async function react(
  type: string,
  keyId: string | null,
  { stage, cast, rotation }: { readonly stage: Stage; readonly cast: Cast; readonly rotation: RotationScene },
): Promise<void> {
  if (type === 'KEY_ROTATION_STALLED') rotation.move();
  if (type !== 'KEY_EXPIRING') return;
  // Reef does not read its notices.
  const key = cast.byHand.find(({ id, team }) => id === keyId && team !== 'Reef');
  if (key !== undefined) await stage.renewByHand(key);
}

const sentences: Readonly<Record<string, (name: string) => string>> = {
  KEY_EXPIRED: (name) => `${name} has expired. Every notice ahead of it was given.`,
  KEY_HELD: (name) => `${name} is held: a person can resume it.`,
  KEY_DORMANCY_WARNED: (name) => `${name} is not used: its owner is warned.`,
  KEY_ROTATION_STALLED: (name) => `The rotation of ${name} stalls: the old secret is still in use, and works longer.`,
  KEY_ROTATION_COMPLETED: (name) => `The rotation of ${name} is complete: the old secret has retired unused.`,
};
