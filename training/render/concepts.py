"""The things the product ships pictures of, settled by hand: samples, the home suite, test photos and strangers.

Each entry: name → (kind, {part: colour or "colour pattern colour2"}, {proportion: 0..1}, material of every part or None).
Seeds are RESERVED + its place in its table, so training never sees one. "other" parts keep what the seed drew.
"""

from . import RESERVED
from .instance import Instance, make_instance

FUR = "plush"
SAMPLES = {
    "bo": ("dog", "body brown, head brown, legs white, ears brown, tail brown, muzzle white, nose black, eyes black, "
           "collar orange, tag yellow", {"ear form": 0.9, "leg length": 0.1, "ear": 0.9}, FUR),
    "dads-mug": ("mug", "body red letter white D, handle red, rim white, inside white", {"width": 0.6, "height": 0.6, "flare": 0.4}, "ceramic"),
    "mias-robot": ("robot", "body turquoise, head turquoise, panel purple, eyes yellow, arms grey, legs grey, feet orange, "
                   "antenna orange", {"head form": 0.2}, "metal"),
    "adas-lamp": ("lamp", "shade yellow dots red, base green, stem green, bulb white", {"foot form": 0.9, "taper": 0.3}, "fabric"),
}
HOME = {
    "biscuit": ("dog", "body brown, head brown, legs brown, ears brown, tail brown, muzzle white, nose black, eyes black, "
                "collar green, tag yellow", {"ear form": 0.2, "ear": 0.8}, FUR),
    "pepper": ("dog", "body brown, head brown, legs brown, ears black, tail brown, muzzle brown, nose black, eyes black, "
               "collar red, tag white", {"ear form": 0.2, "ear": 0.7}, FUR),
    "milo": ("cat", "body grey stripes black, head grey, legs grey, ears grey, tail black, muzzle white, nose pink, eyes black, "
             "collar red, tag yellow", {}, FUR),
    "juno": ("cat", "body black, head black, legs white, ears black, tail black, muzzle white, nose pink, eyes yellow, "
             "collar turquoise, tag white", {}, FUR),
    "grandpas-mug": ("mug", "body blue bands white, handle blue, rim blue, inside white", {"width": 0.3, "height": 0.8}, "ceramic"),
    "toms-mug": ("mug", "body blue bands white, handle yellow, rim yellow, inside white", {"width": 0.4, "height": 0.7}, "ceramic"),
    "flash": ("car", "body red, roof red, windows black, wheels black, hubs white, lights yellow, stripe white", {}, "metal"),
    "ziggy": ("car", "body red, roof yellow, windows black, wheels black, hubs yellow, lights yellow, stripe black", {}, "metal"),
    "mr-button": ("teddy", "body orange, head orange, arms orange, legs orange, ears orange, belly white, muzzle white, nose black, "
                  "eyes black, paws white, bow blue", {}, FUR),
    "gizmo": ("robot", "body grey, head grey, panel green, eyes red, arms black, legs black, feet grey, antenna red", {"head form": 0.9}, "metal"),
    "hall-lamp": ("lamp", "shade green, base white, stem white, bulb white", {"foot form": 0.1, "taper": 0.6}, "ceramic"),
    "noors-backpack": ("backpack", "body blue, pocket orange, flap blue, buckle white, handle black, straps black", {}, "fabric"),
    "rain-boots": ("boot", "shaft yellow, foot yellow, toe yellow, sole black, cuff turquoise, laces white", {}, "rubber"),
    "travel-journal": ("book", "cover green, spine brown, pages white, emblem yellow star red, ribbon red", {}, "leather"),
    "grandmas-teapot": ("teapot", "body white flower pink, lid pink, knob yellow, spout white, handle white", {}, "ceramic"),
    "brown-suitcase": ("suitcase", "body brown, straps black, wheels black, handle black, sticker yellow", {}, "leather"),
    "oskars-drum": ("drum", "body purple zigzag yellow, skin white, hoops black, sticks brown", {}, "wood"),
    "captain-quack": ("duck", "body yellow, head yellow, tail yellow, beak orange, eyes black, wings yellow, hat blue", {}, "rubber"),
}
STRANGERS = {  # never enrolled; the first half are of kinds that are
    "stranger-dog": ("dog", "body white, head white, legs white, ears brown, tail white, muzzle white, collar blue", {"ear form": 0.1}, FUR),
    "stranger-cat": ("cat", "body orange, head orange, legs orange, ears orange, tail orange, muzzle white, collar purple", {}, FUR),
    "stranger-mug": ("mug", "body green, handle white, rim white, inside white", {}, "ceramic"),
    "stranger-car": ("car", "body purple, roof white, wheels black, stripe white", {}, "metal"),
    "stranger-teddy": ("teddy", "body pink, head pink, arms pink, legs pink, ears pink, belly white, bow green", {}, FUR),
    "stranger-robot": ("robot", "body orange, head yellow, panel blue, arms red, legs red, feet black", {"head form": 0.1}, "plastic"),
    "stranger-lamp": ("lamp", "shade purple stripes white, base black, stem black", {"foot form": 0.9}, "fabric"),
    "stranger-backpack": ("backpack", "body red checks white, pocket red, flap black", {}, "fabric"),
    "stranger-camera": ("camera", "", {}, "metal"),
    "stranger-clock": ("clock", "", {}, "metal"),
    "stranger-birdhouse": ("birdhouse", "", {}, "wood"),
    "stranger-rocket": ("rocket", "", {}, "metal"),
    "stranger-cupcake": ("cupcake", "", {}, "paper"),
    "stranger-umbrella": ("umbrella", "", {}, "fabric"),
}
TESTS = {
    "rex": ("dog", "body black, head black, legs black, ears black, tail black, muzzle brown, nose black, eyes yellow, "
            "collar yellow, tag white", {"ear form": 0.9}, FUR),
    "tea-mug": ("mug", "body turquoise heart red, handle turquoise, rim white, inside white", {}, "ceramic"),
    "stranger-truck": ("truck", "", {}, "plastic"),
    "stranger-mug": ("mug", "body yellow checks black, handle black, rim black, inside yellow", {}, "ceramic"),
}


def thing(table: dict, name: str) -> Instance:
    base = {id(SAMPLES): 0, id(HOME): 100, id(STRANGERS): 200, id(TESTS): 300}[id(table)]
    kind, painted, proportions, material = table[name]
    seed = RESERVED + base + list(table).index(name)
    over = {}
    for words in filter(None, (w.strip() for w in painted.split(","))):
        part, rest = next((p, words[len(p) + 1:]) for p in sorted(make_instance(seed, kind).parts, key=len, reverse=True)
                          if words.startswith(p + " "))
        colour, *more = rest.split()
        over[part] = {"colour": colour, "pattern": "plain"} if not more else {
            "colour": colour, "pattern": more[0], "colour2": more[1], "freq": 5.0, **({"letter": more[2]} if more[2:] else {})}
    for part in make_instance(seed, kind).parts:
        over.setdefault(part, {}).setdefault("material", material)
    return make_instance(seed, kind, over, proportions)
