import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import type { CastKey, Stage } from './stage.ts';

/** The teams with a report, and what becomes of it. */
const REPORTING = ['Atlas', 'Ember', 'Iris', 'Lumen', 'Quartz', 'Slate'];
const [OBJECTING, EXCEPTED, ENROLLING] = ['Lumen', 'Iris', 'Quartz'];

/** Marks the keys that the rollout selects. */
export const MONTHLY = { name: 'policy/rhythm', value: 'monthly' };

/** When things happen, in days from the beginning of the story. Reports run on day 2, and then every 30 days. */
const DAYS = { propose: 27, object: 29, ask: 30, enroll: 31, reply: 38, undo: 95 };
const REPORT_EVERY = 30;
const FIRST_REPORT = 2;

/** Runs a day of the scene. */
interface SceneDay {
  readonly day: number;
  readonly now: Date;
}

/**
 * A policy is rolled out that seemed sensible: keys end after 20 days without use. Reports run every 30 days. An owner objects and is
 * answered, one gets an exception, one enrols early; the first refused report pauses the rollout, and it is undone.
 */
export class RolloutScene {
  readonly #stage: Stage;
  readonly #say: (line: string) => void;
  readonly #keys: CastKey[] = [];
  #rolloutId: string | null = null;
  #objectionId: string | null = null;
  #requestId: string | null = null;
  #stopsBefore: readonly number[] = [];
  #refused: readonly CastKey[] = [];

  constructor(stage: Stage, say: (line: string) => void) {
    this.#stage = stage;
    this.#say = say;
  }

  get keys(): readonly CastKey[] {
    return this.#keys;
  }

  /** Issues the key of a team's report, if the team has one. */
  async issueFor(team: { readonly id: string; readonly name: string }): Promise<void> {
    if (!REPORTING.includes(team.name)) return;
    this.#keys.push(await this.#stage.issue(team, 'monthly-report', null, [MONTHLY]));
  }

  /** What people and programs of the scene do on a day. */
  async play({ day, now }: SceneDay): Promise<void> {
    if (day % REPORT_EVERY === FIRST_REPORT) await this.#runReports(this.#keys);
    else if (this.#refused.length > 0) await this.#runAgain();
    if (day === DAYS.propose) await this.#propose();
    if (day === DAYS.object) await this.#object();
    if (day === DAYS.ask) await this.#askException(now);
    if (day === DAYS.enroll) await this.#enroll();
    if (day === DAYS.reply) await this.#reply();
    if (day === DAYS.undo) await this.#undo();
  }

  /** Says what the gateway did by itself. */
  async tell(type: string): Promise<void> {
    if (type === 'ROLLOUT_STAGE_BEGAN') await this.#tellCohort();
    if (type === 'ROLLOUT_PAUSED') {
      this.#say(
        'The rollout pauses itself: one broken owner is more than its budget allows. Its stage is undone at once.',
      );
    }
  }

  async #runReports(keys: readonly CastKey[]): Promise<void> {
    const refused: CastKey[] = [];
    for (const key of keys) {
      const outcome = await this.#stage.use(key.secret, `${key.team}/report`);
      if (outcome === 'VALID') continue;
      refused.push(key);
      this.#say(`The report of ${key.team} is refused: ${outcome}. It worked 30 days ago.`);
    }
    this.#refused = refused;
  }

  /** Runs the refused reports once more, the day after. */
  async #runAgain(): Promise<void> {
    const refused = this.#refused;
    await this.#runReports(refused);
    for (const key of refused) {
      if (!this.#refused.includes(key)) this.#say(`The report of ${key.team} runs again: its key works as before.`);
    }
  }

  async #propose(): Promise<void> {
    this.#stopsBefore = await this.#stage.stopsOf(this.#keys);
    this.#rolloutId = await this.#stage.propose({
      title: 'Keys of reports end after 20 days without use',
      explanation: 'A key that no program uses is the one that leaks unseen. Use yours once in 20 days, or let it end.',
      policy: 'active-never-expires',
      config: { idle: 'P20D' },
      selector: { labels: [MONTHLY] },
      stages: [
        { kind: 'COMMENT', atLeastMs: 7 * DAY_MS, share: null, windows: [] },
        { kind: 'COHORT', atLeastMs: 60 * DAY_MS, share: 0.5, windows: [] },
        { kind: 'ENFORCED', atLeastMs: 45 * DAY_MS, share: null, windows: [] },
      ],
      budget: { owners: 0, share: null },
    });
    this.#say(
      `An administrator proposes a rollout: the ${this.#keys.length} keys of reports end after 20 days without use.`,
    );
    this.#say(`  In the console it is ${this.#stage.addressOf(`/rollouts/${this.#rolloutId}`)}, and moves along.`);
  }

  async #object(): Promise<void> {
    const text = 'Our report runs once a month. 20 days end its key between two runs.';
    this.#objectionId = await this.#answer(OBJECTING, { kind: 'OBJECT', text });
    this.#say(`${OBJECTING} objects: “${text}”`);
    this.#say('  No further stage begins until an administrator replies.');
  }

  async #askException(now: Date): Promise<void> {
    const request = { kind: 'ASK_EXCEPTION', text: 'Our report moves to a daily job this summer.' } as const;
    this.#requestId = await this.#answer(EXCEPTED, { ...request, until: addMs(now, 180 * DAY_MS) });
    this.#say(`${EXCEPTED} asks for an exception of 180 days.`);
  }

  async #enroll(): Promise<void> {
    await this.#answer(ENROLLING, { kind: 'ENROLL' });
    this.#say(`${ENROLLING} enrols: the change shall apply to its key from the first cohort on.`);
  }

  async #reply(): Promise<void> {
    const text = 'Let the job renew the key after each run, or ask for an exception.';
    await this.#stage.reply(this.#objectionId ?? '', text);
    await this.#stage.grant(this.#requestId ?? '', 'Until the daily job runs.');
    this.#say(`The administrator replies to ${OBJECTING}: “${text}”`);
    this.#say(`  ${EXCEPTED} gets its exception.`);
  }

  async #tellCohort(): Promise<void> {
    const stops = await this.#stage.stopsOf(this.#keys);
    const earlier = stops.filter((stop, index) => stop < (this.#stopsBefore[index] ?? Infinity)).length;
    this.#say(`The first cohort begins: ${earlier} of ${stops.length} keys stop earlier, 30 days ahead.`);
  }

  async #undo(): Promise<void> {
    await this.#stage.undo(this.#rolloutId ?? '', 'Reports run once a month.');
    this.#say(`The administrator undoes the rollout. ${OBJECTING} was right: reports run once a month.`);
  }

  #answer(team: string, given: Parameters<Stage['answer']>[2]): Promise<string> {
    const key = this.#keys.find((one) => one.team === team);
    return this.#stage.answer(this.#rolloutId ?? '', key?.owner ?? '', given);
  }
}
