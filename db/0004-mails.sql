-- What a mail tells is counted network by network, in this order, from the index alone, and what
-- waits likewise: of a flood from a million networks, a look at the rows themselves would have calls
-- wait for half a minute. (SQLite looks for `mail_id` in the row where the index does not hold it.)
DROP INDEX alert_mail;
CREATE INDEX alert_mail ON alert (mail_id, kind, counted) WHERE mail_id IS NOT NULL;
DROP INDEX alert_waiting;
CREATE INDEX alert_waiting ON alert (due_at, mail_id) WHERE mail_id IS NULL;
