import { describe, expect, it } from 'vitest';
import {
  countryCodes,
  countryName,
  isCountryCode,
  suggestCountry,
} from '../../src/country/codes.ts';

describe('country codes', () => {
  it('are the 249 of ISO 3166-1 and XK, each once, in order, each with a name', () => {
    const codes = countryCodes();
    expect(codes).toHaveLength(250);
    expect(codes).toEqual([...codes].sort());
    expect(codes.filter((code) => !/^[A-Z]{2}$/.test(code))).toEqual([]);
    expect(codes.filter((code) => countryName(code) === code)).toEqual([]);
    expect(new Set(codes.map(countryName)).size).toBe(250);
  });

  it.each(['US', 'GB', 'XK', 'ZW'])('%s is one', (code) => {
    expect(isCountryCode(code)).toBe(true);
  });

  it.each(['UK', 'EU', 'AP', 'ZZ', 'us', ' US', 'USA', '', 'constructor'])('%j is none', (text) => {
    expect(isCountryCode(text)).toBe(false);
  });

  it('have English names', () => {
    expect(countryName('GB')).toBe('United Kingdom');
    expect(countryName('US')).toBe('United States');
    expect(countryName('XK')).toBe('Kosovo');
  });

  it.each(['EU', 'ZZ', 'nonsense', ''])('a name of %j is asked for in vain', (text) => {
    expect(countryName(text)).toBe(text);
  });
});

describe('what was meant', () => {
  it.each([
    ['UK', 'GB'],
    ['uk', 'GB'],
    ['EN', 'GB'],
    ['gb', 'GB'],
    ['GBR', 'GB'],
    ['England', 'GB'],
    ['united  kingdom', 'GB'],
    ['Germany', 'DE'],
    ['DEU', 'DE'],
    ['USA', 'US'],
    [' us ', 'US'],
    ['United States of America', 'US'],
    ['holland', 'NL'],
    ['US', 'US'],
  ])('%j → %s', (text, code) => {
    expect(suggestCountry(text)).toBe(code);
  });

  it.each(['EU', 'ZZ', 'Atlantis', '', 'constructor', '__proto__', 'x'.repeat(10_000)])(
    'nothing for %.20j',
    (text) => {
      expect(suggestCountry(text)).toBeUndefined();
    },
  );

  it('only ever suggests codes', () => {
    const wrong = ['UK', 'CHE', 'AMERICA', 'Macao', 'vatican'].map(suggestCountry);
    expect(wrong.every((code) => code !== undefined && isCountryCode(code))).toBe(true);
  });
});
