-- Of the settings, `mode` alone is part of the policy. What else is kept there (the firewall's
-- choice, the last audit, the last backup) must not have the call server compile its rules anew.
DROP TRIGGER setting_insert;
DROP TRIGGER setting_update;
DROP TRIGGER setting_delete;
CREATE TRIGGER setting_insert AFTER INSERT ON setting WHEN new.name = 'mode' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER setting_update AFTER UPDATE ON setting
WHEN new.name = 'mode' OR old.name = 'mode' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
CREATE TRIGGER setting_delete AFTER DELETE ON setting WHEN old.name = 'mode' BEGIN
  UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'revision';
END;
