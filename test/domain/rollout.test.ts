import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import {
  beginNextStage,
  haltProgress,
  isOpenRollout,
  isReached,
  markInconclusive,
  mayAdvance,
  nextStep,
  openGates,
  pauseProgress,
  proposeStages,
  resumeProgress,
  roleOf,
  stageOf,
  undoProgress,
  type GateFacts,
  type RolloutProgress,
} from '../../src/domain/rollout.ts';
import {
  isInForceIn,
  stagesProblem,
  type RolloutStage,
  type RolloutStageKind,
} from '../../src/domain/rollout-stage.ts';

const now = new Date('2026-11-30T12:00:00.000Z');
const salt = Buffer.from('salt');
const closed: GateFacts = { openObjections: 0, isOverBudget: false, hasEvidence: true, needsSecondPerson: false };

function stage(kind: RolloutStageKind, more: Partial<RolloutStage> = {}): RolloutStage {
  return { kind, atLeastMs: DAY_MS, share: null, windows: [], ...more };
}

const usual = [
  stage('COMMENT'),
  stage('SHADOW'),
  stage('COHORT', { share: 0.05 }),
  stage('COHORT', { share: 0.5 }),
  stage('ENFORCED'),
];

/** Any valid stages. */
const stages = fc
  .record({
    optional: fc.subarray(['COMMENT', 'SHADOW', 'WARN'] as const),
    shares: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 4 }),
    days: fc.nat({ max: 5 }),
  })
  .map(({ optional, shares, days }) => {
    const atLeastMs = days * DAY_MS;
    const cohorts = shares.toSorted((a, b) => a - b).map((share) => stage('COHORT', { share: share / 100, atLeastMs }));
    return [...optional.map((kind) => stage(kind, { atLeastMs })), ...cohorts, stage('ENFORCED', { atLeastMs })];
  });

const facts = fc.record({
  openObjections: fc.nat({ max: 1 }),
  isOverBudget: fc.boolean(),
  hasEvidence: fc.boolean(),
  needsSecondPerson: fc.boolean(),
});

const act = fc.constantFrom('STEP', 'ADVANCE', 'PAUSE', 'RESUME', 'UNDO');
const acts = fc.array(fc.record({ act, facts, waitMs: fc.nat({ max: 3 * DAY_MS }) }), { maxLength: 40 });

type Act = (typeof acts extends fc.Arbitrary<infer List> ? List : never)[number];

/** Applies an act as the use cases and the worker do: what is not allowed changes nothing. */
function apply(progress: RolloutProgress, { act, facts }: Act, at: Date): RolloutProgress {
  if (!isOpenRollout(progress)) return progress;
  const gates = openGates(progress, facts, at);
  if (act === 'UNDO') return undoProgress(progress);
  if (act === 'PAUSE') return progress.state === 'PAUSED' ? progress : pauseProgress(progress, at);
  if (act === 'RESUME') {
    return progress.state === 'PAUSED' || progress.state === 'INCONCLUSIVE' ? resumeProgress(progress, at) : progress;
  }
  if (act === 'ADVANCE') return mayAdvance(progress, gates) ? beginNextStage(progress, gates, at) : progress;
  const step = nextStep(progress, facts, at);
  if (step === 'ADVANCE') return beginNextStage(progress, gates, at);
  if (step === 'HALT') return haltProgress(progress, at);
  return step === 'ASK' ? markInconclusive(progress) : progress;
}

describe('rollouts: over random histories', () => {
  test('no stage begins before the least time of the one before, or with a gate open', () => {
    fc.assert(
      fc.property(stages, acts, (stages, acts) => {
        let [progress, at, ran] = [proposeStages(stages, 0, now), now, 0];
        for (const one of acts) {
          at = addMs(at, one.waitMs);
          if (progress.state === 'PROPOSED' || progress.state === 'RUNNING') ran += one.waitMs;
          const next = apply(progress, one, at);
          if (next.stage > progress.stage || (next.state === 'DONE' && progress.state !== 'DONE')) {
            const wasInconclusive = progress.state === 'INCONCLUSIVE';
            expect(ran).toBeGreaterThanOrEqual(wasInconclusive ? 0 : stageOf(progress).atLeastMs);
            expect(one.facts).toMatchObject({ openObjections: 0, isOverBudget: false });
            const needsEvidence = isInForceIn(stageOf(progress)) && next.state !== 'DONE' && !wasInconclusive;
            if (needsEvidence) expect(one.facts.hasEvidence).toBe(true);
            if (next.state !== 'DONE' && stageOf(next).kind === 'ENFORCED') {
              expect(one.facts.needsSecondPerson).toBe(false);
            }
            expect(next.stage - progress.stage).toBe(next.state === 'DONE' ? 0 : 1);
          }
          if (next.stage !== progress.stage || next.stageSince.getTime() === at.getTime()) ran = 0;
          progress = next;
        }
      }),
    );
  });

  test('undo is possible until the rollout is done, and then nothing is in force', () => {
    fc.assert(
      fc.property(stages, acts, (stages, acts) => {
        let [progress, at] = [proposeStages(stages, 0, now), now];
        for (const one of acts) {
          at = addMs(at, one.waitMs);
          progress = apply(progress, one, at);
          if (!isOpenRollout(progress)) return;
          const undone = undoProgress(progress);
          expect(undone.state).toBe('UNDONE');
          const member = { ownerId: 'account_a', position: null, isEnrolled: true, exceptUntil: null };
          expect(isReached({ ...undone, threshold: 1, salt }, member)).toBe(false);
        }
      }),
    );
  });

  test('an owner is in one cohort: who is reached stays reached until a stage is undone', () => {
    fc.assert(
      fc.property(stages, acts, fc.string(), fc.boolean(), (stages, acts, ownerId, isEnrolled) => {
        const member = { ownerId, position: null, isEnrolled, exceptUntil: null };
        const reach = (of: RolloutProgress) => isReached({ ...of, threshold: stageOf(of).share ?? 0, salt }, member);
        let [progress, at] = [proposeStages(stages, 0, now), now];
        for (const one of acts) {
          at = addMs(at, one.waitMs);
          const next = apply(progress, one, at);
          if (reach(progress) && next.stage >= progress.stage && next.state !== 'UNDONE')
            expect(reach(next)).toBe(true);
          if (next.state === 'DONE') expect(reach(next)).toBe(true);
          progress = next;
        }
      }),
    );
  });

  test('an exception changes only keys that the rollout reaches, and never outlives its end', () => {
    fc.assert(
      fc.property(stages, acts, fc.integer({ min: -100, max: 100 }), (stages, acts, days) => {
        const exceptUntil = addMs(now, days * DAY_MS);
        const member = { ownerId: 'account_a', position: null, isEnrolled: false, exceptUntil };
        let [progress, at] = [proposeStages(stages, 0, now), now];
        for (const one of acts) {
          at = addMs(at, one.waitMs);
          progress = apply(progress, one, at);
          const reach = { ...progress, threshold: stageOf(progress).share ?? 0, salt };
          const role = roleOf(reach, member, at);
          expect(role === 'BEFORE').toBe(!isReached(reach, member));
          if (at >= exceptUntil) expect(role).not.toBe('UNTIL');
          else expect(role).not.toBe('AFTER');
        }
      }),
    );
  });
});

test('rollouts: over its budget a rollout halts, and its last stage is undone', () => {
  let progress = proposeStages(usual, 0, now);
  for (let day = 1; day < 4; day += 1) progress = beginNextStage(progress, [], addMs(now, day * DAY_MS));
  expect(stageOf(progress).share).toBe(0.5);
  const at = addMs(now, 3 * DAY_MS + HOUR_MS);
  expect(nextStep(progress, { ...closed, isOverBudget: true }, at)).toBe('HALT');
  const halted = haltProgress(progress, at);
  expect(halted).toMatchObject({ state: 'PAUSED', isOverBudget: true, stage: 2, stageSince: at });
  expect(resumeProgress(halted, addMs(at, DAY_MS))).toMatchObject({ state: 'RUNNING', isOverBudget: false });
  expect(haltProgress(proposeStages(usual, 0, now), now).stage).toBe(0);
  // Its stage is in force also while it waits for a person.
  const over = { ...closed, isOverBudget: true };
  expect(nextStep(pauseProgress(progress, at), over, at)).toBe('HALT');
  expect(nextStep(markInconclusive(progress), over, at)).toBe('HALT');
  expect(nextStep(halted, over, at)).toBe('WAIT');
  expect(nextStep(undoProgress(progress), over, at)).toBe('WAIT');
});

test('rollouts: too little use makes a rollout inconclusive, and a person lets it go on', () => {
  let progress = proposeStages(usual, 0, now);
  for (let day = 1; day < 3; day += 1) progress = beginNextStage(progress, [], addMs(now, day * DAY_MS));
  const at = addMs(now, 3 * DAY_MS);
  const unknown = { ...closed, hasEvidence: false };
  expect(nextStep(progress, unknown, addMs(at, -1))).toBe('WAIT');
  expect(nextStep(progress, unknown, at)).toBe('ASK');
  const asking = markInconclusive(progress);
  expect(nextStep(asking, closed, at)).toBe('WAIT');
  expect(beginNextStage(asking, openGates(asking, unknown, at), at)).toMatchObject({ state: 'RUNNING', stage: 3 });
  expect(() => beginNextStage(asking, ['OBJECTIONS', 'EVIDENCE'], at)).toThrow('INCONCLUSIVE');
  expect(resumeProgress(asking, at)).toMatchObject({ state: 'RUNNING', stage: 2, stageSince: at });
});

test('rollouts: a person is asked about missing evidence also where a second one must enforce', () => {
  let progress = proposeStages(usual, 0, now);
  for (let day = 1; day < 4; day += 1) progress = beginNextStage(progress, [], addMs(now, day * DAY_MS));
  const at = addMs(now, 4 * DAY_MS);
  expect(nextStep(progress, { ...closed, needsSecondPerson: true }, at)).toBe('WAIT');
  expect(nextStep(progress, { ...closed, needsSecondPerson: true, hasEvidence: false }, at)).toBe('ASK');
  expect(nextStep(progress, { ...closed, openObjections: 1, hasEvidence: false }, at)).toBe('WAIT');
});

test('rollouts: the time of a pause does not count', () => {
  const progress = proposeStages(usual, 0, now);
  const paused = pauseProgress(progress, addMs(now, HOUR_MS));
  const resumed = resumeProgress(paused, addMs(now, 10 * DAY_MS));
  expect(resumed).toMatchObject({ state: 'PROPOSED', pausedAt: null, stageSince: addMs(now, 10 * DAY_MS - HOUR_MS) });
  expect(openGates(resumed, closed, addMs(now, 10 * DAY_MS))).toEqual(['LEAST_TIME']);
});

describe('rollouts: stages', () => {
  const noticeMs = 30 * DAY_MS;
  const window = addMs(now, 31 * DAY_MS).getTime();

  test.each([
    ['the usual ones', usual],
    ['a brownout', [stage('BROWNOUT', { windows: [window, window + HOUR_MS] }), stage('ENFORCED')]],
  ])('are accepted: %s', (_name, stages) => {
    expect(stagesProblem(stages, noticeMs, now)).toBeNull();
  });

  test.each([
    ['none', [], 'found 0 stages'],
    ['ENFORCED alone', [stage('ENFORCED')], 'found 1 stages'],
    ['no end', [stage('COMMENT'), stage('SHADOW')], 'expected ENFORCED'],
    ['out of order', [stage('SHADOW'), stage('COMMENT'), stage('ENFORCED')], 'stage 2: found COMMENT after SHADOW'],
    ['twice', [stage('SHADOW'), stage('SHADOW'), stage('ENFORCED')], 'only COHORT repeats'],
    ['a cohort without a share', [stage('COHORT'), stage('ENFORCED')], 'share: found null'],
    ['a cohort of all', [stage('COHORT', { share: 1 }), stage('ENFORCED')], 'less than 1'],
    ['a share elsewhere', [stage('COMMENT'), stage('ENFORCED', { share: 0.5 })], 'only a COHORT'],
    [
      'falling shares',
      [stage('SHADOW'), stage('COHORT', { share: 0.5 }), stage('COHORT', { share: 0.5 }), stage('ENFORCED')],
      'rising shares',
    ],
    ['a cohort first', [stage('COHORT', { share: 0.5 }), stage('ENFORCED')], 'found COHORT as the first stage'],
    ['too long', [stage('COMMENT'), stage('ENFORCED', { atLeastMs: 366 * DAY_MS })], 'expected at most P365D'],
    ['windows elsewhere', [stage('COMMENT'), stage('ENFORCED', { windows: [window] })], 'only a BROWNOUT'],
    ['no window', [stage('BROWNOUT'), stage('ENFORCED')], 'found 0'],
    [
      'a window too soon',
      [stage('BROWNOUT', { windows: [now.getTime() + noticeMs - 1] }), stage('ENFORCED')],
      'notice period',
    ],
    ['windows that overlap', [stage('BROWNOUT', { windows: [window, window + 1] }), stage('ENFORCED')], 'overlap'],
    [
      'three windows on a day',
      [stage('BROWNOUT', { windows: [0, 1, 2].map((hour) => window + hour * HOUR_MS) }), stage('ENFORCED')],
      'more than 2 on a day',
    ],
  ] as const)('are refused: %s', (_name, stages, problem) => {
    expect(stagesProblem(stages, noticeMs, now)).toContain(problem);
  });
});
