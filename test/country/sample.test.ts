import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../src/address/index.ts';
import { isCountryCode } from '../../src/country/codes.ts';
import { countryDatabase } from '../../src/country/database.ts';
import { writeSample } from '../../src/country/sample.ts';
import { SAMPLE_TYPE } from '../../src/country/sample-type.ts';

const FILE = new URL('../../data-sample/country-sample.mmdb', import.meta.url);

describe('the sample database', () => {
  it('is what scripts/make-sample writes, byte by byte', () => {
    expect(readFileSync(FILE).equals(writeSample())).toBe(true);
  });

  it('says that it is only a sample', () => {
    expect(countryDatabase(readFileSync(FILE), 'sample').facts.type).toBe(SAMPLE_TYPE);
  });

  it.each([
    ['8.8.8.8', 'US'],
    ['131.111.8.42', 'GB'],
    ['193.0.6.139', 'NL'],
    ['2001:630::1', 'GB'],
    ['2001:4860:4860::8888', 'US'],
    ['192.0.2.1', undefined],
    ['10.0.0.1', undefined],
    ['2001:db8::1', undefined],
  ])('%s → %s', (text, code) => {
    expect(countryDatabase(readFileSync(FILE), 'sample').lookup(parseAddress(text)!)).toBe(code);
  });

  it('has only networks of countries, IPv4 and IPv6, none twice', () => {
    const networks = [...countryDatabase(readFileSync(FILE), 'sample').networks()];
    expect(networks.every(({ answer }) => isCountryCode(answer ?? ''))).toBe(true);
    const texts = networks.map(({ first, bits }) => `${formatAddress(first)}/${bits}`);
    expect(new Set(texts).size).toBe(texts.length);
    expect(networks.some(({ first }) => first.family === 6)).toBe(true);
    expect(networks.length).toBeGreaterThan(30);
  });
});
