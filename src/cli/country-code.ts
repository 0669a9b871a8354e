import { isCountryCode, suggestCountry } from '../country/index.ts';
import { fault } from '../errors.ts';

/** Reads a country code, letters in any case. @throws Fault that says what was probably meant */
export function checkedCountry(text: string): string {
  const code = text.trim().toUpperCase();
  if (!isCountryCode(code)) throw fault('country-code', text, suggestCountry(text));
  return code;
}
