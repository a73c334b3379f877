"""The kinds the renderer knows: builder, category, likely materials, parts with a settled colour, parts that follow others."""

from dataclasses import dataclass, field

from . import kinds_home as home
from . import kinds_toys as toys
from . import kinds_wear as wear


@dataclass(frozen=True)
class Kind:
    build: callable
    category: str  # what a person calls it
    main: str  # the part that carries the main colour and most patterns
    materials: tuple
    fixed: dict = field(default_factory=dict)  # part → colour, when it is nearly always that
    follows: dict = field(default_factory=dict)  # part → (other part, probability that it shares its colour)
    marks: tuple = ()  # parts that carry a pattern or emblem besides `main`
    coats: tuple = ()  # colours the main part is mostly drawn from


FUR = ("brown", "orange", "white", "grey", "black", "brown", "yellow")
_SKIN = {"head": ("body", 0.93), "legs": ("body", 0.85), "ears": ("body", 0.6), "tail": ("body", 0.8), "arms": ("body", 0.9)}

KINDS = {
    "mug": Kind(home.mug, "mug", "body", ("ceramic", "ceramic", "metal"),
                follows={"handle": ("body", 0.45), "rim": ("body", 0.6), "inside": ("body", 0.35)}),
    "bottle": Kind(home.bottle, "bottle", "body", ("metal", "plastic", "glass"), marks=("label",)),
    "lamp": Kind(home.lamp, "lamp", "shade", ("fabric", "metal"), {"bulb": "white"}, {"stem": ("base", 0.8)}),
    "house": Kind(home.house, "toy house", "walls", ("wood", "plastic"), {}, {"chimney": ("roof", 0.3)}),
    "birdhouse": Kind(home.birdhouse, "birdhouse", "walls", ("wood",), {"hole": "black"}, {"base": ("roof", 0.6)}),
    "watering can": Kind(home.watering_can, "watering can", "body", ("metal", "plastic"), {},
                         {"rose": ("spout", 0.5), "spout": ("body", 0.6)}),
    "teapot": Kind(home.teapot, "teapot", "body", ("ceramic", "metal"), {}, {"spout": ("body", 0.7), "lid": ("body", 0.4)}),
    "chair": Kind(home.chair, "chair", "back", ("wood", "plastic"), {}, {"seat": ("back", 0.6), "legs": ("back", 0.3)},
                  ("cushion",)),
    "clock": Kind(home.clock, "alarm clock", "case", ("metal", "plastic"), {"hands": "black"}, {"feet": ("bells", 0.7)}),
    "plant": Kind(home.plant, "pot plant", "pot", ("ceramic",), {"soil": "brown", "leaves": "green"}, {"rim": ("pot", 0.6)}),
    "vase": Kind(home.vase, "vase", "body", ("ceramic", "glass"), {}, {"neck": ("body", 0.7), "foot": ("body", 0.5)}),
    "book": Kind(home.book, "book", "cover", ("leather", "paper"), {"pages": "white"}, {"spine": ("cover", 0.4)}, ("emblem",)),
    "dog": Kind(toys.dog, "dog", "body", ("plush", "plush", "plastic"), {"eyes": "black", "nose": "black"}, _SKIN, (), FUR),
    "cat": Kind(toys.cat, "cat", "body", ("plush", "plush", "ceramic"), {"eyes": "black", "nose": "pink"}, _SKIN, (), FUR),
    "rabbit": Kind(toys.rabbit, "toy rabbit", "body", ("plush",), {"eyes": "black"},
                   {**_SKIN, "feet": ("belly", 0.6)}, ("scarf",), (*FUR, "pink", "blue")),
    "teddy": Kind(toys.teddy, "teddy bear", "body", ("plush",), {"eyes": "black", "nose": "black"},
                  {**_SKIN, "paws": ("muzzle", 0.8), "belly": ("body", 0.5)}, ("bow",), (*FUR, "pink", "blue")),
    "duck": Kind(toys.duck, "rubber duck", "body", ("rubber",), {"eyes": "black"}, {"head": ("body", 0.8), "tail": ("body", 0.8)},
                 ("hat",), ("yellow", "yellow", "white", "pink", "blue", "green", "red")),
    "car": Kind(toys.car, "toy car", "body", ("plastic", "metal"), {"windows": "black", "lights": "yellow"},
                {"roof": ("body", 0.5)}),
    "truck": Kind(toys.truck, "toy truck", "load", ("plastic", "wood"), {"wheels": "black", "lights": "yellow",
                                                                          "windows": "grey"}),
    "robot": Kind(toys.robot, "toy robot", "body", ("metal", "plastic"), {},
                  {"head": ("body", 0.5), "arms": ("legs", 0.7), "antenna": ("eyes", 0.6)}, ("panel",)),
    "rocket": Kind(toys.rocket, "toy rocket", "body", ("metal", "plastic"), {"engine": "grey"}, {"nose": ("fins", 0.6)}),
    "drum": Kind(toys.drum, "drum", "body", ("wood", "metal"), {"skin": "white"}),
    "blocks": Kind(toys.blocks, "stack of blocks", "top block", ("wood", "plastic"), marks=("left block", "right block")),
    "hat": Kind(wear.hat, "hat", "crown", ("fabric", "leather"), {}, {"brim": ("crown", 0.6)}),
    "beanie": Kind(wear.beanie, "woolly hat", "crown", ("plush", "fabric"), {}, {}),
    "backpack": Kind(wear.backpack, "backpack", "body", ("fabric", "leather"), {}, {"straps": ("flap", 0.7), "handle": ("straps", 0.7)},
                     ("pocket",)),
    "boot": Kind(wear.boot, "boot", "shaft", ("rubber", "leather"), {}, {"foot": ("shaft", 0.8), "toe": ("shaft", 0.4)}),
    "shoe": Kind(wear.shoe, "trainer", "upper", ("fabric", "leather"), {}, {"toe": ("upper", 0.4), "heel": ("flash", 0.6)}),
    "cupcake": Kind(wear.cupcake, "cupcake", "wrapper", ("paper",), {"cherry": "red"}, {}),
    "umbrella": Kind(wear.umbrella, "umbrella", "canopy", ("fabric",), {}, {"tip": ("shaft", 0.8)}),
    "camera": Kind(wear.camera, "camera", "body", ("metal", "plastic"), {"glass": "black"}, {"finder": ("body", 0.7)}),
    "suitcase": Kind(wear.suitcase, "suitcase", "body", ("leather", "plastic"), {"wheels": "black"}, {"handle": ("straps", 0.8)},
                     ("sticker",)),
}
