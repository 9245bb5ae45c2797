import { parseArgs } from 'node:util';
import { printReport } from './print-report.ts';
import { runInThread } from './run-in-thread.ts';

const usage = `Usage: npm run policy:check <module> [-- --config '<JSON>' …]

Checks whether a policy module keeps the contract, with the configurations given, or else with {} and the examples of its
schema. Ends with 0 when it does, and with 1 when it does not.
`;

process.exitCode = await check();

async function check(): Promise<0 | 1> {
  const job = readArguments(process.argv.slice(2));
  if ('problem' in job) {
    process.stderr.write(`${job.problem}\n\n${usage}`);
    return 1;
  }
  const report = await runInThread(job);
  process.stdout.write(printReport(job.path, report));
  return report.findings.length === 0 ? 0 : 1;
}

function readArguments(args: string[]): { path: string; configurations: unknown[] } | { problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { config: { type: 'string', multiple: true, default: [] } },
    });
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) return { problem: 'One module is expected.' };
    return { path, configurations: values.config.map((text) => JSON.parse(text) as unknown) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
