// A journal of any length, as months of calls leave it: written by SQLite itself in one statement.
// Types: journal-rows.d.mts.

/** Days that the calls are spread over, the last one now. */
export const DAYS = 80;

/**
 * Of ten calls seven are refused, one of a thousand was not acted on, one of a million is
 * `denied`; each address calls ten times or so. Texts are as long as Asterisk 22's.
 * @param now milliseconds since 1970, UTC
 */
export function fillJournal(database, rows, now) {
  const step = (DAYS * 86_400_000) / rows;
  database
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @rows),
         -- A product with a large prime scatters the numbers over the networks, always the same way.
         c AS (SELECT i, (i * 2654435761) % (@rows / 10 + 1) AS network, i % 10 < 7 AS refused FROM n),
         s AS (SELECT *, printf('%d.%d.%d.%d', 11 + network / 16777216 % 200, network / 65536 % 256,
                                network / 256 % 256, network % 256) AS address FROM c)
       INSERT INTO call (at, entry, technology, channel, uniqueid, source, counted, country, operator,
         sipuri, domain, extension, number, name, agent, outcome, reason, rule_list, rule, route,
         enforced, micros)
       SELECT CAST(@now - (@rows - i) * @step AS INTEGER), 'external', 'PJSIP',
         printf('PJSIP/anonymous-%08x', i), printf('1795223817.%d', i), address, address,
         CASE refused WHEN 1 THEN 'RU' ELSE 'US' END, NULL, '"Bob" <sip:bob@example.com>;tag=1',
         'sip.example.com', 'weather', printf('%d', network), 'Bob', 'Linphone/5.0',
         CASE refused WHEN 1 THEN 'stranger' ELSE 'allow' END,
         CASE WHEN i % 1000000 = 1 THEN 'denied' WHEN refused THEN 'not-permitted' ELSE 'permitted' END,
         CASE refused WHEN 1 THEN '' ELSE 'permit' END, CASE refused WHEN 1 THEN '' ELSE 'US' END,
         CASE refused WHEN 1 THEN '' ELSE 'goto,from-internal,947,1' END, i % 1000 <> 0, 120
       FROM s`,
    )
    .run({ rows, now, step });
}
