/**
 * Runs the benchmarks whose figures have a goal, one after the other, and prints all figures in a table: npm run bench
 *
 * Each benchmark measures both sides of a ratio in turn. A figure is the median of its rounds, with the least and the most.
 * It takes about 10 minutes. Run it on a machine that has nothing else to do.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { goals, reaches, type Figure, type GoalName } from './goals.ts';

const benchmarks = ['verify', 'verifier', 'table', 'reach', 'issue', 'policies', 'replay', 'use'];

const figures: Figure[] = [];
for (const name of benchmarks) {
  console.log(`\n${name}.ts`);
  const child = fork(fileURLToPath(new URL(`${name}.ts`, import.meta.url)), [], {
    execArgv: ['--disable-warning=DeprecationWarning'],
  });
  child.on('message', (figure) => void figures.push(figure as Figure));
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) {
    console.log(`${name}.ts failed`);
    process.exitCode = 1;
  }
}
console.log('');
console.table(
  Object.fromEntries(
    Object.entries(goals).map(([name, { title, unit, direction, must, aim }]) => {
      const found = figures.find((figure) => figure.name === name);
      const write = (value: number) => `${Number(value.toPrecision(3))}${unit === '' ? '' : ` ${unit}`}`;
      const sign = direction === 'AT_LEAST' ? '≥' : '≤';
      return [
        title,
        {
          figure: found === undefined ? 'not measured' : write(found.middle),
          spread: found === undefined ? '' : `${write(found.least)} to ${write(found.most)}`,
          must: `${sign} ${write(must)}`,
          aim: `${sign} ${write(aim)}`,
          reached: found !== undefined && reaches(name as GoalName, found.middle) ? 'yes' : 'no',
        },
      ];
    }),
  ),
);
