import type { FileFacts } from './mmdb.ts';

/** Whom the data is owed to, in the words its licence asks for. */
export interface Credit {
  readonly text: string;
  readonly link: string;
}

/**
 * The credit that must be shown with a file's data: DB-IP Lite is CC BY 4.0, GeoLite comes with
 * MaxMind's own attribution.
 * @returns undefined where the file is by neither
 */
export function creditFor(facts: FileFacts): Credit | undefined {
  if (/^DBIP/i.test(facts.type) || /\bdb-ip\b/i.test(facts.description)) {
    return { text: 'IP geolocation by DB-IP', link: 'https://db-ip.com' };
  }
  if (/^GeoLite/i.test(facts.type)) {
    return {
      text: 'This product includes GeoLite Data created by MaxMind, available from https://www.maxmind.com',
      link: 'https://www.maxmind.com',
    };
  }
  return undefined;
}
