import type { Call, Entry, Source } from '../screening/index.ts';
import { parseSource, percentDecode } from '../sip/index.ts';
import type { Environment } from './environment.ts';

/** A request as the server understands it, or the path that it does not serve. */
export type Request =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'status' } // how the server is; nobody calls
  | { readonly kind: 'refused'; readonly path: string };

const ENTRIES: readonly Entry[] = ['external', 'blacklist-check'];
const STATUS = 'status';

/** Channels that packets come in on: without an address, one of these is not to be judged. */
const NETWORKED = new Set(
  'PJSIP SIP IAX2 H323 OOH323 MGCP Skinny SCCP Unistim USTM Motif Jingle Gtalk WebSocket'
    .toLowerCase()
    .split(' '),
);

/**
 * Reads a request. The path of the URL names the entry; `agi_network_script` holds it, and stands
 * before anything that a caller wrote. Arguments are `name=value`, each value through URIENCODE().
 */
export function readRequest(environment: Environment): Request {
  const { values } = environment;
  const [path = '', query = ''] = (values.get('agi_network_script') ?? '').split('?', 2);
  if (path === STATUS) return { kind: 'status' };
  const entry = ENTRIES.find((known) => known === path);
  if (!entry) return { kind: 'refused', path };

  const passed = readArguments(values);
  const sound = environment.sound && passed !== undefined && sealed(query, passed);
  const technology = values.get('agi_type') ?? '';
  const argument = (name: string) => passed?.get(name) ?? '';
  return {
    kind: 'call',
    call: {
      entry,
      source: readSource(argument('source'), technology, sound),
      technology,
      channel: values.get('agi_channel') ?? '',
      uniqueid: values.get('agi_uniqueid') ?? '',
      sipuri: argument('sipuri'),
      domain: argument('domain'),
      extension: argument('extension'),
      number: argument('number'),
      name: argument('name'),
      agent: argument('agent'),
    },
  };
}

/** @returns undefined where a name stands twice: one of the two would be a caller's */
function readArguments(values: ReadonlyMap<string, string>): Map<string, string> | undefined {
  const passed = new Map<string, string>();
  for (let i = 1; ; i++) {
    const argument = values.get(`agi_arg_${i}`);
    if (argument === undefined) return passed;
    const equals = argument.indexOf('=');
    if (equals < 0) continue;
    const name = argument.slice(0, equals);
    if (passed.has(name)) return undefined;
    // Lenient: URIENCODE() cuts its result at about 4 KB, in the middle of a %C3%A9 if it so falls.
    passed.set(name, percentDecode(argument.slice(equals + 1)));
  }
}

/**
 * `…/external?seal=N` asks that the arguments end in the same `seal=N`. The dialplan draws N anew
 * for each call, so that a caller whose text ended the environment early can't forge the rest.
 */
function sealed(query: string, passed: ReadonlyMap<string, string>): boolean {
  if (query === '') return true;
  const seal = /^seal=([0-9A-Za-z]+)$/.exec(query)?.[1];
  return seal !== undefined && [...passed.keys()].at(-1) === 'seal' && passed.get('seal') === seal;
}

function readSource(text: string, technology: string, sound: boolean): Source {
  if (!sound) return { kind: 'malformed', text };
  const lineCard = technology !== '' && !NETWORKED.has(technology.toLowerCase());
  if (text === '' && lineCard) return { kind: 'none' };
  const address = parseSource(text);
  return address ? { kind: 'address', address } : { kind: 'malformed', text };
}
