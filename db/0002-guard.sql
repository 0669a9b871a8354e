-- Sources that are shut out at the firewall now: by the guard, by fail2ban, by hand. Of a row,
-- `evidence` and `endpoint` can hold a stranger's own text. No `expires_at`: until it is lifted.
-- What 0001 made under this name was never written to.
DROP TABLE block;
CREATE TABLE block (
  counted    TEXT    PRIMARY KEY, -- an IPv4 address or an IPv6 /64
  source     TEXT    NOT NULL,    -- the address of it that was seen
  reason     TEXT    NOT NULL,
  evidence   TEXT    NOT NULL,
  endpoint   TEXT    NOT NULL,
  country    TEXT    NOT NULL,
  origin     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT, WITHOUT ROWID;

-- The journal of blocks. `noticed`: what would have been blocked in enforce mode. `source` is the
-- full address, `seconds` how long the block was made for (null: until it is lifted).
CREATE TABLE block_event (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  event    TEXT    NOT NULL CHECK (event IN ('blocked', 'noticed', 'lifted')),
  counted  TEXT    NOT NULL,
  source   TEXT    NOT NULL,
  reason   TEXT    NOT NULL,
  evidence TEXT    NOT NULL,
  endpoint TEXT    NOT NULL,
  country  TEXT    NOT NULL,
  origin   TEXT    NOT NULL,
  seconds  INTEGER
) STRICT;
CREATE INDEX block_event_at ON block_event (at);
CREATE INDEX block_event_counted ON block_event (counted, at);

-- Mail is owed for blocks, too: `call_id` is then the id of the block_event.
ALTER TABLE alert ADD COLUMN kind TEXT NOT NULL DEFAULT 'call' CHECK (kind IN ('call', 'block'));

-- The guard looks at this number to see whether blocks were made or lifted by others. It is no part
-- of the policy, and neither is what the firewall keeps here (firewall_…): a block or an apply must
-- not have the call server compile its rules anew.
INSERT INTO setting (name, value) VALUES ('blocks', '1');
DROP TRIGGER setting_insert;
DROP TRIGGER setting_update;
DROP TRIGGER setting_delete;
CREATE TRIGGER setting_insert AFTER INSERT ON setting
WHEN new.name NOT IN ('revision', 'blocks') AND new.name NOT LIKE 'firewall%' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER setting_update AFTER UPDATE ON setting
WHEN new.name NOT IN ('revision', 'blocks') AND new.name NOT LIKE 'firewall%' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER setting_delete AFTER DELETE ON setting
WHEN old.name NOT IN ('revision', 'blocks') AND old.name NOT LIKE 'firewall%' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER block_insert AFTER INSERT ON block BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'blocks';
END;
CREATE TRIGGER block_update AFTER UPDATE ON block BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'blocks';
END;
CREATE TRIGGER block_delete AFTER DELETE ON block BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'blocks';
END;
