import type { Socket } from 'node:net';
import type { Context } from 'ding-dong';
import type { Log } from '../log.ts';
import type { Call } from '../screening/index.ts';
import { isComplete, parseEnvironment } from './environment.ts';
import type { Failure } from './failure.ts';
import type { FilteredStream } from './filtered-stream.ts';
import { type Answer, forgedAnswer, REPLY_VARIABLE, replyValue } from './reply.ts';
import { readRequest } from './request.ts';
import { type ServerState, STATE_VARIABLE, stateValue } from './state.ts';

export interface ConversationOptions {
  /** Decides and journals, at once or within a millisecond or two. */
  readonly answer: (call: Call, crowd: Crowd) => Answer | Promise<Answer>;
  /** Told of an answer that was taken back, as the environment proved to be forged. */
  readonly retract: (answer: Answer) => void;
  /** How the server is; asked for by `ipcountry status`. */
  readonly state: () => ServerState;
  /** Told of each request that was not answered as it should be. */
  readonly failed: (failure: Failure) => void;
  /** Milliseconds from the connection to its end. */
  readonly deadline: number;
  readonly log: Log;
}

/** What stands around a call when it asks. */
export interface Crowd {
  /** When the connection came in, on performance.now()'s clock. */
  readonly started: number;
  /** Connections that are open and have not asked yet. */
  readonly coming: number;
}

/** Far above any real environment (2 KB). */
const MOST_BYTES = 16 * 1024;

/** Asterisk's `200 result=1`; what it may send instead is in res_agi.c, agi_handle_command. */
const ACCEPTED = /^200 result=/;
const HANGUP = /^HANGUP$/;
const REFUSED = /^5\d\d[ -]/;

/**
 * One call's conversation: environment in, one command out, its acknowledgement in, end.
 *
 * What comes in is read here: bounded, the environment uncut (ding-dong drops what follows a second
 * colon), every kind of reply (its promise never settles on 510, 511, 520 or HANGUP). ding-dong is
 * told when the environment is whole, and writes the command.
 * @param unasked connections of this listener that have not asked yet; kept here
 */
export function converse(
  context: Context,
  stream: FilteredStream,
  socket: Socket,
  options: ConversationOptions,
  unasked: { count: number },
): void {
  const started = performance.now();
  const log = options.log;
  unasked.count++;
  let environment: Buffer | undefined;
  let received = 0;
  let asked = false; // the environment is whole
  let answer: Answer | undefined;
  let replies = '';
  let acknowledged = false;
  let ended = false; // there is nothing left to say

  const close = (failure: Failure, reason: string, fields: object = {}) => {
    if (socket.destroyed) return;
    options.failed(failure);
    log.warn({ ...fields, peer: socket.remoteAddress, answered: !!answer }, `agi: ${reason}`);
    socket.destroy();
  };
  const deadline = setTimeout(
    () => close(answer ? 'unacknowledged' : 'late', 'deadline passed'),
    options.deadline,
  );

  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > MOST_BYTES) close('too-long', 'peer sends without end');
    else if (!asked) readEnvironment(chunk);
    else {
      replies += chunk.toString('latin1');
      if (answer) readReplies(answer);
    }
  });
  socket.on('close', () => {
    clearTimeout(deadline);
    if (!asked) unasked.count--;
  });
  // Without a listener an 'error' would end the process; 'close' follows it.
  socket.on('error', (cause) => log.debug({ err: cause }, 'agi: connection broke'));

  context.on('variables', () => {
    judge().catch((cause) => {
      options.failed('internal-error');
      log.error({ err: cause }, 'agi: the call could not be judged');
      socket.destroy(); // the dialplan follows its failure policy
    });
  });

  function readEnvironment(chunk: Buffer): void {
    environment = environment ? Buffer.concat([environment, chunk]) : chunk;
    if (!isComplete(environment)) return;
    asked = true;
    unasked.count--;
    stream.pass('agi_network: yes\n\n');
  }

  async function judge(): Promise<void> {
    const request = readRequest(parseEnvironment(environment!.toString('utf8')));
    if (request.kind === 'refused') {
      return close('unknown-entry', 'no such entry', { path: request.path });
    }
    if (request.kind === 'status') {
      void context.setVariable(STATE_VARIABLE, stateValue(options.state()));
      return end();
    }
    answer = await options.answer(request.call, { started, coming: unasked.count });
    if (socket.destroyed) return;
    send(answer);
    readReplies(answer);
  }

  function send(toSend: Answer): void {
    void context.setVariable(REPLY_VARIABLE, replyValue(toSend));
  }

  function readReplies(given: Answer): void {
    if (ended || replies === '') return;
    const lines = replies.split('\n');
    replies = lines.pop()!;
    for (const line of lines) {
      // After a HANGUP the caller is gone; the journal has the call.
      if (ACCEPTED.test(line) || HANGUP.test(line)) {
        acknowledged = true;
        continue;
      }
      if (REFUSED.test(line)) {
        close('refused-reply', 'Asterisk refused the reply', { line: line.slice(0, 200) });
      } else takeBack(given);
      return;
    }
    // Not in the middle of a segment: what looks like a reply may be a caller's line before others.
    if (acknowledged && replies === '') {
      ended = true;
      // All has been said and taken: closed both ways at once, in one system call instead of four.
      socket.destroy();
    }
  }

  /**
   * Neither reply nor HANGUP: the rest of an environment that a caller's line feed had cut short.
   * AGI() has not returned yet, so that the answer given to the forged part is replaced in time.
   * Asterisk carries out both commands before it sees the end of the stream (tried on 16 and 22,
   * where the two come together, too).
   */
  function takeBack(given: Answer): void {
    options.failed('forged');
    log.error({ peer: socket.remoteAddress }, 'agi: forged environment, the call is refused');
    if (given.verdict.reason !== 'bad-address') {
      send(forgedAnswer(given));
      try {
        options.retract(given);
      } catch (cause) {
        log.error({ err: cause }, 'agi: an answer was taken back, but not in the journal');
      }
    }
    end();
  }

  function end(): void {
    ended = true;
    void context.end();
  }
}
