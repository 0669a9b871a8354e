import type { ManagerMessage } from './asterisk-ami.ts';

/** One priority of the dialplan that a call went through. */
export interface Step {
  readonly context: string;
  readonly extension: string;
  readonly priority: number;
  readonly application: string;
  readonly data: string;
}

/** What Asterisk did with one call, from its own reports. */
export interface Trace {
  readonly steps: readonly Step[];
  /** The last value that each channel variable was given. */
  readonly variables: Readonly<Record<string, string>>;
  /** In a few words: what became of the call. */
  readonly outcome: string;
}

/** Messages of one channel, all or in part → what it met. */
export function readTrace(messages: readonly ManagerMessage[]): Trace {
  const variables: Record<string, string> = {};
  const steps: Step[] = [];
  for (const message of messages) {
    if (message['Event'] === 'VarSet') variables[message['Variable']!] = message['Value']!;
    if (message['Event'] === 'Newexten') {
      steps.push({
        context: message['Context']!,
        extension: message['Extension']!,
        priority: Number(message['Priority']),
        application: message['Application']!,
        data: message['AppData'] ?? '',
      });
    }
  }
  return { steps, variables, outcome: outcomeOf(steps) };
}

function outcomeOf(steps: readonly Step[]): string {
  for (const { context, extension, application } of steps) {
    if (context === 'reached' || context === 'leaked') return `${context} ${extension}`;
    if (context === 'ipcountry-refuse') return 'refused';
    if (context === 'ipcountry-unreachable') return 'unreachable';
    if (context === 'app-blackhole') return `blackhole ${extension}`;
    if (context === 'ipcountry-freepbx-pass' && application === 'Answer') return 'no anonymous';
    if (application === 'Dial') return 'dialled';
  }
  return steps.length === 0 ? 'no call' : 'hung up';
}
