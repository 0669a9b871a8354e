import { connect } from 'node:net';
import { parseState, type ServerState, STATE_VARIABLE } from './state.ts';

/** Why a server's state isn't known. */
export type NoState =
  | 'refused' // nobody listens
  | 'closed' // it hangs up: we may not ask, or it is no server of ours
  | 'silent' // it takes the connection, and says nothing
  | 'strange'; // what it says is not ours

/** Milliseconds that a server has: it gives a call a verdict in a fraction of that. */
const PATIENCE = 2_000;
/** Bytes of an answer, with room to spare. */
const MOST = 4_096;

const COMMAND = new RegExp(`^SET VARIABLE ${STATE_VARIABLE} "([^"\\\\]*)"$`);

/**
 * Asks a server as Asterisk would, over FastAGI: that it listens alone proves little. Nothing is
 * journalled, and nobody's call rate counts it.
 */
export function askState(host: string, port: number): Promise<ServerState | NoState> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let received = '';
    let connected = false;
    const end = (answer: ServerState | NoState) => {
      clearTimeout(patience);
      socket.destroy();
      resolve(answer);
    };
    const patience = setTimeout(() => end('silent'), PATIENCE);
    socket.on('connect', () => {
      connected = true;
      socket.write(
        `agi_network: yes\nagi_network_script: status\nagi_request: agi://${host}:${port}/status\n\n`,
      );
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      const line = received.split('\n', 1)[0]!;
      if (received.length > line.length)
        end(parseState(COMMAND.exec(line)?.[1] ?? '') ?? 'strange');
      else if (received.length > MOST) end('strange');
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => end(connected ? 'closed' : 'refused'));
  });
}
