import type { ChildProcess } from 'node:child_process';

/** One message of the manager interface: the last value of each key. */
export type ManagerMessage = Readonly<Record<string, string>>;

/** Everything that Asterisk reported on its manager interface since the start. */
export interface ManagerLog {
  /** All messages so far, in order. Grows. */
  readonly messages: readonly ManagerMessage[];
  close(): void;
}

/**
 * Logs in on a manager connection (stdin and stdout of `child`) and collects its events.
 * @param child a process that passes bytes to and from port 5038
 */
export function watchManager(child: ChildProcess, secret: string): ManagerLog {
  const messages: ManagerMessage[] = [];
  let rest = '';
  child.stdout!.setEncoding('latin1').on('data', (text: string) => {
    const parts = (rest + text).split('\r\n\r\n');
    rest = parts.pop()!;
    for (const part of parts) messages.push(parseMessage(part));
  });
  child.stdin!.on('error', () => {});
  child.stdin!.write(`Action: Login\r\nUsername: test\r\nSecret: ${secret}\r\nEvents: on\r\n\r\n`);
  return { messages, close: () => void child.kill() };
}

function parseMessage(text: string): ManagerMessage {
  const message: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) message[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
  }
  return message;
}
