/**
 * The country codes that rules may name: ISO 3166-1 alpha-2, all 249 of them, and XK (Kosovo), a
 * user-assigned code that MaxMind and DB-IP both use.
 */
const CODES: ReadonlySet<string> = new Set(
  `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
   BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
   EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
   HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
   LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
   NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
   SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
   TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW`.split(/\s+/),
);

/**
 * What people write for a country and isn't its code: codes that ISO reserves (UK), language codes
 * and alpha-3 codes (ISO 3166-1) of the larger countries, everyday names.
 */
const MISTAKES: Readonly<Record<string, string>> = {
  ...pairs(
    `UK GB, EN GB, ENG GB, EL GR, JA JP, KO KR, ZH CN, DA DK, CS CZ, UKR UA, USSR RU, SU RU`,
  ),
  ...pairs(`ARE AE, ARG AR, AUS AU, AUT AT, BEL BE, BGR BG, BRA BR, CAN CA, CHE CH, CHL CL, CHN CN,
    COL CO, CZE CZ, DEU DE, DNK DK, EGY EG, ESP ES, EST EE, FIN FI, FRA FR, GBR GB, GRC GR, HKG HK,
    HRV HR, HUN HU, IDN ID, IND IN, IRL IE, IRN IR, IRQ IQ, ISL IS, ISR IL, ITA IT, JPN JP, KAZ KZ,
    KOR KR, LTU LT, LUX LU, LVA LV, MAR MA, MEX MX, MLT MT, MYS MY, NGA NG, NLD NL, NOR NO, NZL NZ,
    PAK PK, PER PE, PHL PH, POL PL, PRK KP, PRT PT, PSE PS, ROU RO, RUS RU, SAU SA, SGP SG, SRB RS,
    SVK SK, SVN SI, SWE SE, THA TH, TUN TN, TUR TR, TWN TW, USA US, VNM VN, ZAF ZA`),
  ...pairs(`AMERICA US, UNITED STATES OF AMERICA US, GREAT BRITAIN GB, BRITAIN GB, ENGLAND GB,
    SCOTLAND GB, WALES GB, NORTHERN IRELAND GB, HOLLAND NL, THE NETHERLANDS NL, TURKEY TR,
    CZECH REPUBLIC CZ, IVORY COAST CI, KOREA KR, MACEDONIA MK, BURMA MM, PALESTINE PS, HONG KONG HK,
    MACAO MO, MACAU MO, CAPE VERDE CV, SWAZILAND SZ, VATICAN VA, CONGO CG`),
};

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const words = pair.trim().split(/\s+/);
      return [words.slice(0, -1).join(' '), words.at(-1)!];
    }),
  );
}

/** Made when it is first asked: that takes 10 ms. */
let names: Intl.DisplayNames | undefined;

/** English names in capitals → codes, made when first asked: a file to import may ask a thousand times. */
let codesByName: ReadonlyMap<string, string> | undefined;

/** All codes, in alphabetical order. */
export function countryCodes(): string[] {
  return [...CODES];
}

/**
 * Whether a rule may name it: two capital letters on the list. A country database can answer
 * others, too (EU, AP, ZZ): those are no country and match no rule.
 */
export function isCountryCode(text: string): boolean {
  return CODES.has(text);
}

/** The English name, `GB` → `United Kingdom`; a code that is not on the list stays as it is. */
export function countryName(code: string): string {
  if (!CODES.has(code)) return code;
  names ??= new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });
  return names.of(code) ?? code;
}

/**
 * The code that was probably meant: `UK`, `gb`, `GBR`, `England`, `united kingdom` → `GB`.
 * @returns undefined where nothing comes to mind; the text is a code already: that code
 */
export function suggestCountry(text: string): string | undefined {
  const wanted = text.trim().replace(/\s+/g, ' ').toUpperCase();
  if (CODES.has(wanted)) return wanted;
  if (Object.hasOwn(MISTAKES, wanted)) return MISTAKES[wanted];
  codesByName ??= new Map(countryCodes().map((code) => [countryName(code).toUpperCase(), code]));
  return codesByName.get(wanted);
}
