import { printReport } from '../../policies/check/print-report.ts';
import { runInThread } from '../../policies/check/run-in-thread.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/**
 * Checks whether a policy module keeps the contract, with the configurations given, or else with {} and the examples of its
 * schema. The module is run, in a thread, with all that this command may do.
 *
 * With `--json`: `{ policy, findings: [{ check, first, count }], keyCount, status }`; policy is null where it is none, keyCount
 * where it could not be asked.
 */
export const checkPolicyCommand: Command = {
  name: 'check-policy',
  summary: 'check whether a policy module keeps the contract',
  declare(parser) {
    parser
      .argument('<module>', 'the file or the folder of the policy')
      .option('--config <json>', 'a configuration to check it with; may be given several times', appendValue)
      .option('--json', 'answer as JSON');
  },
  async run({ output }, { arguments: [path], options }) {
    const texts = (options['config'] ?? []) as readonly string[];
    const report = await runInThread({ path: path as string, configurations: texts.map(readConfig) });
    const { policy, findings, examined } = report;
    const status = findings.length === 0 ? exitStatus.OK : exitStatus.DATA;
    output.json({ policy, findings, keyCount: examined?.keyCount ?? null, status });
    output.line(printReport(path as string, report));
    return status;
  },
};

function appendValue(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function readConfig(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(exitStatus.USAGE, `--config: found ${JSON.stringify(text)}; JSON is expected.`);
  }
}
