import { prefixOf } from '../address/index.ts';
import { oneLine } from '../errors.ts';
import type { Peer } from '../guard/peer.ts';
import { type Entry, entriesOf, type FreepbxRows } from './entries.ts';
import { type Place, parseList, parsePlace, parseRegistration } from './place.ts';

/** Where FreePBX says that its trunks and extensions are. */
export interface FreepbxPeers {
  readonly peers: readonly Peer[];
  /** What could not be understood or says nothing: a line each, safe to show, without secrets. */
  readonly remarks: readonly string[];
}

/** One place that a setting names. */
interface Claim {
  readonly kind: Peer['kind'];
  readonly keyword: string;
  /** What a remark may quote. */
  readonly text: string;
  readonly place: Place | undefined;
}

/** Characters of a setting that a remark quotes, and names that it lists. */
const LONGEST_QUOTE = 60;
const MOST_NAMES = 10;

/** FreePBX knows nothing of what is registered now. */
const UNKNOWN = { contact: undefined, callId: undefined, agent: '', status: '' };

export function peersOf(rows: FreepbxRows): FreepbxPeers {
  const peers: Peer[] = [];
  const remarks: string[] = [];
  const anywhere = new Set<string>();
  for (const entry of entriesOf(rows)) {
    const { technology, name, role } = entry;
    const title = oneLine(`${technology}/${name}`);
    let placed = false;
    for (const { kind, keyword, text, place } of claimsOf(entry)) {
      placed = true;
      if (!place) remarks.push(`${title}: ${quoted(keyword, text)} can't be understood; left out`);
      else if (place.range && prefixOf(place.range) === 0) anywhere.add(title);
      else peers.push({ technology, name, role, kind, ...place, ...UNKNOWN });
    }
    if (!placed && isLost(entry)) remarks.push(`${title}: FreePBX has no address of this trunk`);
  }
  if (anywhere.size > 0) remarks.push(`permit of all addresses left out: ${listed([...anywhere])}`);
  return { peers, remarks };
}

/** A PJSIP extension's `permit`, `deny` and `host` are leftovers: FreePBX does not write them. */
function* claimsOf({ technology, role, settings }: Entry): Generator<Claim> {
  const listOf = function* (kind: Peer['kind'], keyword: string): Generator<Claim> {
    for (const text of parseList(settings.get(keyword) ?? '')) {
      yield { kind, keyword, text, place: parsePlace(text) };
    }
  };
  const host = function* (kind: Peer['kind'], keyword: string): Generator<Claim> {
    const text = settings.get(keyword) ?? '';
    if (text === '' || text.toLowerCase() === 'dynamic') return;
    yield { kind, keyword, text, place: parsePlace(text) };
  };
  if (technology === 'PJSIP') {
    yield* listOf('identify', 'match');
    if (role === 'trunk') yield* host('registration', 'sip_server');
    return;
  }
  yield* host('peer', 'host');
  yield* listOf('peer', 'permit');
  const registration = settings.get('register') ?? '';
  if (registration === '') return;
  yield {
    kind: 'registration',
    keyword: 'register',
    text: '',
    place: parseRegistration(registration),
  };
}

/** A PJSIP trunk that neither is anywhere nor waits for registrations. */
function isLost({ technology, role, settings }: Entry): boolean {
  return technology === 'PJSIP' && role === 'trunk' && settings.get('registration') !== 'receive';
}

function quoted(keyword: string, text: string): string {
  if (text === '') return keyword;
  const cut = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return `${keyword} '${oneLine(cut)}'`;
}

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
