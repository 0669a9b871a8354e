import type { Address } from '../address/index.ts';
import { fault } from '../errors.ts';
import { type FileFacts, type Mmdb, openMmdb } from './mmdb.ts';
import type { Leaf } from './search-tree.ts';

/** A network with what the file says of it, if anything that can be used. */
export type Answered<Answer> = Omit<Leaf, 'record'> & { readonly answer: Answer | undefined };

/** What a file says of each address: a country code, or an AS number. Never throws. */
export interface AddressFile<Answer> {
  readonly facts: FileFacts;
  /** @returns undefined where the file has no answer, or is damaged there */
  lookup(address: Address): Answer | undefined;
  /**
   * Every network that has data with its answer, if any; IPv4 first, each family in order.
   * @throws Fault where the file is damaged
   */
  networks(): Generator<Answered<Answer>>;
}

/** Answers with two capital letters: mostly an ISO 3166-1 code, see `isCountryCode`. */
export type CountryDatabase = AddressFile<string>;

/** Answers with the AS number of the network's operator. */
export type OperatorDatabase = AddressFile<number>;

/**
 * Opens a country database; both shapes are known: GeoLite2's and DB-IP's `country.iso_code`, and
 * the top-level `country_code` of other builds.
 * @throws Fault where the bytes are no mmdb file, are damaged, or hold no countries
 */
export function countryDatabase(bytes: Buffer, path: string): CountryDatabase {
  return addressFile(openMmdb(bytes, path), countryOf, 'countries');
}

/**
 * Opens a network operator database: `autonomous_system_number` (GeoLite2-ASN, DB-IP), or a
 * top-level `asn`.
 * @throws Fault where the bytes are no mmdb file, are damaged, or hold no AS numbers
 */
export function operatorDatabase(bytes: Buffer, path: string): OperatorDatabase {
  return addressFile(openMmdb(bytes, path), operatorOf, 'AS numbers');
}

/**
 * Where MaxMind believes the address to be. Not `registered_country`, the country in which the
 * network was registered: it says nothing of where a call comes from, and where MaxMind leaves
 * `country` out (proxies, anycast) it would make a known country out of an unknown one.
 */
function countryOf(data: unknown): string | undefined {
  if (!isRecord(data)) return undefined;
  const code = isRecord(data['country']) ? data['country']['iso_code'] : data['country_code'];
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined;
}

/** An AS number is an unsigned 32-bit value, and 0 is nobody's (RFC 7607). */
function operatorOf(data: unknown): number | undefined {
  if (!isRecord(data)) return undefined;
  const asn = data['autonomous_system_number'] ?? data['asn'];
  const sound = typeof asn === 'number' && Number.isInteger(asn) && asn > 0 && asn <= 0xffff_ffff;
  return sound ? asn : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How many networks of a file are tried when it is opened. */
const PROBES = 256;

/** Records whose answers are kept; country files have some hundreds, AS files some 80 000. */
const MOST_ANSWERS = 200_000;

function addressFile<Answer>(
  file: Mmdb,
  read: (data: unknown) => Answer | undefined,
  what: string,
): AddressFile<Answer> {
  const { tree, facts } = file;
  const answers = new Map<number, Answer | undefined>();

  /** Each record is decoded once. @throws where it is damaged */
  function answerOf(record: number, address: Address): Answer | undefined {
    const known = answers.get(record);
    if (known !== undefined || answers.has(record)) return known;
    const data = file.data(address);
    if (!isRecord(data)) throw new TypeError('a record is no map');
    const answer = read(data);
    if (answers.size >= MOST_ANSWERS) answers.clear();
    answers.set(record, answer);
    return answer;
  }

  const opened: AddressFile<Answer> = {
    facts,
    lookup(address) {
      const record = tree.find(address);
      if (record === 0) return undefined;
      try {
        return answerOf(record, address);
      } catch {
        return undefined;
      }
    },
    *networks() {
      try {
        for (const { first, bits, walked, record } of tree.leaves()) {
          yield { first, bits, walked, answer: answerOf(record, first) };
        }
      } catch {
        throw fault('country-file-damaged', facts.path);
      }
    },
  };
  let answered = false;
  try {
    for (const { record, first } of tree.sample(PROBES)) {
      answered = answerOf(record, first) !== undefined || answered;
    }
  } catch {
    throw fault('country-file-damaged', facts.path);
  }
  if (!answered) throw fault('country-file-kind', facts.path, what, facts.type);
  return opened;
}
