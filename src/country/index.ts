export { countryCodes, countryName, isCountryCode, suggestCountry } from './codes.ts';
export {
  type CountryData,
  type CountryPaths,
  countryPaths,
  openCountryData,
} from './country-data.ts';
export { type Credit, creditFor } from './credit.ts';
export {
  type AddressFile,
  type CountryDatabase,
  countryDatabase,
  type OperatorDatabase,
  operatorDatabase,
} from './database.ts';
export type { FileFacts } from './mmdb.ts';
export {
  type CountryNetwork,
  countNetworks,
  type ListOptions,
  listNetworks,
  type NetworkCount,
} from './networks.ts';
export type { Network } from './search-tree.ts';
// Not update/: it brings an HTTP client with it, 8 MB that only an update is to load.
