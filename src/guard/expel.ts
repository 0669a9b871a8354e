import type { Address } from '../address/index.ts';
import type { AmiConnection } from '../ami/index.ts';
import type { Log } from '../log.ts';
import { parseSource } from '../sip/index.ts';
import type { Peer, Technology } from './peer.ts';

/** The channel variable that tells where a call's packets come from (never a header's claim). */
const SOURCE_OF: Readonly<Record<Technology, string>> = {
  PJSIP: 'CHANNEL(pjsip,remote_addr)',
  SIP: 'CHANNEL(recvip)',
  IAX2: 'CHANNEL(peerip)',
};

/** Names that may stand in a console command; others can't be a registered peer's. */
const PEER_NAME = /^[\w.+@-]{1,80}$/;

/** What was taken out of Asterisk. */
export interface Expelled {
  readonly registrations: number;
  readonly calls: number;
}

/**
 * Takes registrations out of Asterisk and hangs up the calls of those who are shut out. What can't be
 * done is logged, and the rest done all the same: their packets are dropped already.
 * @param phones registrations to take out
 */
export async function expel(
  connection: AmiConnection,
  phones: readonly Peer[],
  isShutOut: (source: Address) => boolean,
  log: Log,
): Promise<Expelled> {
  const done = await Promise.all(phones.map((phone) => takeOut(connection, phone, log)));
  return {
    registrations: done.filter(Boolean).length,
    calls: await hangUp(connection, isShutOut, log),
  };
}

async function takeOut(connection: AmiConnection, phone: Peer, log: Log): Promise<boolean> {
  const { technology, name, contact } = phone;
  try {
    if (technology === 'PJSIP') {
      if (contact === undefined) return false;
      // PJSIP has no command for it; a contact lives in AstDB, where its registrar looks.
      const fields = { Family: 'registrar/contact', Key: contact };
      return (await connection.send('DBDel', fields))['Response'] === 'Success';
    }
    if (!PEER_NAME.test(name)) return false;
    await connection.command(`${technology === 'SIP' ? 'sip' : 'iax2'} unregister ${name}`);
    return true;
  } catch (cause) {
    log.warn(
      { err: cause, technology, endpoint: name },
      'guard: a registration could not be taken out',
    );
    return false;
  }
}

async function hangUp(
  connection: AmiConnection,
  isShutOut: (source: Address) => boolean,
  log: Log,
): Promise<number> {
  const channels = await connection.list('CoreShowChannels');
  const hungUp = await Promise.all(
    channels.map(async ({ Channel: channel = '' }) => {
      const technology = channel.slice(0, channel.indexOf('/')) as Technology;
      const variable = SOURCE_OF[technology];
      if (variable === undefined) return false;
      try {
        const { Value = '' } = await connection.send('Getvar', {
          Channel: channel,
          Variable: variable,
        });
        const source = parseSource(Value);
        if (!source || !isShutOut(source)) return false;
        const response = await connection.send('Hangup', { Channel: channel, Cause: '21' });
        return response['Response'] === 'Success';
      } catch (cause) {
        // A channel's name can be a caller's text, which may not fit into an action.
        log.warn({ err: cause, channel }, 'guard: a call could not be hung up');
        return false;
      }
    }),
  );
  return hungUp.filter(Boolean).length;
}
