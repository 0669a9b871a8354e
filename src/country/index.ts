export { countryCodes, countryName, isCountryCode, suggestCountry } from './codes.ts';
export {
  type AddressFile,
  type CountryDatabase,
  countryDatabase,
  type OperatorDatabase,
  operatorDatabase,
} from './database.ts';
export type { FileFacts } from './mmdb.ts';
