"""Slot values. Each function returns a phrase in which [brackets] mark the words that an answer must contain."""

from __future__ import annotations

import random

from .lexicon import Words

COLOURS = """red blue green yellow orange purple pink brown black white grey beige turquoise silver golden navy maroon
violet cream cyan magenta olive teal""".split()
ROOMS = """kitchen|bedroom|living room|bathroom|hall|attic|basement|garage|cellar|office|garden|shed|balcony|porch|pantry|
laundry room|guest room|study|dining room|hallway|yard|greenhouse|workshop|nursery|conservatory""".replace("\n", "").split("|")
FURNITURE = """sofa|couch|bed|armchair|table|desk|shelf|cupboard|wardrobe|drawer|bench|stove|fridge|window|radiator|stairs|door|
bookcase|carpet|rug|basket|box|chest|cabinet|piano|TV|washing machine|sink|mirror|blanket|pillow|cushion|kennel|crate|hook|
dresser|bin|fireplace|lamp|chair|windowsill|nightstand|mat|suitcase|top shelf|bottom drawer|coat rack|wall""".replace("\n", "").split("|")
ADJS = """old new small big little blue red green wooden soft broken yellow white black grey brown favourite round tiny long
striped heavy plastic leather woollen orange pink purple spare rusty warm velvet""".split()
TOYS = """ball|rope|bone|mouse|bear|frisbee|sock|duck|rabbit|stick|slipper|doll|tunnel|feather|puzzle|train|kite|robot|drone|
tennis ball|squeaky toy|chew toy|teddy|blanket|plush elephant|camera|scarf|book|watch|bag|headphones|jigsaw|skateboard""".replace("\n", "").split("|")
OBJECTS = """drill|ladder|book|umbrella|camera|charger|tent|jacket|scarf|watch|ring|necklace|hat|glove|shoe|slipper|phone|
laptop|suitcase|pan|pot|vase|lamp|clock|rug|cushion|remote|wallet|key|sunglasses|bike pump|sleeping bag|hammer|screwdriver|
couch cushion|birthday cake|sandwich|homework|newspaper|tulips|curtains|sock|steak|passport|sewing machine|board game|guitar""".replace("\n", "").split("|")
FEARS = """vacuum cleaner|thunder|fireworks|the dark|spiders|dogs|cats|heights|water|the dentist|loud noises|balloons|clowns|
the hair dryer|the lawn mower|strangers|snakes|flying|umbrellas|motorbikes|the doorbell|lightning|bees|wasps|needles|trucks|
the bath|horses|mice|elevators|ghosts|the postman|storms|deep water|plastic bags|brooms|the washing machine|big dogs|
crowds|public speaking|the blender|geese|children|men with hats|bridges|car rides""".replace("\n", "").split("|")
FOODS = """chicken|beef|peanuts|milk|eggs|cheese|fish|wheat|soy|nuts|shellfish|strawberries|chocolate|bananas|carrots|rice|
apples|salmon|tuna|bread|pizza|pasta|lasagne|pancakes|ice cream|sushi|sausages|bacon|grapes|onions|garlic|tomatoes|honey|
yoghurt|corn|potatoes|lamb|pork|turkey|mushrooms|cucumber|watermelon|dried liver|peanut butter|apple pie|tomato soup|
noodles|curry|dumplings|popcorn|cookies|gluten|kiwi|shrimp|oysters|celery|mustard|almonds|walnuts|hay|lettuce""".replace("\n", "").split("|")
DRINKS = """black coffee|green tea|apple juice|oat milk|cola|hot chocolate|peppermint tea|red wine|beer|lemonade|espresso|
sparkling water|orange juice|ginger tea|cappuccino|tomato juice|white wine|chai|iced tea|milk|two sugars|gin and tonic|
camomile tea|a flat white|soy milk|whisky|kombucha|tap water""".replace("\n", "").split("|")
JOBS = """nurse|teacher|baker|carpenter|engineer|lawyer|doctor|plumber|pilot|architect|chef|waiter|journalist|librarian|
electrician|farmer|gardener|musician|photographer|programmer|dentist|firefighter|police officer|hairdresser|translator|
accountant|bus driver|painter|pharmacist|scientist|vet|florist|tailor|barber|butcher|actor|judge|mechanic|social worker|
graphic designer|physiotherapist|tour guide|postman|midwife|surgeon|beekeeper|potter|welder|sailor""".replace("\n", "").split("|")
ACTIVITIES = """swimming|painting|hiking|knitting|fishing|cycling|reading|dancing|climbing|gardening|cooking|running|singing|
chess|photography|sailing|skiing|surfing|pottery|baking|yoga|playing cards|birdwatching|drawing|camping|bouldering|kayaking|
juggling|sewing|horse riding|playing video games|stargazing|woodworking|rowing|skating|collecting stamps|writing poems|
repairing old radios|making jam|going to the cinema|digging holes|going to the opera|solving crosswords""".replace("\n", "").split("|")
SPORTS = """football|tennis|basketball|volleyball|hockey|rugby|badminton|golf|handball|table tennis|judo|karate|cricket|
water polo|baseball|squash|fencing|boxing|chess|darts""".replace("\n", "").split("|")
INSTRUMENTS = """piano guitar violin cello flute trumpet drums saxophone clarinet harp ukulele banjo accordion trombone
oboe bass organ harmonica mandolin viola recorder tuba""".split()
LANGUAGES = """Spanish French German Italian Portuguese Dutch Polish Turkish Arabic Japanese Chinese Korean Russian Greek
Swedish Finnish Danish Hindi Czech Hungarian Welsh Norwegian Catalan Swahili Latin Ukrainian Romanian""".split()
CITIES = """Lisbon Paris London Berlin Rome Madrid Vienna Prague Oslo Ghent Porto Dublin Athens Tokyo Brussels Hamburg
Lyon Milan Florence Naples Seville Krakow Warsaw Utrecht Antwerp Zurich Geneva Basel Munich Dresden Leipzig Boston
Chicago Toronto Sydney Delhi Istanbul Cairo Bristol Leeds Bath York Edinburgh Cork Nice Bruges Turin Graz Helsinki""".split()
COUNTRIES = """Italy Spain Portugal France Norway Japan Greece Iceland Peru Canada Mexico Brazil Kenya Morocco Croatia
Ireland Scotland Sweden Vietnam Thailand India Chile Austria Denmark Turkey Egypt Cuba""".split()
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SEASONS = "spring summer autumn winter".split()
KIN = """sister|brother|mother|father|aunt|uncle|cousin|grandmother|grandfather|grandma|grandpa|neighbour|boss|best friend|
teacher|colleague|roommate|son|daughter|nephew|niece|friend|dad|mum|mom|wife|husband|girlfriend|boyfriend|godmother|
stepbrother|flatmate|coach|landlord|ex|mother-in-law|brother-in-law|granny|father-in-law|dentist|doctor""".replace("\n", "").split("|")
NUMWORDS = "two three four five six seven eight nine ten eleven twelve fifteen twenty".split()
MATERIALS = """wood|steel|leather|plastic|glass|cotton|wool|silver|gold|ceramic|oak|bamboo|aluminium|brass|copper|silk|linen|
rubber|paper|stone|marble|clay|porcelain|velvet|cork|walnut|carbon fibre|pine|felt|titanium|denim|iron""".replace("\n", "").split("|")
EVENTS = """birthday|wedding|Christmas|graduation|anniversary|Easter|housewarming|retirement|Mother's Day|Father's Day|
Valentine's Day|baptism|farewell|confirmation|New Year|promotion""".replace("\n", "").split("|")
BODY = """paw|leg|ear|tail|nose|knee|back|shoulder|arm|foot|hand|eye|tooth|hip|ankle|elbow|wrist|neck|finger|toe|chin""".replace("\n", "").split("|")
ILLNESSES = """asthma|arthritis|diabetes|epilepsy|high blood pressure|migraine|hay fever|a heart murmur|back pain|an ear infection|
eczema|insomnia|hip pain|a thyroid problem|anaemia|allergies|gout|bad teeth|a cough|kidney problems|itchy skin""".replace("\n", "").split("|")
SUBJECTS = """biology|maths|history|chemistry|physics|law|medicine|art|music|geography|economics|philosophy|literature|
computer science|psychology|architecture|German literature|linguistics|engineering|theology|archaeology|nursing""".replace("\n", "").split("|")
TRICKS = """sit|roll over|play dead|give paw|shake hands|fetch the newspaper|open doors|high five|spin in circles|jump through a hoop|
stand on two legs|bring the leash|ring the bell|walk backwards|catch a frisbee|say hello|whistle a tune|find hidden treats|
open the fridge|dance|wave|bow|beg|balance a ball|close the door|turn off the light|climb ladders|crawl""".replace("\n", "").split("|")
HABITS = """snores loudly|steals socks|digs in the flower bed|sings in the shower|bites {h} nails|licks the windows|talks in {h} sleep|
forgets {h} keys|eats too fast|barks at night|scratches the sofa|drinks from the toilet|whistles|loses {h} glasses|
chews shoes|leaves the light on|wakes everyone up|jumps on the table|hides under the bed|reads in the bath|
begs at the table|follows me everywhere|stares at the wall|sleeps with open eyes|hums old songs|is always late|
pulls on the leash|collects sticks|opens the fridge|sneezes in the sun""".replace("\n", "").split("|")
MARKS = """a white spot on {h} chest|one blue eye|a torn ear|white paws|a crooked tail|a black nose|a scar above {h} eye|long whiskers|
a brown patch on {h} back|a white tip on {h} tail|floppy ears|a star on {h} forehead|three legs|a pink nose|short legs|
spots on {h} belly|a notch in {h} left ear|grey fur around {h} nose|different coloured eyes|a curly tail|one white sock""".replace("\n", "").split("|")
DAMAGES = """a chip on the rim|a scratch on the back|a crack in the handle|a dent in the side|a broken zip|a missing button|a coffee stain|
a loose screw|a flat tyre|a torn pocket|a burn mark|a hole in the side|a missing page|a wobbly leg|a cracked screen|
a bent wheel|a broken strap|an ink stain|a missing key|a leak at the bottom|a faded label|a rusty chain""".replace("\n", "").split("|")
PARTS = """battery|chain|handle|strap|screen|wheel|seat|lid|zip|string|bulb|tyre|filter|brake|lens|cable|motor|button|saddle|
pedal|bell|lock|cover|spring|hinge|needle|lamp|blade|hose|sole""".replace("\n", "").split("|")
PLURALS = """stamps|coins|postcards|old maps|vinyl records|teapots|shells|comic books|buttons|letters|photos|tools|screws|pencils|
spoons|candles|marbles|keys|batteries|receipts|tea bags|cookies|paint brushes|Christmas lights|medals|stickers|tickets|
chess sets|fossils|snow globes|magnets|old coins|seeds|bandages|cables|toy cars|knitting needles|winter clothes""".replace("\n", "").split("|")
PICTURES = """a cat|a ship|a lighthouse|a red heart|two birds|a sunflower|a dragon|a mountain|a map of Italy|an elephant|a star|a moon|
a rainbow|a fox|three stripes|a rose|a whale|a robot|blue flowers|little fish|a train|an anchor|an owl|a pineapple""".replace("\n", "").split("|")
LANDMARKS = """the station|the church|the river|the market|the school|the park|the library|the post office|the town hall|the bakery|
the lake|the museum|the hospital|the old mill|the beach|the harbour|the bridge|the cinema|the zoo|the castle|the pharmacy""".replace("\n", "").split("|")
WASH = """by hand|at 30 degrees|at 40 degrees|at 60 degrees|with cold water|without soap|with vinegar|with wool detergent|
inside out|with a soft brush|in the dishwasher""".replace("\n", "").split("|")
LIGHT = """full sun|half shade|indirect light|a lot of shade|morning sun|a bright window|very little light|a south window|no direct sun""".replace("\n", "").split("|")
REASONS = """it was the first thing i ever bought|it reminds me of the sea|it saved my life once|it belonged to my grandfather|
it makes me laugh|my old one broke|it was on sale|it is one of a kind|we grew up together|it smells like summer|
it brings me luck|it was a rainy day|everyone was so kind|it took a year to find|it never lets me down|
it is signed by the artist|i needed a friend|nobody else wanted it|it survived the fire|the view is so nice""".replace("\n", "").split("|")
DIETS = ["vegetarian", "vegan", "gluten-free", "lactose intolerant", "pescatarian", "on a low-salt diet", "keto", "on a raw food diet"]
SHOPS = """flea market|second-hand shop|market|garden centre|toy shop|department store|hardware store|antique shop|airport|
supermarket|bookshop|museum shop|charity shop|auction|furniture store|pet shop|craft fair|pharmacy|car boot sale""".replace("\n", "").split("|")
BATTERIES = ["two AA batteries", "three AAA batteries", "a 9-volt battery", "a CR2032 battery", "diesel", "petrol", "gas", "solar power",
             "four AA batteries", "a lithium battery", "a USB-C cable", "electricity", "one C battery", "wood pellets"]
LESSONS = """piano lessons|yoga|football practice|choir|judo|swimming lessons|dance class|book club|chess club|therapy|physio|band practice|
Spanish class|ballet|drawing class|scouts|karate|a team meeting|the gym|church|pottery class""".replace("\n", "").split("|")
PLACES_IN = ["the dishwasher", "the washing machine", "the dryer", "the microwave", "the oven", "the freezer", "the rain"]
RELATIVES = ["aunt", "uncle", "grandma", "grandpa", "cousin", "my sister", "my brother", "my friend", "my neighbour",
             "my colleague", "my boss", "my cousin", "my aunt", "my uncle", "my best friend", "Mrs", "Mr", "granny"]


def name(r: random.Random, w: Words) -> str:
    k = r.random()
    if k < 0.6:
        return w.pick(r, "firstNames")
    return w.invented(r).capitalize()


def _noun_phrase(r: random.Random, w: Words, nouns: list[str], extra: str = "artifact") -> str:
    """Adjective and noun; one time in four the noun is any everyday thing WordNet knows."""
    noun = w.pick(r, extra) if r.random() < 0.3 else r.choice(nouns)
    if r.random() < 0.5:
        noun = (w.pick(r, "adjectives") if r.random() < 0.25 else r.choice(ADJS)) + " " + noun
    return noun


def city(r, w):
    k = r.random()
    if k < 0.45:
        return r.choice(CITIES)
    if k < 0.8:
        return w.pick(r, "cities")
    return w.invented(r, (2, 3)).capitalize()


def person(r, w):
    k = r.random()
    if k < 0.3:
        return f"[{name(r, w)}]"
    if k < 0.6:
        return f"{r.choice(RELATIVES)} [{name(r, w)}]"
    if k < 0.75:
        return f"my [{r.choice(KIN)}]"
    if k < 0.85:
        return f"[{name(r, w)} {w.pick(r, 'lastNames')}]"
    if k < 0.93:
        return f"my {r.choice(KIN)} [{name(r, w)}]"
    return "[" + r.choice(["my parents", "the neighbours", "my students", "Dad", "Mum", "Grandma", "Grandpa", "my colleagues", "Santa", "Mom", "our old landlord"]) + "]"


def when(r, w):
    k = r.random()
    if k < 0.4:
        return f"in [{r.randint(1950, 2026)}]"
    if k < 0.55:
        return f"in [{r.choice(MONTHS)} {r.randint(1990, 2026)}]"
    if k < 0.7:
        return f"on [{r.randint(1, 28)} {r.choice(MONTHS)}]"
    if k < 0.8:
        return f"last [{r.choice(SEASONS + DAYS + MONTHS + ['week', 'year', 'month', 'Christmas', 'weekend'])}]"
    if k < 0.9:
        return f"in [{r.choice(SEASONS + MONTHS)}]"
    return f"[{r.choice(NUMWORDS)} {r.choice(['years', 'months', 'weeks', 'days'])} ago]"


def date(r, w):
    d, m = r.randint(1, 28), r.choice(MONTHS)
    k = r.random()
    if k < 0.4:
        return f"[{d} {m}]"
    if k < 0.6:
        return f"[{m} {d}]"
    if k < 0.7:
        suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(d, "th")
        return f"the [{d}{suffix} of {m}]"
    if k < 0.85:
        return f"[{d} {m} {r.randint(1940, 2025)}]"
    return f"[{m}]"


def future(r, w):
    return r.choice([f"next [{r.choice(DAYS + MONTHS + SEASONS + ['week', 'month', 'year'])}]", f"in [{r.choice(MONTHS)}]",
                     f"in [{r.choice(MONTHS)} {r.randint(2026, 2031)}]", f"on [{r.randint(1, 28)} {r.choice(MONTHS)}]", f"in [{r.randint(2026, 2034)}]"])


def clock(r, w):
    return r.choice([f"[{r.randint(1, 12)} o'clock]", f"[{r.randint(5, 23)}:{r.choice(['00', '15', '30', '45'])}]", f"[{r.randint(1, 12)} am]",
                     f"[{r.randint(1, 12)} pm]", f"half past [{r.choice(NUMWORDS[:11])}]", f"[{r.choice(NUMWORDS[:11])}]"])


def time(r, w):
    k = r.random()
    if k < 0.65:
        return "at " + clock(r, w)
    return r.choice(["in the [morning]", "in the [evening]", "at [noon]", "at [midnight]", "after [lunch]", "before [breakfast]", "after [work]", "after [dinner]", "at [sunrise]"])


def frequency(r, w):
    return r.choice([f"[{r.choice(['once', 'twice', 'three times', 'four times'])} a {r.choice(['day', 'week', 'month', 'year'])}]",
                     f"every [{r.choice(DAYS)}]", f"every [{r.choice(NUMWORDS[:9])} {r.choice(['days', 'weeks', 'hours', 'months'])}]",
                     f"every [{r.choice(['morning', 'evening', 'other day', 'week', 'night', 'month'])}]"])


def spot(r, w):
    """Where something is: "on the blue sofa", "in the top drawer of the kitchen"."""
    k = r.random()
    prep = r.choice(["on", "on", "in", "under", "behind", "next to", "beside", "in front of", "above", "near", "inside", "by"])
    thing = _noun_phrase(r, w, FURNITURE)
    if k < 0.5:
        return f"{prep} the [{thing}]"
    if k < 0.65:
        return f"in the [{r.choice(ROOMS)}]"
    if k < 0.78:
        return f"{prep} the [{thing}] in the {r.choice(ROOMS)}"
    if k < 0.86:
        return f"{prep} my [{thing}]"
    if k < 0.93:
        return f"in [{name(r, w)}'s {r.choice(ROOMS)}]"
    return f"at [{name(r, w)}'s house]"


def food(r, w):
    k = r.random()
    if k < 0.5:
        return f"[{r.choice(FOODS)}]"
    if k < 0.85:
        return f"[{w.pick(r, r.choice(['fruits', 'vegetables', 'ingredients', 'spices', 'dishes', 'food']))}]"
    return f"[{r.choice(['grilled', 'raw', 'warm', 'cold', 'fried', 'dried', 'fresh', 'baked', 'smoked'])} {r.choice(FOODS)}]"


def fear(r, w):
    k = r.random()
    if k < 0.6:
        f = r.choice(FEARS)
        if f.startswith("the "):
            return f"the [{f[4:]}]"
        return ("the " if f in ("vacuum cleaner",) else "") + f"[{f}]"
    if k < 0.75:
        return f"[{w.pick(r, 'animal')}s]"
    return f"{r.choice(['the', 'my', 'the', 'our'])} [{_noun_phrase(r, w, OBJECTS)}]"


def anything(r, w):
    return r.choice([food, fear, lambda r, w: f"[{r.choice(ACTIVITIES)}]", lambda r, w: f"[{r.choice(PLURALS)}]", lambda r, w: f"the [{_noun_phrase(r, w, OBJECTS)}]",
                     lambda r, w: f"[{r.choice(['rain', 'snow', 'baths', 'car rides', 'Mondays', 'the cold', 'hot weather', 'long walks', 'the sea', 'loud music', 'cuddles', 'belly rubs', 'getting wet', 'hats', 'winter'])}]"])(r, w)


def toy(r, w):
    return f"a [{_noun_phrase(r, w, TOYS)}]" if r.random() < 0.75 else f"{r.choice(['the', 'my', 'an old'])} [{_noun_phrase(r, w, OBJECTS)}]"


def toyobj(r, w):
    return f"{r.choice(['my', 'the', 'my', 'a', 'our'])} [{_noun_phrase(r, w, OBJECTS)}]"


def being(r, w):
    k = r.random()
    if k < 0.45:
        return f"[{name(r, w)}]"
    if k < 0.65:
        return f"the {r.choice(['cat', 'dog', 'parrot', 'neighbour', 'rabbit', 'horse', 'boy', 'girl'])} [{name(r, w)}]"
    if k < 0.8:
        return f"my {r.choice(KIN)} [{name(r, w)}]"
    return r.choice([f"my [{r.choice(KIN)}]", f"the [neighbour's {r.choice(['cat', 'dog', 'son', 'daughter'])}]", f"[{name(r, w)} {w.pick(r, 'lastNames')}]"])


def code(r, w):
    k = r.random()
    if k < 0.4:
        return "[" + "".join(r.choice("0123456789") for _ in range(r.randint(3, 6))) + "]"
    if k < 0.7:
        return "[" + w.invented(r) + str(r.randint(1, 999)) + "]"
    return "[" + "".join(r.choice("ABCDEFGHKLMNPRSTXZ") for _ in range(2)) + r.choice(["", "-", " "]) + str(r.randint(10, 9999)) + "]"


def price(r, w):
    return r.choice([f"[{r.randint(2, 999)} {r.choice(['euros', 'dollars', 'pounds', 'francs', 'kronor'])}]", f"{r.choice('€$£')}[{r.randint(2, 999)}]",
                     f"[{r.randint(2, 99)} euros]", f"[{r.choice(['5', '10', '15', '20', '25', '40'])} {r.choice(['euros', 'dollars', 'pounds'])}]"])


def car(r, w):
    return f"[{r.choice(['', '', r.choice(COLOURS) + ' ', 'old '])}{w.pick(r, 'makers')}]" if r.random() < 0.8 else f"[{r.choice(COLOURS)} {r.choice(['van', 'motorbike', 'scooter', 'tractor', 'truck', 'moped'])}]"


def breed(r, w):
    k = r.random()
    common = """corgi|poodle|beagle|labrador|golden retriever|husky|terrier|dachshund|tabby|Siamese|Persian|budgie|cockatoo|Maine Coon|
    border collie|pug|German shepherd|greyhound|chihuahua|spaniel|boxer|ragdoll|lop rabbit|Arabian horse|street dog|collie""".replace("\n", "").split("|")
    return f"[{r.choice(common).strip()}]" if k < 0.55 else f"[{w.pick(r, r.choice(['dogs', 'cats', 'birds']))}]"


def title(r, w):
    k = r.random()
    if k < 0.4:
        return f"[{w.pick(r, 'titles')}]"
    if k < 0.75:
        return f"[{w.pick(r, 'songs')}]"
    return f"[The {r.choice(ADJS).capitalize()} {w.pick(r, 'artifact').title()}]"


def _list(words):
    return lambda r, w: f"[{r.choice(words)}]"


def shop(r, w):
    k = r.random()
    if k < 0.35:
        return f"at the [{r.choice(SHOPS)}]"
    if k < 0.6:
        return f"at [{w.invented(r).capitalize() if r.random() < 0.5 else w.pick(r, 'lastNames')}]"
    if k < 0.85:
        return f"in [{city(r, w)}]"
    return f"at the [{r.choice(SHOPS)}] in {city(r, w)}" if r.random() < 0.6 else "[online]"


SLOTS = {
    "spot": spot, "food": food, "fear": fear, "anything": anything, "toy": toy, "toyobj": toyobj, "being": being, "person": person,
    "city": lambda r, w: f"[{city(r, w)}]", "when": when, "date": date, "future": future, "time": time, "clock": clock, "frequency": frequency,
    "recur": lambda r, w: r.choice([f"on [{r.choice(DAYS)}s]", f"every [{r.choice(DAYS)}]", f"on [{r.choice(DAYS)}]", f"every [{r.choice(SEASONS)}]", "at the [weekend]", "on [weekends]"]),
    "year": lambda r, w: f"[{r.randint(1950, 2026)}]", "name": lambda r, w: f"[{name(r, w)}]", "code": code, "price": price, "car": car, "breed": breed, "title": title, "shop": shop,
    "shop2": lambda r, w: f"the [{r.choice(SHOPS)}]",
    "colour": lambda r, w: f"[{r.choice(['', '', '', '', 'dark ', 'light ', 'bright '])}{r.choice(COLOURS)}]", "drink": lambda r, w: f"[{r.choice(DRINKS)}]" if r.random() < .8 else f"[{r.choice(FOODS)} {r.choice(['juice', 'tea', 'smoothie'])}]",
    "job": _list(JOBS), "activity": _list(ACTIVITIES), "sport": _list(SPORTS), "instrument": _list(INSTRUMENTS), "language": _list(LANGUAGES),
    "material": lambda r, w: f"[{r.choice(MATERIALS)}]", "country": lambda r, w: f"[{r.choice(COUNTRIES) if r.random() < .6 else w.pick(r, 'countries')}]",
    "company": lambda r, w: r.choice([f"[{w.invented(r).capitalize()}]", f"[{w.pick(r, 'makers')}]", f"the [{r.choice(['hospital', 'library', 'bank', 'airport', 'town hall', 'bakery', 'zoo', 'post office', 'university', 'museum'])}]", f"[{w.pick(r, 'lastNames')} and Sons]"]),
    "brand": lambda r, w: r.choice([f"[{w.invented(r).capitalize()}]", f"[{w.pick(r, 'makers')}]", f"[{w.pick(r, 'lastNames')}]", f"[{w.invented(r).capitalize()} {r.randint(2, 900)}]"]),
    "age": lambda r, w: f"[{r.choice(NUMWORDS + [str(n) for n in range(2, 99)])} {r.choice(['years', 'years', 'years', 'months', 'weeks'])}]",
    "agenum": lambda r, w: f"[{r.choice(NUMWORDS + [str(n) for n in range(2, 99)])}]", "number": lambda r, w: f"[{r.randint(2, 60)}]" if r.random() < .7 else f"[{r.randint(61, 900)}]",
    "smallnum": lambda r, w: f"[{r.choice(NUMWORDS[:9] + [str(n) for n in range(2, 12)])}]",
    "weight": lambda r, w: f"[{r.randint(2, 120)} {r.choice(['kilos', 'kg', 'pounds'])}]", "height": lambda r, w: r.choice([f"[1.{r.randint(40, 99)} m]", f"[{r.randint(90, 205)} cm]", f"[{r.randint(140, 205)} centimetres]"]),
    "length": lambda r, w: f"[{r.randint(2, 250)} {r.choice(['cm', 'centimetres', 'inches', 'metres'])}]", "volume": lambda r, w: f"[{r.choice(['half a litre', '300 ml', 'two litres', '250 ml', '1.5 litres', '40 litres', 'one litre', '20 litres'])}]",
    "doctor": lambda r, w: r.choice([f"Dr. [{w.pick(r, 'lastNames')}]", f"doctor [{name(r, w)}]", f"Dr [{w.invented(r).capitalize()}]", f"[{name(r, w)} {w.pick(r, 'lastNames')}]"]),
    "onstreet": lambda r, w: f"on [{w.pick(r, 'streets')}]" if r.random() < .7 else f"in [{city(r, w)}]",
    "address": lambda r, w: f"[{r.randint(1, 190)} {w.pick(r, 'streets')}]" if r.random() < .7 else f"[{w.invented(r).capitalize()} Street {r.randint(1, 120)}]",
    "phone": lambda r, w: "[" + r.choice(["555 ", "0", "07", "+32 ", "06 "]) + "".join(r.choice("0123456789") for _ in range(r.randint(4, 6))) + "]",
    "email": lambda r, w: f"[{w.invented(r)}@{w.invented(r)}.{r.choice(['com', 'org', 'net'])}]",
    "medicine": lambda r, w: r.choice([f"[{w.invented(r, (2, 3))}]", f"[{w.invented(r, (2, 3)).capitalize()}]", f"[{w.pick(r, 'spices')} drops]", "[eye drops]", "[vitamin D]", "[insulin]", "[half a pill]", "[painkillers]", "[ibuprofen]", "[fish oil]"]),
    "illness": _list(ILLNESSES), "shelter": lambda r, w: r.choice([f"a shelter in [{city(r, w)}]", f"the shelter in [{city(r, w)}]", f"a breeder in [{city(r, w)}]", f"a [farm] near {city(r, w)}", f"[{name(r, w)}]", "the [animal shelter]", "a [rescue centre]", "my [neighbour]"]),
    "outside": lambda r, w: r.choice(["in the [park]", "by the [river]", "on the [beach]", "in the [forest]", "around the [lake]", "in the [woods]", "along the [canal]", "through the [fields]", f"on [{w.pick(r, 'streets')}]", "in the [dog park]", "in the [hills]"]),
    "trick": _list(TRICKS), "animalobj": lambda r, w: r.choice([f"[{w.pick(r, 'animal')}s]", f"the [{r.choice(['postman', 'neighbour', 'cat next door', 'mailman', 'hoover', 'vacuum cleaner', 'tram', 'doorbell', 'milkman'])}]", f"[{r.choice(['squirrels', 'pigeons', 'cyclists', 'cats', 'joggers', 'butterflies', 'ducks', 'bikes', 'shadows', 'birds', 'flies', 'seagulls'])}]"]),
    "marking": lambda r, w: f"[{r.choice(MARKS)}]", "habit": lambda r, w: f"[{r.choice(HABITS)}]", "kin": _list(KIN), "kinof": lambda r, w: f"[{name(r, w)}'s {r.choice(KIN)}]",
    "school": lambda r, w: r.choice([f"[{w.pick(r, 'lastNames')} School]", f"the university of [{city(r, w)}]", f"[Saint {name(r, w)}]", f"[{city(r, w)} College]", f"[{w.invented(r).capitalize()} Academy]"]),
    "subject": _list(SUBJECTS), "team": lambda r, w: r.choice([f"[{city(r, w)} United]", f"[FC {city(r, w)}]", f"the [{city(r, w)} {w.pick(r, 'animal').title()}s]", f"[{city(r, w)}]", f"the [{r.choice(ADJS).capitalize()} {w.pick(r, 'animal').title()}s]"]),
    "genre": lambda r, w: f"[{w.pick(r, 'genres')}]" if r.random() < .5 else f"[{r.choice(['jazz', 'rock', 'classical', 'folk', 'techno', 'punk', 'soul', 'blues', 'metal', 'pop'])}]",
    "place": lambda r, w: r.choice([f"in [{city(r, w)}]", f"at the [{r.choice(SHOPS)}]", f"on a [{r.choice(['train', 'plane', 'boat', 'bus', 'hike', 'ferry'])}]"]),
    "eventplace": lambda r, w: r.choice([f"[{name(r, w)}'s {r.choice(['wedding', 'party', 'birthday', 'funeral'])}]", f"the [{r.choice(['university', 'gym', 'choir', 'library', 'office', 'dog park', 'kindergarten', 'chess club', 'football club', 'dentist'])}]", f"a [{r.choice(['concert', 'party', 'wedding', 'conference', 'festival', 'yoga class'])}]"]),
    "plural": lambda r, w: f"[{r.choice(PLURALS)}]" if r.random() < .75 else f"[{r.choice(ADJS)} {w.pick(r, 'artifact')}s]", "diet": _list(DIETS), "lesson": _list(LESSONS), "bodypart": lambda r, w: f"[{r.choice(['left ', 'right ', '', ''])}{r.choice(BODY)}]",
    "money": lambda r, w: f"[{r.choice(['5', '10', '20', '30', '50', '80', '100', '200'])} {r.choice(['euros', 'dollars', 'pounds'])}]",
    "event": lambda r, w: r.choice([f"my [{r.choice(EVENTS)}]", f"[{r.choice(EVENTS)}]", f"[{name(r, w)}'s {r.choice(EVENTS[:5])}]", f"the [{city(r, w)} {r.choice(['marathon', 'race', 'tournament', 'contest', 'concert'])}]", f"my [{r.randint(18, 80)}th birthday]"]),
    "event1": _list(EVENTS), "personposs": lambda r, w: f"[{name(r, w)}'s]" if r.random() < .7 else f"my [{r.choice(KIN)}'s]",
    "damage": lambda r, w: f"[{r.choice(DAMAGES)}]", "part": _list(PARTS), "battery": lambda r, w: f"[{r.choice(BATTERIES)}]", "picture": lambda r, w: f"[{r.choice(PICTURES)}]" if r.random() < .7 else f"a [{r.choice(COLOURS)} {w.pick(r, 'animal')}]",
    "washing": lambda r, w: f"[{r.choice(WASH)}]", "place_in": lambda r, w: f"[{r.choice(PLACES_IN)}]", "light": lambda r, w: f"[{r.choice(LIGHT)}]", "season": lambda r, w: f"in [{r.choice(SEASONS + MONTHS)}]", "month": lambda r, w: f"[{r.choice(MONTHS)}]",
    "landmark": lambda r, w: f"[{r.choice(LANDMARKS)}]", "hours": lambda r, w: f"from [{r.randint(6, 11)} to {r.randint(12, 23)}]", "reason": lambda r, w: f"[{r.choice(REASONS)}]",
}
