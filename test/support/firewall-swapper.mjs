// At the PBX: changes the firewall as the guard does, again and again.
//   node firewall-swapper.mjs PROGRAM-FOLDER SWAPS LOADS
import { pathToFileURL } from 'node:url';

const [folder, swaps, loads] = process.argv.slice(2);
const { loadConfig } = await from('config');
const { countryPaths, openCountryData } = await from('country/index');
const { openDatabase } = await from('database/index');
const { openFirewall } = await from('firewall/index');
const { createLog } = await from('log');
const { addRule, parseSubject, removeRule } = await from('policy/index');

const config = loadConfig();
const database = openDatabase(config.databasePath);
const log = createLog('silent');
const country = openCountryData(countryPaths(config), log);
const firewall = openFirewall({ database, country, config, log });
const subject = parseSubject('21.0.0.0/8');
let swapped = 0;
await firewall.syncSets();
for (let i = 0; i < swaps; i++) {
  if (i % 2 === 0) addRule(database, { list: 'permit', subject, origin: 'test' }, Date.now());
  else removeRule(database, 'permit', subject);
  swapped += (await firewall.syncSets()).length;
  await firewall.syncBlocks();
}
for (let i = 0; i < loads; i++) await firewall.load();

// A block that comes while a long list is swapped waits for nobody.
let overtaken = 0;
for (let i = 0; i < swaps; i++) {
  if (i % 2 === 0) addRule(database, { list: 'permit', subject, origin: 'test' }, Date.now());
  else removeRule(database, 'permit', subject);
  let swapping = true;
  const swap = firewall.syncSets().finally(() => {
    swapping = false;
  });
  while (swapping) {
    await firewall.syncBlocks();
    if (swapping) overtaken++;
  }
  await swap;
}
console.log(swapped, overtaken > swaps);

function from(name) {
  return import(pathToFileURL(`${folder}/dist/${name}.js`).href);
}
