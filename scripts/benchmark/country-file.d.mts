/** @param large code of a country that has 100 000 of the 500 000 networks */
export function writeFullCountryFile(path: string, large?: string): void;

/** An address in the i-th public network of the large country, up to 1 000. */
export function addressOfLarge(i: number, family: 4 | 6): string;

/** An address in the i-th public network of another country, up to 1 000. */
export function addressOfOthers(i: number, family: 4 | 6): string;
