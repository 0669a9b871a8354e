// The one-command conversation that all three servers have with the load.
import { connect } from 'node:net';

/** The command that the references always answer with: as long as ipcountry's own. */
export const COMMAND =
  'SET VARIABLE ARRAY(STRANGER,IPCOUNTRY_REASON,IPCOUNTRY_COUNTRY,IPCOUNTRY_ROUTE) ' +
  '"false,permitted,US,goto\\\\,from-internal\\\\,947\\\\,1"';

/** Callers: so many that at 15 000 calls a second none of them reaches its call rate. */
const SOURCES = 4_096;

/** What Asterisk 22 sends for an external PJSIP call. */
export function environment(number) {
  const caller = number % SOURCES;
  const source = `10.7.${caller >> 8}.${caller & 255}`;
  return [
    'agi_network: yes',
    'agi_network_script: external',
    'agi_request: agi://127.0.0.1:4573/external',
    `agi_channel: PJSIP/anonymous-${number.toString(16).padStart(8, '0')}`,
    'agi_language: en',
    'agi_type: PJSIP',
    `agi_uniqueid: 1795223817.${number}`,
    'agi_version: 22.10.1',
    'agi_callerid: 100',
    'agi_calleridname: Bob',
    'agi_callingpres: 0',
    'agi_callingani2: 0',
    'agi_callington: 0',
    'agi_callingtns: 0',
    'agi_dnid: weather',
    'agi_rdnis: unknown',
    'agi_context: ipcountry-screen',
    'agi_extension: s',
    'agi_priority: 7',
    'agi_enhanced: 0.0',
    'agi_accountcode: ',
    'agi_threadid: 140498802239168',
    `agi_arg_1: source=${source}%3A5060`,
    'agi_arg_2: sipuri=%22Bob%22%20%3Csip%3Abob%40example.com%3E%3Btag%3D1',
    'agi_arg_3: domain=sip.example.com',
    'agi_arg_4: extension=weather',
    'agi_arg_5: number=100',
    'agi_arg_6: name=Bob',
    'agi_arg_7: agent=Linphone%2F5.0',
    '',
    '',
  ].join('\n');
}

/**
 * One call, over when the server has closed, as AGI() would return then.
 * @returns milliseconds from the connection to the command; undefined where none came
 */
export function call(port, number) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const started = performance.now();
    let latency;
    let text = '';
    socket.on('connect', () => socket.write(environment(number)));
    socket.on('data', (chunk) => {
      text += chunk;
      if (latency !== undefined || !text.endsWith('\n')) return;
      if (text.startsWith('SET VARIABLE ')) latency = performance.now() - started;
      socket.write('200 result=1\n');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(latency));
  });
}
