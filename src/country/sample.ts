import { parseRange, prefixOf } from '../address/index.ts';
import { writeMmdb } from './mmdb-writer.ts';
import { SAMPLE_TYPE } from './sample-type.ts';

/**
 * A few old and well-known networks and the country in which their registry (ARIN, RIPE NCC, APNIC,
 * LACNIC, AFRINIC) lists them: registries themselves, universities, research networks, the oldest
 * companies. Enough to try ipcountry out, far too little to screen calls with.
 */
const SAMPLE: Readonly<Record<string, string>> = {
  AU: '1.1.1.0/24 202.12.28.0/23 2001:dc0::/32', // APNIC
  BE: '134.184.0.0/16 2001:6a8::/32', // Brussels, Belnet
  BR: '200.160.0.0/20 2001:12ff::/32', // NIC.br
  CA: '128.100.0.0/16 132.246.0.0/16 2001:410::/32', // Toronto, research council, CANARIE
  CH: '130.59.0.0/16 2001:620::/32', // SWITCH
  CN: '166.111.0.0/16 2001:250::/32', // Tsinghua, CERNET
  CZ: '147.229.0.0/16 2001:718::/32', // Brno, CESNET
  DE: '134.76.0.0/16 194.25.0.0/16 2001:638::/32', // Göttingen, Deutsche Telekom, DFN
  DK: '130.225.0.0/16 130.226.0.0/16', // Danish research network
  ES: '130.206.0.0/16 2001:720::/32', // RedIRIS
  FI: '128.214.0.0/16 2001:708::/32', // Helsinki, Funet
  FR: '128.93.0.0/16 138.96.0.0/16 2001:660::/32', // INRIA, RENATER
  GB: '128.232.0.0/16 129.67.0.0/16 131.111.0.0/16 2001:630::/32', // Cambridge, Oxford, JANET
  IT: '130.192.0.0/16 2001:760::/32', // Turin, GARR
  JP: '133.0.0.0/8 2001:200::/32', // JPNIC, WIDE
  KR: '147.46.0.0/16', // Seoul
  MU: '196.216.2.0/23 2001:42d0::/32', // AFRINIC
  NL: '130.37.0.0/16 193.0.0.0/21 2001:610::/32 2001:67c:2e8::/48', // Amsterdam, RIPE NCC, SURF
  NO: '129.240.0.0/16 2001:700::/32', // Oslo, Uninett
  NZ: '130.195.0.0/16', // Wellington
  SE: '130.235.0.0/16 2001:6b0::/32', // Lund, SUNET
  TW: '140.112.0.0/16 2001:288::/32', // Taipei, TANet
  US: '8.8.4.0/24 8.8.8.0/24 9.0.0.0/8 12.0.0.0/8 17.0.0.0/8 2001:4860::/32', // Google, IBM, AT&T, Apple
  UY: '200.3.12.0/22', // LACNIC
  ZA: '146.141.0.0/16', // Johannesburg
};

/** The file `data-sample/country-sample.mmdb`; the same bytes each time. */
export function writeSample(): Buffer {
  const networks = Object.entries(SAMPLE).flatMap(([code, list]) =>
    list.split(' ').map((text) => {
      const range = parseRange(text)!;
      return { first: range.first, bits: prefixOf(range)!, data: { country: { iso_code: code } } };
    }),
  );
  return writeMmdb(networks, {
    type: SAMPLE_TYPE,
    description: 'A few well-known networks to try ipcountry out; not for screening real calls',
    builtAt: new Date('2026-01-01T00:00:00Z'),
  });
}
