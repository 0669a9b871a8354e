/** A section that the help does not have: paragraphs, and terms with what they are. */
export interface Section {
  readonly title: string;
  readonly text: readonly string[];
  readonly terms: readonly (readonly [term: string, text: string])[];
}

export const DESCRIPTION = [
  `ipcountry decides, for every call that reaches an Asterisk PBX from outside, whether the caller
   may come in. Asterisk asks over FastAGI; ipcountry looks at where the call's packets really come
   from, whom it asks for and under which name, and answers with channel variables that the dialplan
   acts on. A guard follows who registers from where, and shuts strangers out at the firewall.`,
  `Rules are in three lists. A caller in trust always comes in; one in deny never does, whatever
   permit says; all others come in where they are in permit. A rule names a country (US), an
   address, a network (203.0.113.0/24, 2001:db8::/32), a range (first-last), a network operator
   (AS64500) or a host name. Callers who may not come in are strangers.`,
] as const;

export const SECTIONS: readonly Section[] = [
  {
    title: 'EXIT STATUS',
    text: [],
    terms: [
      ['0', 'Done, or all that was asked about is well.'],
      [
        '1',
        'Something was found: an address that would be refused, a stranger, something to mend.',
      ],
      ['2', 'A mistake on the command line, or a failure; one line on standard error tells which.'],
    ],
  },
  {
    title: 'ENVIRONMENT',
    text: [],
    terms: [
      ['IPCOUNTRY_CONFIG', 'The configuration file, where --config does not name one.'],
      [
        'IPCOUNTRY_<SECTION>_<KEY>',
        `A key of the configuration, above what the file says: IPCOUNTRY_DATABASE_PATH,
         IPCOUNTRY_AGI_PORT, IPCOUNTRY_MAIL_TO and so on. Entries of lists are separated by commas.`,
      ],
      ['IPCOUNTRY_MYSQL_PASSWORD', 'The password for import --ipcountry-mysql.'],
      [
        'HTTPS_PROXY, HTTP_PROXY, NO_PROXY',
        'The proxy for downloads of country data, where country.proxy names none.',
      ],
      ['NO_COLOR', 'Where it is set, nothing is coloured.'],
      [
        'SSH_CONNECTION',
        'Where it is set, a change that would shut out the address it names is refused.',
      ],
    ],
  },
  {
    title: 'FILES',
    text: [],
    terms: [
      [
        '/etc/ipcountry/ipcountry.toml',
        'The configuration. All runs without it; each key has a default.',
      ],
      [
        '/var/lib/ipcountry',
        `The database and the country database, where the folder is there and may be written to; else
         data in the working folder.`,
      ],
      [
        '/etc/asterisk/extensions_override_freepbx.conf, /etc/asterisk/ipcountry.conf',
        'Where the dialplan goes, on FreePBX and on plain Asterisk.',
      ],
    ],
  },
  {
    title: 'SEE ALSO',
    text: ['asterisk(8), nft(8), fail2ban-client(1)'],
    terms: [],
  },
];
