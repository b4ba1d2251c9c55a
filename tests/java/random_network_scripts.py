#!/usr/bin/env python3
"""Random scripts for network_twin and the Java judge, one stream of JSON lines; each script begins with a "config" line.

usage: random_network_scripts.py [metrics] FIRST_SEED COUNT [STEPS]

The same arguments give the same bytes. Events of a poll that cannot happen to a connection as it stands are passed over
on both sides, so a poll that offers everything is one in which the network works. "metrics" makes scripts for Kafka's own
Selector, with answers in pieces, several answers at once and idle connections, and reads the metrics now and then.
"""
import json
import random
import struct
import sys

# Newest versions that a broker of 4.3.1 speaks, by number of the request.
NEWEST = {0: 13, 3: 13, 10: 6, 18: 4, 22: 6, 24: 5, 25: 4, 26: 5, 28: 5}
OLDEST = {0: 3}
APIS = ['PRODUCE', 'PRODUCE', 'PRODUCE', 'INIT_PRODUCER_ID', 'FIND_COORDINATOR', 'ADD_PARTITIONS_TO_TXN',
        'ADD_OFFSETS_TO_TXN', 'END_TXN', 'TXN_OFFSET_COMMIT']
TOPICS = ['a', 'b', 'c', 'd']
PARTITION_ERRORS = ['LEADER_NOT_AVAILABLE', 'LISTENER_NOT_FOUND', 'REPLICA_NOT_AVAILABLE', 'NOT_LEADER_OR_FOLLOWER']
TOPIC_ERRORS = ['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED', 'INVALID_TOPIC_EXCEPTION',
                'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_ID', 'UNKNOWN_SERVER_ERROR']


def say(**command):
    print(json.dumps(command, separators=(',', ':')))


def batch(size):
    """Hex of a record batch with magic 2 whose body is not looked at."""
    body = bytes(i & 0xff for i in range(size))
    header = struct.pack('>iBIhiqqqhii', 0, 2, 0, 0, 0, 0, 0, -1, -1, -1, 1)
    return (struct.pack('>qi', 0, len(header) + len(body)) + header + body).hex()


CALLS = ['flush', 'metadata-wait', 'txn-init', 'txn-begin', 'txn-send-offsets', 'txn-commit', 'txn-abort']


class Script:
    def __init__(self, seed, metrics):
        self.chance = random.Random(seed)
        self.metrics_chance = random.Random(seed) if metrics else None
        pick = self.chance.choice
        self.nodes = pick([1, 2, 3, 3, 5, 13])
        self.bootstrap = ['b%d' % i for i in range(1, pick([1, 2, 3, 3, 13]) + 1)]
        self.ids = list(range(-len(self.bootstrap), self.nodes))
        self.epoch = 0
        self.hosts = self.bootstrap + ['h%d' % i for i in range(self.nodes)] + ['x%d' % i for i in range(self.nodes)]
        self.request_timeout, self.setup = pick([200, 1000, 30000]), pick([50, 300, 1000, 10000])
        say(op='config', seed=seed, bootstrap=self.bootstrap, nodes=self.nodes, topics=TOPICS,
            hosts={host: self.addresses(i) for i, host in enumerate(self.hosts)},
            reconnect_backoff_ms=pick([0, 20, 50, 50, 100]), reconnect_backoff_max_ms=pick([50, 1000, 1000, 3000]),
            setup_timeout_ms=self.setup, setup_timeout_max_ms=pick([self.setup, 300, 2000, 30000]),
            request_timeout_ms=self.request_timeout, max_in_flight=pick([1, 2, 5]),
            retry_backoff_ms=pick([0, 10, 100, 100]), retry_backoff_max_ms=pick([100, 1000]),
            metadata_max_age_ms=pick([0, 700, 5000, 300000]), metadata_max_idle_ms=pick([500, 5000, 300000]),
            recovery=pick(['rebootstrap', 'rebootstrap', 'none']), rebootstrap_trigger_ms=pick([0, 500, 3000, 300000]),
            **self.metrics_config())
        self.careful = self.chance.random() < .6
        for node in self.ids:
            self.versions(node)
        self.cluster()

    def metrics_config(self):
        if not self.metrics_chance:
            return {}
        pick = self.metrics_chance.choice
        return dict(metrics=True, metrics_num_samples=pick([1, 2, 2, 3, 5]),
                    metrics_sample_window_ms=pick([0, 1, 50, 300, 1000, 1000, 30000]),
                    connections_max_idle_ms=pick([-1, 0, 1, 300, 1000, 9000, 540000, 540000, 540000, 10 ** 12, 2 ** 63 - 1]))

    def metrics(self):
        """The metrics are read, and calls of the application took time."""
        if not self.metrics_chance or self.metrics_chance.random() > .3:
            return
        if self.metrics_chance.random() < .2:
            self.produced()
        if self.metrics_chance.random() < .2:
            say(op='time', ms=self.metrics_chance.choice([1, 300, 1000, 2500, 31000, 95000]))
        for _ in range(self.metrics_chance.randrange(3)):
            say(op='took', call=self.metrics_chance.choice(CALLS),
                ns=self.metrics_chance.choice([0, 1, 999_999, 4_000_000, 10 ** 9 + 7, 2 ** 53 + 1]))
        say(op='metrics')

    def produced(self):
        """Produce requests to one node are answered after a while, so that there are latencies."""
        pick = self.metrics_chance.choice
        node = self.leader()
        network = [dict(ev=what, node=node) for what in ['connected', 'write', 'answer']]
        for _ in range(4):
            say(op='ready', node=node)
            say(op='poll', timeout=0, ms=0, events=network)
        for _ in range(pick([1, 1, 2, 4])):
            say(op='send', node=node, api='PRODUCE', acks=pick([-1, 1]), request_timeout_ms=30000, records=batch(pick([5, 300])),
                parts=[['a', 0, 10]])
            say(op='poll', timeout=0, ms=pick([0, 0, 3, 70]), events=network)
        for _ in range(2):
            say(op='poll', timeout=0, ms=pick([0, 1, 9, 60, 199]), events=network + network[2:])

    def addresses(self, number):
        how = self.chance.random()
        if how < .03:
            return []
        count = self.chance.choice([1, 1, 1, 2, 3])
        addresses = ['10.0.%d.%d' % (number, i) for i in range(count)]
        if how < .1:
            addresses.insert(self.chance.randrange(count + 1), 'fd00:0:0:0:0:0:0:%x' % (number + 1))
        return addresses

    def host(self):
        host = self.chance.choice(self.hosts)
        say(op='host', host=host, addresses=self.addresses(self.hosts.index(host)))

    def versions(self, node):
        """What the node answers to ApiVersions from now on."""
        odd = 0 if self.careful else .15
        keys = []
        for api, newest in NEWEST.items():
            oldest = OLDEST.get(api, 0)
            how = self.chance.random()
            if how < odd:
                newest = self.chance.randrange(oldest, newest + 1)
            elif how < 1.2 * odd:
                oldest = newest = newest + 1
            elif how < 1.5 * odd:
                continue
            keys.append([api, oldest, newest])
        command = dict(op='versions', node=node, keys=keys)
        if self.chance.random() < .3:
            keys.append([999, 0, 3])
        if self.chance.random() < .4:
            command.update(epoch=self.chance.randrange(-1, 5),
                           finalized=[['transaction.version', self.chance.randrange(3)], ['x', 1]][:self.chance.randrange(3)])
        how = self.chance.random()
        if how < .06:
            command.update(error='UNSUPPORTED_VERSION', v0=self.chance.random() < .8)
            if self.chance.random() < .7:
                command['keys'] = [[18, 0, self.chance.choice([-1, 0, 1, 2, 3, 4, 5, 9])]][:self.chance.randrange(2)]
        elif how < .08:
            command['error'] = self.chance.choice(['UNKNOWN_SERVER_ERROR', 'INVALID_REQUEST', 'CLUSTER_AUTHORIZATION_FAILED'])
        elif how < .11:
            command['v0'] = True
        say(**command)

    def leader(self):
        return self.chance.randrange(self.nodes)

    def partition(self):
        error = self.chance.choice(PARTITION_ERRORS) if self.chance.random() < .06 else 'NONE'
        epoch = self.chance.choice([-1, 0, self.epoch, self.epoch, self.epoch, self.epoch + 1])
        return [-1 if self.chance.random() < .06 else self.leader(), epoch, error]

    def brokers(self):
        return [[i, ('x%d' if self.chance.random() < .05 else 'h%d') % i, 9092 + i]
                for i in range(self.nodes) if self.chance.random() < .9]

    def cluster(self):
        """What the nodes answer to Metadata from now on."""
        self.epoch += self.chance.choice([0, 0, 1])
        brokers = [] if self.chance.random() < .03 else self.brokers()
        topics = []
        for topic in TOPICS:
            if self.chance.random() < .2:
                continue
            described = dict(name=topic, partitions=[self.partition() for _ in range(self.chance.randrange(1, 4))])
            if self.chance.random() < .7:
                described['id'] = 10 * (TOPICS.index(topic) + 1) + self.chance.choice([0, 0, 0, 1])
            if self.chance.random() < .1:
                described.update(error=self.chance.choice(TOPIC_ERRORS), partitions=[])
            topics.append(described)
        command = dict(op='cluster', brokers=brokers, topics=topics, controller=self.chance.choice([-1, 0, self.leader()]))
        if self.chance.random() < .8:
            command['id'] = self.chance.choice(['k', 'k', 'l'])
        say(**command)

    def node(self):
        return self.chance.choice(self.ids if self.chance.random() < .3 else range(self.nodes))

    def named(self, op):
        node = self.node()
        command = dict(op=op, node=node)
        if node < 0:
            command.update(host=self.bootstrap[-node - 1], port=9092)
        elif self.chance.random() < .06:
            command['host'] = 'x%d' % node
        say(**command)

    def event(self, what, node):
        event = dict(ev=what, node=node)
        if what == 'write' and self.chance.random() < .08:
            event['bytes'] = self.chance.randrange(0, 60)
        if what == 'answer':
            if self.chance.random() < .08:
                event['throttle'] = self.chance.choice([1, 20, 300, 2000])
            if self.chance.random() < .03:
                event['error'] = self.chance.choice(['REBOOTSTRAP_REQUIRED', 'UNKNOWN_SERVER_ERROR', 'UNSUPPORTED_VERSION'])
        if what == 'closed' and self.chance.random() < .5:
            event['reset'] = True
        if what == 'answer' and self.metrics_chance and self.metrics_chance.random() < .25:
            event['bytes'] = self.metrics_chance.choice([0, 1, 3, 4, 5, 8, 40])
        return event

    def more_kinds(self, kinds):
        """Things that happen to one connection in one poll: with the real Selector several answers, and an end behind them."""
        if not self.metrics_chance:
            return kinds
        kinds = list(kinds)
        if 'answer' in kinds and self.metrics_chance.random() < .3:
            kinds += ['answer'] * self.metrics_chance.randrange(1, 3)
        if self.metrics_chance.random() < .04:
            kinds.append('closed')
        return kinds

    def poll(self, nodes, kinds):
        nodes = list(nodes)
        self.chance.shuffle(nodes)
        command = dict(op='poll', timeout=self.chance.choice([0, 10, 1000, 10 ** 12]),
                       events=[self.event(what, node) for node in nodes for what in self.more_kinds(kinds)])
        if self.chance.random() < .2:
            command['late'] = self.chance.choice([0, 1])
        else:
            exact = self.chance.choice([100, self.request_timeout, self.setup]) + self.chance.randrange(2)
            command['ms'] = exact if self.chance.random() < .08 else self.chance.choice([0, 0, 1, 5, 20, 100, 500])
        say(**command)

    def working_poll(self):
        share = self.chance.choice([.5, 1, 1])
        self.poll([node for node in self.ids if self.chance.random() < share], ['connected', 'answer', 'write'])

    def random_poll(self):
        kinds = ['connected', 'refused', 'answer', 'write', 'closed']
        kinds = self.chance.sample(kinds, self.chance.randrange(0, 4))
        self.poll(self.chance.sample(self.ids, self.chance.randrange(0, min(4, len(self.ids)) + 1)), kinds)

    def send(self, node=None):
        api = self.chance.choice(APIS)
        command = dict(op='send', node=self.node() if node is None else node, api=api, request_timeout_ms=self.chance.choice([100, 1000, 30000]))
        if api == 'PRODUCE':
            command.update(acks=self.chance.choice([-1, -1, 1, 0]), records=batch(self.chance.choice([5, 40, 300])),
                           parts=[['ab'[self.chance.randrange(2)], i, 0] for i in range(self.chance.randrange(1, 4))])
            for part in command['parts']:
                part[2] = 10 * ('ab'.index(part[0]) + 1)
        if api in ('PRODUCE', 'INIT_PRODUCER_ID') and self.chance.random() < .4:
            command['txn'] = 'tx'
        if api == 'FIND_COORDINATOR':
            command['key_type'] = self.chance.choice([0, 1])
        if api == 'TXN_OFFSET_COMMIT' and self.chance.random() < .4:
            command.update(member='m', generation=3)
        if api == 'INIT_PRODUCER_ID' and self.chance.random() < .3:
            command.update(pid=7, epoch=1)
        if self.chance.random() < .3:
            command['txn_v2'] = False
        say(**command)

    def work(self):
        """A node is made ready and used."""
        node = self.leader()
        for _ in range(self.chance.randrange(1, 4)):
            say(op='ready', node=node)
            for _ in range(self.chance.randrange(1, 4)):
                self.working_poll()
        for _ in range(self.chance.randrange(1, 5)):
            self.send()
            if self.chance.random() < .7:
                self.poll(self.ids, ['write'])
        if self.chance.random() < .3:
            self.throttled(node)

    def throttled(self, node):
        """An answer asks for quiet while other requests of its connection wait, and these become late meanwhile."""
        for _ in range(self.chance.randrange(2, 6)):
            self.send(node)
            self.poll([node], ['write'])
        say(op='poll', timeout=0, ms=0, events=[dict(ev='answer', node=node, throttle=self.chance.choice([50, 200, 2000]))])
        for _ in range(2):
            say(op='poll', timeout=0, ms=self.chance.choice([90, 110, 900, 1000]), events=[])
            say(op='ready', node=node)

    def know(self):
        what = self.chance.random()
        topic = self.chance.choice(TOPICS)
        if what < .5:
            say(op='add_topic', topic=topic)
        elif what < .65:
            say(op='request_update', reset=self.chance.random() < .5)
        elif what < .75:
            say(op='request_update_for_topic', topic=topic)
        elif what < .82:
            say(op='newer_epoch', topic=topic, p=self.chance.randrange(3), epoch=self.epoch + self.chance.randrange(2))
        elif what < .93:
            parts = [dict(topic=self.chance.choice(TOPICS), p=self.chance.randrange(3),
                          leader=self.chance.choice([-1, self.leader(), self.leader()]),
                          epoch=self.chance.choice([-1, self.epoch, self.epoch + 1, self.epoch + 1]))
                     for _ in range(self.chance.randrange(1, 3))]
            say(op='leadership', parts=parts, brokers=self.brokers() if self.chance.random() < .5 else [])
        else:
            say(op='throw_for_topic', topic=topic)

    def rare(self):
        what = self.chance.random()
        if what < .35:
            self.cluster()
        elif what < .65:
            self.versions(self.node())
        elif what < .8:
            self.host()
        elif what < .93:
            say(op='disconnect', node=self.node())
        else:
            say(op='close', node=self.node())

    def play(self, steps):
        for _ in range(steps):
            what = self.chance.random()
            if what < .3:
                self.working_poll()
            elif what < .42:
                self.random_poll()
            elif what < .52:
                self.named('ready')
            elif what < .54:
                self.named('is_ready')
            elif what < .62:
                self.send()
            elif what < .70:
                self.work()
            elif what < .78:
                say(op='time', ms=self.chance.choice([1, 10, 50, 100, 500, 2000, 20000]))
            elif what < .82:
                say(op='least')
            elif what < .91:
                self.know()
            else:
                self.rare()
            self.metrics()
        if self.metrics_chance:
            say(op='metrics')
        if self.chance.random() < .2:
            say(op=self.chance.choice(['initiate_close', 'close_client']))
            say(op='ready', node=0)
            self.send()
            self.working_poll()
            say(op='close_client')


def main():
    metrics = sys.argv[1:2] == ['metrics']
    numbers = [int(number) for number in sys.argv[2 if metrics else 1:]]
    if len(numbers) not in (2, 3):
        sys.exit(__doc__)
    first, count, steps = (numbers + [50])[:3]
    for seed in range(first, first + count):
        Script(seed, metrics).play(steps)


main()
