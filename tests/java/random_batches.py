#!/usr/bin/env python3
"""Random record batches for batch_twin and the Java judge, one JSON object a line.

usage: random_batches.py FIRST_SEED COUNT [LARGEST_VALUE]

The same arguments give the same bytes, and a batch depends on its own seed alone. Long values are described and not
spelled out: {"random": n, "seed": s} cannot be compressed, {"words": n, "seed": s} reads like a log, {"repeat": text,
"bytes": n} says one thing again and again, {"mixed": n, "seed": s} changes between the first and the last every 24 KB.
"""
import json
import random
import struct
import sys

CODECS = ['none', 'none', 'gzip', 'gzip', 'snappy', 'lz4', 'lz4', 'zstd', 'zstd']
# The default three times in four. zstd's levels above 19 take a gigabyte of tables and are left out.
LEVELS = {'gzip': [-1, *range(1, 10)], 'lz4': [9, *range(1, 18)],
          'zstd': [3, -131072, -100, -7, -5, -3, -1, 1, 2, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 17, 18, 19]}
MOST = 2 ** 63 - 1
TIMES = [0, 1, 1_700_000_000_000, 1_763_750_000_000, 2 ** 31 - 1, 2 ** 41]
RATIOS = [1.0, 1.0, .37, .5, .05, 1.3]
# Where a length's varint, a codec's block or a stream's buffer ends.
EDGES = [63, 64, 8191, 8192, 16384, 32768, 65536, 131072]
TEXTS = ['', 'a', 'order 17', 'Grüße aus Köln', '鍵🔑', '{"id":17,"state":"paid"}', '\0\n"\\']
HEADER_KEYS = ['', 'trace', 'trace', 'Schlüssel', '鍵', '🔑', 'k' * 64, 'content-type']


def float32(number):
    return struct.unpack('f', struct.pack('f', number))[0]


def varint_size(number):
    """Bytes of a zigzag varint; differences of times wrap at 64 bits."""
    number = (number + 2 ** 63) % 2 ** 64 - 2 ** 63
    zigzag = 2 * number if number >= 0 else -2 * number - 1
    return max(1, (zigzag.bit_length() + 6) // 7)


def length(value):
    """Bytes of an optional value with its length in front."""
    if value is None:
        return 1
    if isinstance(value, str):
        size = len(value.encode())
    else:
        size = value['bytes'] if 'bytes' in value else next(iter(value.values()))
    return varint_size(size) + size


def record_size(record, offset_delta, base_time):
    time, key, value, headers = record
    body = 1 + varint_size(time - base_time) + varint_size(offset_delta) + length(key) + length(value)
    body += varint_size(len(headers)) + sum(length(key) + length(value) for key, value in headers)
    return varint_size(body) + body


class Batch:
    def __init__(self, seed, largest):
        # A seed of its own: neighbouring numbers would otherwise begin alike in some values.
        self.chance = random.Random('batch %d' % seed)
        self.largest = largest
        # What all long values of a batch may sum up to.
        self.left = 2 * largest

    def odds(self, probability):
        return self.chance.random() < probability

    def size(self):
        pick = self.chance.choice
        how = self.chance.random()
        if how < .45:
            size = self.chance.randrange(0, 120)
        elif how < .75:
            size = pick(EDGES) + self.chance.randrange(-90, 12)
        else:
            size = int(2 ** (self.chance.random() * 17.7))
        size = max(0, min(size, self.largest, self.left))
        self.left -= size
        return size

    def value(self):
        how = self.chance.random()
        if how < .08:
            return None
        if how < .3:
            return self.chance.choice(TEXTS)
        size, seed = self.size(), self.chance.randrange(2 ** 32)
        kind = self.chance.choice(['random', 'words', 'words', 'repeat', 'mixed'])
        if kind == 'repeat':
            return {'repeat': self.chance.choice(['a', 'ab', 'order 17;', 'ü', '0123456789abcdef' * 5]), 'bytes': size}
        return {kind: size, 'seed': seed}

    def key(self):
        how = self.chance.random()
        if how < .35:
            return None
        if how < .8:
            return self.chance.choice(TEXTS)
        return {'random': self.chance.randrange(0, 90), 'seed': self.chance.randrange(2 ** 32)}

    def headers(self):
        if self.odds(.6):
            return []
        headers = [[self.chance.choice(HEADER_KEYS), self.header_value()] for _ in range(self.chance.randrange(0, 6))]
        if headers and self.odds(.2):
            headers.append(headers[0])
        return headers

    def header_value(self):
        how = self.chance.random()
        if how < .2:
            return None
        if how < .6:
            return self.chance.choice(TEXTS)
        return {'words': self.chance.randrange(0, 200), 'seed': self.chance.randrange(2 ** 32)}

    def times(self, count):
        """What MemoryRecordsBuilder accepts: no negative number but -1, in any order."""
        chance, start = self.chance, self.chance.choice(TIMES)
        kind = chance.choice(['equal', 'rising', 'rising', 'falling', 'near', 'far', 'none', 'any'])
        step = chance.choice([1, 60, 64, 5000, 10 ** 9])
        if kind == 'rising':
            return [start + step * i for i in range(count)]
        if kind == 'falling':
            return [max(0, start - step * i) for i in range(count)]
        if kind == 'near':
            return [max(0, start + chance.randrange(-70, 70)) for _ in range(count)]
        if kind == 'far':
            return [chance.randrange(0, 2 ** chance.choice([8, 20, 32, 45, 63])) for _ in range(count)]
        if kind == 'any':
            return [chance.choice([-1, 0, start, MOST]) for _ in range(count)]
        return [-1 if kind == 'none' else start] * count

    def count(self):
        how = self.chance.random()
        if how < .02:
            return 0
        if how < .3:
            return 1
        return self.chance.randrange(2, 12) if how < .9 else self.chance.randrange(60, 200)

    def producer(self, control):
        """Members that state the producer; it may be none, and a control batch carries no sequence."""
        if self.odds(.25) and not control:
            return {}
        sequence = self.chance.choice([0, 1, 17, 100_000, 2 ** 31 - 3, 2 ** 31 - 1])
        return dict(producer_id=self.chance.choice([0, 1, 4711, 2 ** 40, MOST]),
                    epoch=self.chance.choice([0, 1, 7, 32766, 32767]), sequence=-1 if control else sequence,
                    transactional=control or self.odds(.4))

    def line(self):
        pick = self.chance.choice
        if self.odds(.02):
            return self.emptied()
        codec = pick(CODECS)
        control = self.odds(.1)
        line = dict(codec=codec)
        if codec in LEVELS:
            line['level'] = LEVELS[codec][0] if self.odds(.75) else pick(LEVELS[codec])
        if self.odds(.25):
            line['append_time'] = pick(TIMES + [-1, MOST])
        line['base_offset'] = pick([0, 0, 0, 1, 55, 2 ** 31, 2 ** 62])
        line['leader_epoch'] = pick([-1, -1, 0, 7, 2 ** 31 - 1])
        if self.odds(.05):
            line['delete_horizon'] = pick(TIMES)
        if self.odds(.2):
            line.update(position=pick([1, 61, 4000]))
        if self.odds(.3):
            line.update(capacity=pick([1, 100, 16384]))
        if self.odds(.3):
            line.update(limit=pick([0, 100, 500, 1000, 16384, 100_000]), ratio=pick(RATIOS))
        # Set from the beginning, as a broker does; or when the batch is drained; or again, when it is sent anew.
        producer = self.producer(control)
        when = 'made' if control else pick(['made', 'closed', 'closed', 'reopened'])
        line['producer'] = {when: producer}
        if when == 'reopened':
            line['producer']['made'] = self.producer(control)
        if control:
            line['control'] = [self.control(time) for time in self.times(pick([1, 1, 1, 2, 5]))]
        else:
            line['records'] = [[time, self.key(), self.value(), self.headers()] for time in self.times(self.count())]
            if 'limit' in line and self.odds(.5):
                line['limit'] = self.tight_limit(line)
        return line

    def tight_limit(self, line):
        """A limit that one of the records meets, or misses by a byte."""
        records = line['records'][:self.chance.randrange(2, 12)]
        if len(records) < 2:
            return 100
        base_time = line.get('delete_horizon', records[0][0])
        sizes = [record_size(record, i, base_time) for i, record in enumerate(records)]
        before = sum(sizes[:-1])
        if line['codec'] != 'none':
            before = int(float32(float32(float32(before) * float32(line['ratio'])) * float32(1.05)))
        return 61 + before + sizes[-1] + self.chance.choice([-1, 0, 1])

    def control(self, time):
        if self.odds(.8):
            return dict(time=time, marker=self.chance.choice(['COMMIT', 'ABORT']),
                        coordinator_epoch=self.chance.choice([0, 1, 9, 2 ** 31 - 1, -1]))
        return dict(time=time, type=self.chance.randrange(2, 7),
                    value={'random': self.chance.randrange(0, 90), 'seed': self.chance.randrange(2 ** 32)})

    def emptied(self):
        """A batch whose records are all gone and whose header stays, as log compaction leaves it."""
        line = dict(emptied=True, base_offset=self.chance.choice([0, 55, 2 ** 40]), last_delta=self.chance.choice([0, 3, 999]),
                    leader_epoch=self.chance.choice([-1, 7]), time=self.chance.choice(TIMES + [-1]),
                    append=self.odds(.5), control=self.odds(.3))
        line['producer'] = {'made': self.producer(line['control'])}
        return line


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    first, count = int(sys.argv[1]), int(sys.argv[2])
    largest = int(sys.argv[3]) if len(sys.argv) == 4 else 200_000
    for seed in range(first, first + count):
        print(json.dumps(Batch(seed, largest).line(), separators=(',', ':')))


main()
