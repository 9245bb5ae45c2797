import { findCadence, type Cadence, type CadenceConfidence } from '../../domain/cadence.ts';
import { DAY_MS } from '../../domain/duration.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { KeyRef } from './key.ts';

const confidenceDescriptions: Readonly<Record<CadenceConfidence, string>> = {
  STRONG: 'The cadence follows from three intervals between uses, or more.',
  WEAK: 'The cadence follows from two intervals only. The next use may well come at another time.',
};

const CadenceConfidenceEnum = builder.enumType('CadenceConfidence', {
  description: 'How sure the cadence of a key is.',
  values: describeValues(confidenceDescriptions),
});

const CadenceRef = builder.objectRef<Cadence>('Cadence').implement({
  description:
    'The rhythm in which a key is used. Days of use within a week of each other are one use; if they go on for more than four weeks, each week is one. An interval lasts from the beginning of a use to the beginning of the next.',
  fields: (t) => ({
    interval: t.expose('interval', {
      type: 'Duration',
      description: 'The usual time from one use to the next: the median of the latest intervals, in whole days.',
    }),
    spread: t.field({
      type: 'Duration',
      description:
        'By how much the usual intervals differ: the longest minus the shortest, without the fifth that is shortest and the fifth that is longest.',
      resolve: ({ shortest, longest }) => longest - shortest,
    }),
    nextUseFrom: t.field({
      type: 'DateTime',
      description: 'From when on the next use is likely. Always after the last use.',
      resolve: ({ nextUseFrom }) => new Date(nextUseFrom),
    }),
    nextUseTo: t.field({
      type: 'DateTime',
      description: 'Before when the next use is likely to begin. In the past if the key was not used in time.',
      resolve: ({ nextUseTo }) => new Date(nextUseTo),
    }),
    confidence: t.expose('confidence', { type: CadenceConfidenceEnum, description: 'How sure the cadence is.' }),
    intervalCount: t.exposeInt('intervalCount', {
      description: 'How many intervals the cadence follows from: the latest 12 at most.',
    }),
  }),
});

builder.prismaObjectField(KeyRef, 'cadence', (t) =>
  t.field({
    type: CadenceRef,
    nullable: true,
    description:
      'The rhythm in which the key is used, and when it is likely to be used next. Null: it was used too seldom to tell, which takes two intervals between uses.',
    select: { useDays: true },
    resolve: ({ useDays }) => findCadence((useDays?.days ?? []).map((day) => day * DAY_MS)),
  }),
);
