import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-circle',
  version: '1',
  title: 'Hostile',
  summary: 'Answers something that contains itself.',
  config: z.strictObject({}),
  dormancy() {
    const circle = { reason: null };
    circle.reason = circle;
    return circle;
  },
});
