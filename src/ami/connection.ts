import type { Socket } from 'node:net';
import { type Fault, fault } from '../errors.ts';
import { type AmiMessage, createReader, writeAction } from './message.ts';

/** A conversation with Asterisk's manager interface, logged in. */
export interface AmiConnection {
  /**
   * One action, its one response; a `Response: Error` is returned, not thrown.
   * @throws Fault ami-closed, ami-silent, ami-action
   */
  send(action: string, fields?: Readonly<Record<string, string>>): Promise<AmiMessage>;
  /**
   * The events of an action that lists. None where Asterisk answers with an error: nothing there, or
   * the module is not loaded.
   * @throws Fault ami-permission too: that the account may not ask does not mean that nothing is there
   */
  list(action: string, fields?: Readonly<Record<string, string>>): Promise<AmiMessage[]>;
  /** What the console prints on a command. @throws Fault ami-command where it is refused, too */
  command(line: string): Promise<string>;
  /** Takes the events that belong to no list, those since the login first. Set once. */
  onEvent(listener: (event: AmiMessage) => void): void;
  /** Resolves when the connection is gone, with why. */
  readonly closed: Promise<string>;
  close(why?: string): void;
}

/** Milliseconds without a word on an action. */
const SILENCE = 10_000;

/** Actions on their way; Asterisk takes one after the other, so more would only wait there. */
const AT_ONCE = 32;

/** Events of one list; a PBX of 20 000 phones has a few for each. */
const LONGEST_LIST = 200_000;

/** Events kept from the login until somebody listens. */
const KEPT = 100;

interface Answer {
  readonly response: AmiMessage;
  readonly events: AmiMessage[];
}

interface Pending {
  readonly lists: boolean;
  readonly events: AmiMessage[];
  readonly timer: NodeJS.Timeout;
  response?: AmiMessage;
  settle(answer: Answer | Fault): void;
}

/**
 * Speaks on a socket that has just been connected. Nobody is logged in yet.
 * @param banner what the first line says
 */
export function converse(socket: Socket, banner: (line: string) => void): AmiConnection {
  const pending = new Map<string, Pending>();
  const waiting: (() => void)[] = [];
  const early: AmiMessage[] = [];
  let listener: ((event: AmiMessage) => void) | undefined;
  let gone: string | undefined;
  let lastId = 0;

  const reader = createReader({ banner, message: receive });
  socket.on('data', (chunk: Buffer) => {
    if (gone === undefined && !reader.take(chunk)) close('it sent a message without an end');
  });
  socket.on('error', (error: NodeJS.ErrnoException) => close(error.code ?? error.message));
  socket.on('end', () => close('closed by Asterisk'));
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => {
      close('closed by Asterisk');
      resolve(gone!);
    });
  });

  function close(why = 'closed'): void {
    if (gone !== undefined) return;
    gone = why;
    socket.destroy();
    for (const action of pending.values()) action.settle(fault('ami-closed', why));
    for (const begin of waiting.splice(0)) begin();
  }

  function receive(message: AmiMessage): void {
    if (gone !== undefined) return;
    const action = pending.get(message['ActionID'] ?? '');
    // Not by its `Response`: ChallengeResponseFailed is an event, and has a field of that name.
    if (!('Event' in message)) {
      if (!action) return; // too late
      action.response = message;
      action.timer.refresh();
      const begins = action.lists && message['EventList']?.toLowerCase() === 'start';
      if (!begins) action.settle({ response: message, events: [] });
    } else if (!action?.lists) tell(message);
    else if (isEnd(message)) action.settle({ ...action, response: action.response ?? message });
    else if (action.events.push(message) > LONGEST_LIST) close('it sent a list without an end');
    else action.timer.refresh();
  }

  function tell(event: AmiMessage): void {
    if (listener) listener(event);
    else if (early.length < KEPT) early.push(event);
  }

  /** Its promise settles in any case: by an answer, by silence or by the end of the connection. */
  function exchange(
    action: string,
    fields: Readonly<Record<string, string>>,
    lists: boolean,
  ): Promise<Answer> {
    const id = String(++lastId);
    return new Promise((resolve, reject) => {
      const text = writeAction([['Action', action], ['ActionID', id], ...Object.entries(fields)]);
      const settle = (answer: Answer | Fault) => {
        clearTimeout(timer);
        pending.delete(id);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
        waiting.shift()?.();
      };
      let timer: NodeJS.Timeout;
      const begin = () => {
        if (gone !== undefined) return reject(fault('ami-closed', gone));
        timer = setTimeout(() => settle(fault('ami-silent', action, SILENCE / 1_000)), SILENCE);
        pending.set(id, { lists, events: [], timer, settle });
        socket.write(text);
      };
      if (pending.size < AT_ONCE) begin();
      else waiting.push(begin);
    });
  }

  return {
    send: async (action, fields = {}) => (await exchange(action, fields, false)).response,
    async list(action, fields = {}) {
      const { response, events } = await exchange(action, fields, true);
      if (isForbidden(response)) throw fault('ami-permission', action);
      return events;
    },
    async command(line) {
      const { response } = await exchange('Command', { Command: line }, false);
      if (isForbidden(response)) throw fault('ami-permission', 'Command');
      const output = response['Output'] ?? '';
      if (response['Response'] === 'Error') {
        throw fault('ami-command', line, output || (response['Message'] ?? ''));
      }
      return output;
    },
    onEvent(listen) {
      listener = listen;
      for (const event of early.splice(0)) listen(event);
    },
    closed,
    close,
  };
}

/** Either by the word of its own, or by the name that all such events have. */
function isEnd(event: AmiMessage): boolean {
  return event['EventList']?.toLowerCase() === 'complete' || event['Event']!.endsWith('Complete');
}

function isForbidden(response: AmiMessage): boolean {
  return response['Response'] === 'Error' && response['Message'] === 'Permission denied';
}
