"""Names: most are built from syllables, the rest come from lists. What the hard suite uses is never trained on.

Three parts that share no name: `train`, `demo` (names put together anew from syllables and lists that training knows)
and `hard` (from lists that training never saw, real-world names of any shape among them).
"""
from __future__ import annotations

import random
import zlib
from collections.abc import Callable

import filler

PARTS = ('train', 'demo', 'hard')

_HEADS = (
    'Al Bar Bel Bor Bran Cal Cor Dal Dor Dun El Fen Fer Gar Gol Hal Har Hel Jas Jor Kal Kel Kor Lam Lor Lun Mar Mel '
    'Mor Nar Nor Ol Or Pel Per Quin Ral Ren Ros Sal Sel Sor Tal Tam Tes Tor Val Ver Vol Wil Yor Zan'
).split()
_TAILS = (
    'ba bek den dak dor fin gan gor hem iko ina ka kin la len lis lo min mon na nek nia no or pa pin ra rek rin ro '
    'sa sen sin ta tek tin to va van vek vin vo wen xa yan zel zo'
).split()

FIRST = {
    'she': (
        'Ada Alice Amara Anna Beth Carla Clara Dora Ella Emma Eva Fiona Gina Grace Hana Helen Ida Irene Jana Julia '
        'Karen Laura Lena Lucy Maria Mina Nadia Nina Nora Olga Paula Petra Rosa Ruth Sara Sofia Tina Vera Wanda Zoe'
    ).split(),
    'he': (
        'Adam Alan Boris Carl David Dan Emil Eric Felix Frank George Hans Henry Hugo Ivan Jack James Karl Kevin Leo '
        'Louis Mark Max Noah Oscar Otto Paul Peter Ralph Sam Simon Theo Thomas Tim Tom Victor Walter Will Yuri Zack'
    ).split(),
}
FIRST_HARD = {
    'she': 'Ximena Bronwyn Ngozi Saoirse Yuki Matilda Delphine Priya Ottilie Guinevere'.split(),
    'he': 'Thorvald Kwame Ignatius Dmitri Cuthbert Hiroshi Lysander Benedict Oluwaseun Fergus'.split(),
}
_LISTED = {
    'person': (
        'Abbott Baker Becker Berg Bishop Brooks Carter Chen Costa Cruz Dawson Diaz Duval Evans Fischer Fox Garcia '
        'Grant Hansen Hayes Hill Holm Jansen Keller Khan Klein Kovac Lang Lopez Marsh Meyer Mills Moreau Nilsen '
        'Novak Ortiz Park Petrov Price Quinn Reyes Rossi Sato Schmidt Silva Singh Stone Tanaka Turner Ueda Vance '
        'Weber West Wolf Young'
    ).split(),
    'company': (
        'Acme Apex Argon Atlas Aurora Axiom Beacon Bluebird Cobalt Comet Crescent Delta Ember Everest Falcata '
        'Granite Harbor Helix Horizon Iris Juniper Keystone Lumen Magnet Meridian Nimbus Nova Oakline Orchid '
        'Pinnacle Polaris Quartz Redwood Sable Solara Summit Tundra Umbra Vertex Willow Zenith'
    ).split(),
    'project': (
        'Amber Badger Beaver Bison Cedar Cobra Condor Coral Crane Dingo Dolphin Eagle Falcon Ferret Gecko Hawk '
        'Heron Ibis Jaguar Kestrel Lark Lynx Magpie Maple Marlin Osprey Otter Panther Pelican Puma Raven Robin '
        'Salmon Sparrow Swan Tiger Viper Walrus Wren Zebra'
    ).split(),
    'product': (
        'Alpha Arrow Beta Bolt Breeze Cascade Chime Circle Cloud Crest Drift Dune Echo Flint Flow Gamma Glide Halo '
        'Jet Kite Leaf Loop Mist Omega Orbit Pebble Pixel Prism Pulse Ripple Rocket Sigma Spark Spiral Stream Tempo '
        'Vega Wave Wisp'
    ).split(),
    'site': (
        'Abbey Ash Birch Bridge Brook Castle Chapel Cliff Elm Field Forest Garden Gate Grove Hazel Hillside Ivy '
        'Lake Linden Market Meadow Mill North Orchard Park Pine Pond Quarry River School South Spring Station '
        'Valley Vine'
    ).split(),
}
LISTED_HARD = {
    'person': (
        'Achterberg Adeyemi Bjornstad Castellano Czerny Dubrovsky Eszterhazy Fitzgerald Guillemot Hakimi Iwasaki '
        'Jablonski Kjellberg Lindqvist MacAllister Nakamura Okonkwo Papadakis Quisling Ravensworth Szymanski '
        'Thibodeaux Umarov Vandermeer Wachowski Xanthos Yevtushenko Zuckerman'
    ).split(),
    'company': (
        'Bytewright Cloudmere Dynaphor Frostgale Glimworks Hydrofirm Inkwell Kryptonix Logistar Moonbrook Octavian '
        'Petrolux Quillon Rustheim Skyforge Thornbury Ultramar Wexford Xylotech Yellowjacket'
    ).split(),
    'project': (
        'Albatross Chameleon Dragonfly Echidna Flamingo Gazelle Hedgehog Jellyfish Kingfisher Leviathan Mongoose '
        'Narwhal Ocelot Porcupine Quetzal Reindeer Stingray Tarantula Unicorn Wolverine'
    ).split(),
    'product': (
        'Bumblebee Cobweb Doppler Evergreen Firefly Gyroscope Hourglass Isotope Jukebox Kaleido Lighthouse '
        'Metronome Nightowl Oxbow Paperclip Quicksand Rosewood Snowdrift Typhoon Windmill'
    ).split(),
    'site': (
        'Blackfriars Copperfield Dovecote Elderberry Foxglove Greyfriars Hawthorn Ironmonger Jubilee Kingsway '
        'Lavender Mulberry Nettlebed Oxenford Primrose Rosemary Sycamore Thistledown Wainwright Yarrow'
    ).split(),
}
_HARD_WORDS = {word for words in LISTED_HARD.values() for word in words}
_NEVER_TRAINED = _HARD_WORDS.union(*FIRST_HARD.values())
_CONSONANTS, _VOWELS = 'bcdfghjklmnprstvwxz', 'aeiou'
_SITES = 'House Hall Tower Court'.split()
_WORDS = filler.WORDS['thing'] + filler.WORDS['adjective']
# For names of any spelling: how a syllable begins, what is in it, how it ends.
_BEGINS = (
    'b br c ch cl cr d dr f fl fr g gl gr h j k kr l m n p ph pl pr qu r s sc sch sh sk sl sm sn sp squ st str sw t th tr tw v w wh wr '
    'x y z'
).split()
_MIDDLES = 'a a e e i i o o u u ai au ay ea ee ei eo ew ia ie io oa oe oi oo ou ow ue'.split()
_ENDS = (
    'ch ck d ff g gh ght k ld ll lt m mp n nd ng nk nt p r rd rk rn rs rt s sh sk sp ss st t th ts w x y z'.split()
    + [''] * 25
)


class Names:
    """Draws names of one part, none twice.

    pool: how many syllables and listed names are in use. Small ones make the first lessons easy.
    strange: share of names that are made of whatever letters and words there are, so that a name that training never had is
    read and copied as well.
    """

    def __init__(self, source: random.Random, part: str = 'train', pool: int = 99, strange: float = 0.0):
        assert part in PARTS, part
        self.source, self.part, self.pool, self.strange = source, part, pool, strange
        self.taken: set[str] = set()

    def person(self) -> tuple[str, str]:
        """Full name and pronoun. No two people of a draw share a first or a last name."""
        pronoun = self.source.choice(('she', 'he'))
        hard = self.part == 'hard'

        def draw() -> tuple[str, ...]:
            if self.strange and self.source.random() < self.strange / 2:
                return self._strange(), self._stem('person')
            firsts = FIRST_HARD if hard and self.source.random() < 0.7 else FIRST
            return self.source.choice(firsts[pronoun][: self.pool]), self._stem('person')

        return self._fresh(draw), pronoun

    def other(self, kind: str) -> str:
        """Of a company, project, product or site."""
        forms = {'project': 'Project {}', 'product': 'Device {}', 'site': '{} ' + self.source.choice(_SITES)}
        return forms.get(kind, '{}').format(self._fresh(lambda: (self._stem(kind),)))

    def _stem(self, kind: str) -> str:
        if self.strange and self.source.random() < self.strange:
            return self._strange()
        if self.pool >= 99 and self.source.random() < 0.15:
            return self._odd()
        if self.part == 'hard':
            return self.source.choice(LISTED_HARD[kind])
        if self.source.random() < 0.3:
            return self.source.choice(_LISTED[kind][: self.pool])
        return self.source.choice(_HEADS[: self.pool]) + self.source.choice(_TAILS[: self.pool])

    def _odd(self) -> str:
        """Letters as they come, so that a name of any spelling is copied."""
        syllables = self.source.randint(2, 3)
        letters = [self.source.choice(part) for _ in range(syllables) for part in (_CONSONANTS, _VOWELS)]
        return ''.join([*letters, self.source.choice(_CONSONANTS)]).capitalize()

    def _strange(self) -> str:
        """Syllables of any kind, or words of the corpus put together."""
        if self.source.random() < 0.4:
            return ''.join(self.source.sample(_WORDS, self.source.choice((1, 2, 2)))).capitalize()
        syllables = self.source.choice((1, 2, 2, 3))
        parts = [self.source.choice(of) for _ in range(syllables) for of in (_BEGINS, _MIDDLES, _ENDS)]
        return ''.join(parts[self.source.random() < 0.2 :]).capitalize()

    def _fresh(self, draw: Callable[[], tuple[str, ...]]) -> str:
        """One name in five is kept for the demo suite, one for the hard one, which has its lists besides."""
        for _ in range(1000):
            words = draw()
            name = ' '.join(words)
            share = zlib.crc32(name.encode()) % 5
            is_own = {
                'demo': share == 0,
                'hard': share == 1 or words[-1] in _HARD_WORDS,
                'train': share > 1 and _NEVER_TRAINED.isdisjoint(words),
            }[self.part]
            if is_own and not self.taken.intersection(words):
                self.taken.update(words)
                return name
        raise RuntimeError(f'no name of part {self.part} is left in a pool of {self.pool}')
