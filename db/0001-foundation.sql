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

-- The outbox. An alert is a refused stranger that mail is owed for, written together with its call.
-- It waits until `due_at`, then becomes part of a mail. `facts` is JSON, so that the journal's
-- retention can't take away what a mail has to tell.
CREATE TABLE alert (
  id         INTEGER PRIMARY KEY,
  call_id    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  counted    TEXT    NOT NULL,
  facts      TEXT    NOT NULL,
  due_at     INTEGER NOT NULL,
  mail_id    INTEGER
) STRICT;
CREATE INDEX alert_waiting ON alert (due_at) WHERE mail_id IS NULL;
CREATE INDEX alert_mail ON alert (mail_id, counted) WHERE mail_id IS NOT NULL;

-- A mail is composed here before it is sent: after a kill the same one goes out again, under the
-- same Message-ID. `withheld` leaves caller text out, as the mail server refused it.
CREATE TABLE mail (
  id         INTEGER PRIMARY KEY,
  created_at INTEGER NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  due_at     INTEGER NOT NULL,
  withheld   INTEGER NOT NULL DEFAULT 0,
  sent_at    INTEGER
) STRICT;
CREATE INDEX mail_sent ON mail (sent_at);

-- Networks that were mailed about lately: repeats wait until then for one digest.
CREATE TABLE alert_window (
  counted    TEXT    PRIMARY KEY,
  until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_window_until ON alert_window (until);

-- Addresses shut out at the firewall by the guard.
CREATE TABLE block (
  counted    TEXT    PRIMARY KEY,
  reason     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;

-- Whatever changes the policy, by whatever hand, moves the revision: the server recompiles when it
-- sees another one.
INSERT INTO setting (name, value) VALUES ('revision', '1'), ('mode', 'enforce');

CREATE TRIGGER rule_insert AFTER INSERT ON rule BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER rule_update AFTER UPDATE ON rule BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER rule_delete AFTER DELETE ON rule BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER resolved_name_insert AFTER INSERT ON resolved_name BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER resolved_name_update AFTER UPDATE ON resolved_name BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER resolved_name_delete AFTER DELETE ON resolved_name BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER extension_insert AFTER INSERT ON extension BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER extension_update AFTER UPDATE ON extension BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER extension_delete AFTER DELETE ON extension BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER domain_insert AFTER INSERT ON domain BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER domain_update AFTER UPDATE ON domain BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER domain_delete AFTER DELETE ON domain BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER scanner_insert AFTER INSERT ON scanner BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER scanner_update AFTER UPDATE ON scanner BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER scanner_delete AFTER DELETE ON scanner BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER setting_insert AFTER INSERT ON setting WHEN new.name <> 'revision' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER setting_update AFTER UPDATE ON setting WHEN new.name <> 'revision' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER setting_delete AFTER DELETE ON setting WHEN old.name <> 'revision' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
INSERT INTO scanner (pattern, note, origin, created_at) VALUES
  ('friendly-scanner', 'SIPVicious, default', 'initial', 0),
  ('sipvicious', 'SIPVicious', 'initial', 0),
  ('sipcli', 'sipcli dialler', 'initial', 0),
  ('sipsak', 'sipsak', 'initial', 0),
  ('sundayddr', 'SIPVicious derivative', 'initial', 0),
  ('sip-scan', 'sip-scan', 'initial', 0),
  ('iwar', 'iWar war dialler', 'initial', 0),
  ('vaxsipuseragent', 'VaxVoIP kit, used by diallers', 'initial', 0),
  ('vaxipuseragent', 'VaxVoIP kit, older spelling', 'initial', 0),
  ('eyebeam', 'fraud diallers pose as it; remove if your callers use eyeBeam', 'initial', 0),
  ('pplsip', 'pplsip scanner', 'initial', 0),
  ('siparmyknife', 'SIP Army Knife fuzzer', 'initial', 0),
  ('smap', 'smap scanner', 'initial', 0);

-- The ranges that never come from the Internet: with these a new box does not lock its own network
-- out. `ipcountry reset permit` goes back to them.
CREATE VIEW initial_permit AS
  WITH initial (subject, note, first, last) AS (VALUES
    ('10.0.0.0/8', 'private',
     x'00000000000000000000ffff0a000000', x'00000000000000000000ffff0affffff'),
    ('172.16.0.0/12', 'private',
     x'00000000000000000000ffffac100000', x'00000000000000000000ffffac1fffff'),
    ('192.168.0.0/16', 'private',
     x'00000000000000000000ffffc0a80000', x'00000000000000000000ffffc0a8ffff'),
    ('127.0.0.0/8', 'loopback',
     x'00000000000000000000ffff7f000000', x'00000000000000000000ffff7fffffff'),
    ('169.254.0.0/16', 'link-local',
     x'00000000000000000000ffffa9fe0000', x'00000000000000000000ffffa9feffff'),
    ('::1', 'loopback',
     x'00000000000000000000000000000001', x'00000000000000000000000000000001'),
    ('fe80::/10', 'link-local',
     x'fe800000000000000000000000000000', x'febfffffffffffffffffffffffffffff'),
    ('fc00::/7', 'unique-local',
     x'fc000000000000000000000000000000', x'fdffffffffffffffffffffffffffffff'))
  SELECT 'permit' AS list, 'range' AS kind, subject, first, last, note, 'initial' AS origin
  FROM initial;
INSERT INTO rule (list, kind, subject, first, last, note, origin, created_at)
  SELECT list, kind, subject, first, last, note, origin, 0 FROM initial_permit;
