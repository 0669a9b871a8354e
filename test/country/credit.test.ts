import { expect, it } from 'vitest';
import { creditFor } from '../../src/country/credit.ts';
import { countryDatabase } from '../../src/country/database.ts';
import { SAMPLE_TYPE } from '../../src/country/sample-type.ts';
import { countryFile } from '../support/mmdb.ts';

const credit = (type: string) =>
  creditFor(countryDatabase(countryFile({ '192.0.2.0/24': 'SE' }, { type }), 'test').facts);

it.each(['DBIP-Country-Lite', 'DBIP-ASN-Lite (compat=GeoLite2-ASN)'])('%s: DB-IP', (type) => {
  expect(credit(type)).toEqual({ text: 'IP geolocation by DB-IP', link: 'https://db-ip.com' });
});

it('a file that names DB-IP in its description: DB-IP', () => {
  const file = countryFile({ '192.0.2.0/24': 'SE' }, { description: 'from db-ip.com data' });
  expect(creditFor(countryDatabase(file, 'test').facts)?.link).toBe('https://db-ip.com');
});

it.each(['GeoLite2-Country', 'GeoLite2-ASN'])('%s: MaxMind', (type) => {
  expect(credit(type)?.text).toContain('MaxMind');
  expect(credit(type)?.link).toBe('https://www.maxmind.com');
});

it.each([SAMPLE_TYPE, 'My-Country', ''])('%j: nobody', (type) => {
  expect(credit(type)).toBeUndefined();
});
