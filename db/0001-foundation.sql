-- Rules: who is trusted, denied and permitted. `first` and `last` are 16 bytes in network order,
-- IPv4 as IPv4-mapped IPv6, and stand only for kind 'range'. Times are milliseconds since 1970, UTC.
CREATE TABLE rule (
  id         INTEGER PRIMARY KEY,
  list       TEXT    NOT NULL CHECK (list IN ('trust', 'deny', 'permit')),
  kind       TEXT    NOT NULL CHECK (kind IN ('range', 'country', 'name', 'operator')),
  subject    TEXT    NOT NULL,
  first      BLOB    CHECK (first IS NULL OR length(first) = 16),
  last       BLOB    CHECK (last IS NULL OR length(last) = 16),
  note       TEXT    NOT NULL DEFAULT '',
  origin     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  UNIQUE (list, subject),
  CHECK ((kind = 'range') = (first IS NOT NULL AND last IS NOT NULL)),
  CHECK (first IS NULL OR first <= last)
) STRICT;

CREATE VIEW trust AS
  SELECT id, kind, subject, note, origin,
         datetime(created_at / 1000, 'unixepoch') AS created,
         datetime(expires_at / 1000, 'unixepoch') AS expires
  FROM rule WHERE list = 'trust';
CREATE VIEW deny AS
  SELECT id, kind, subject, note, origin,
         datetime(created_at / 1000, 'unixepoch') AS created,
         datetime(expires_at / 1000, 'unixepoch') AS expires
  FROM rule WHERE list = 'deny';
CREATE VIEW permit AS
  SELECT id, kind, subject, note, origin,
         datetime(created_at / 1000, 'unixepoch') AS created,
         datetime(expires_at / 1000, 'unixepoch') AS expires
  FROM rule WHERE list = 'permit';

-- The last good answer for each host name in a rule. It stands until a newer one replaces it.
CREATE TABLE resolved_name (
  name        TEXT    NOT NULL,
  address     BLOB    NOT NULL CHECK (length(address) = 16),
  resolved_at INTEGER NOT NULL,
  PRIMARY KEY (name, address)
) STRICT, WITHOUT ROWID;

-- What anonymous callers may dial. `name` is lower case; `route` is 'goto,context,exten,priority'
-- or 'dial,TECH/…'.
CREATE TABLE extension (
  name       TEXT    PRIMARY KEY,
  route      TEXT    NOT NULL,
  note       TEXT    NOT NULL DEFAULT '',
  origin     TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE domain (
  name       TEXT    PRIMARY KEY,
  note       TEXT    NOT NULL DEFAULT '',
  origin     TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- User-Agent texts of known scanners, lower case: a call whose User-Agent contains one is refused.
CREATE TABLE scanner (
  pattern    TEXT    PRIMARY KEY,
  note       TEXT    NOT NULL DEFAULT '',
  origin     TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal: one row a call screened. `outcome` and `reason` are the verdict, whatever the mode;
-- `enforced` tells whether the reply acted on it. Caller text is kept as it came, cut to length.
CREATE TABLE call (
  id         INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  entry      TEXT    NOT NULL,
  technology TEXT    NOT NULL,
  channel    TEXT    NOT NULL,
  uniqueid   TEXT    NOT NULL,
  source     TEXT    NOT NULL,
  counted    TEXT    NOT NULL,
  country    TEXT    NOT NULL,
  operator   INTEGER,
  sipuri     TEXT    NOT NULL,
  domain     TEXT    NOT NULL,
  extension  TEXT    NOT NULL,
  number     TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  agent      TEXT    NOT NULL,
  outcome    TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  rule_list  TEXT    NOT NULL,
  rule       TEXT    NOT NULL,
  route      TEXT    NOT NULL,
  enforced   INTEGER NOT NULL,
  micros     INTEGER NOT NULL
) STRICT;
CREATE INDEX call_at ON call (at);
CREATE INDEX call_stranger ON call (at) WHERE outcome = 'stranger';

-- The outbox. One row a refused stranger that mail is owed for; `sent_at` closes it.
CREATE TABLE alert (
  id         INTEGER PRIMARY KEY,
  call_id    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  counted    TEXT    NOT NULL,
  facts      TEXT    NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  due_at     INTEGER NOT NULL,
  sent_at    INTEGER
) STRICT;
CREATE INDEX alert_waiting ON alert (due_at) WHERE sent_at IS NULL;
CREATE INDEX alert_counted ON alert (counted, created_at);

-- Addresses shut out at the firewall by the guard.
CREATE TABLE block (
  counted    TEXT    PRIMARY KEY,
  reason     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;
