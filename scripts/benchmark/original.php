#!/usr/bin/php -q
<?php
// The original's way with a call (IP Country, 2009), in words of our own: Asterisk starts this
// script anew for each call; it looks the address up in the tables `permit` and `deny` of integer
// ranges, and sets STRANGER. The measurement's reference alone: it trusts whoever starts it.
//
// ORIGINAL_SOCKET, ORIGINAL_PASSWORD   MariaDB's socket, and its user ipcountry's password
// ORIGINAL_QUERY                       between: as one writes it for a table of ranges;
//                                      nearest: one row of the index, where no ranges overlap

while (($line = fgets(STDIN)) !== false && trim($line) !== '') {
    [$name, $value] = explode(': ', rtrim($line, "\n"), 2) + ['', ''];
    $environment[$name] = $value;
}
$source = rawurldecode($environment['agi_arg_1'] ?? '');
$address = preg_match('/^source=([\d.]+)/', $source, $found) ? ip2long($found[1]) : false;

$database = new mysqli(
    'localhost',
    'ipcountry',
    getenv('ORIGINAL_PASSWORD'),
    'ipcountry',
    null,
    getenv('ORIGINAL_SOCKET'),
);

/** Whether a range of the table has the address. */
function is_in(string $table, int $address): bool
{
    global $database;
    $query = getenv('ORIGINAL_QUERY') === 'nearest'
        ? "SELECT last >= $address FROM `$table` WHERE first <= $address ORDER BY first DESC LIMIT 1"
        : "SELECT 1 FROM `$table` WHERE $address BETWEEN first AND last LIMIT 1";
    return (bool) ($database->query($query)->fetch_row()[0] ?? false);
}

$permitted = $address !== false && is_in('permit', $address);
$denied = $address !== false && is_in('deny', $address);
echo 'SET VARIABLE STRANGER ' . ($permitted && !$denied ? 'false' : 'true') . "\n";
fgets(STDIN);
