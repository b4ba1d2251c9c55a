#!/usr/bin/env python3
"""Random scripts for producer_twin and the Java judge, one stream of JSON lines; each script begins with a "config" line.

usage: random_scripts.py idempotent|transactional[-metrics] FIRST_SEED COUNT [STEPS]

The same arguments give the same bytes. "idempotent" makes one producer in six a plain one; half of the transactional
ones use transaction.version 1. "-metrics" reads the metrics now and then, with windows of other lengths and with
sleeps that outlast them.
"""
import json
import random
import sys

PRODUCE_ERRORS = [
    'NOT_LEADER_OR_FOLLOWER', 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS',
    'UNKNOWN_PRODUCER_ID', 'DUPLICATE_SEQUENCE_NUMBER', 'MESSAGE_TOO_LARGE', 'UNKNOWN_TOPIC_OR_PARTITION',
    'TOPIC_AUTHORIZATION_FAILED', 'INVALID_RECORD', 'CORRUPT_MESSAGE', 'KAFKA_STORAGE_ERROR', 'INVALID_PRODUCER_EPOCH',
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'FENCED_LEADER_EPOCH', 'CLUSTER_AUTHORIZATION_FAILED', 'INVALID_TIMESTAMP',
]
TRANSACTION_ERRORS = [
    'CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE',
    'INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_TXN_STATE', 'INVALID_PRODUCER_ID_MAPPING',
    'TRANSACTION_ABORTABLE', 'TOPIC_AUTHORIZATION_FAILED', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'CLUSTER_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'UNKNOWN_PRODUCER_ID', 'OPERATION_NOT_ATTEMPTED',
    'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID', 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    'REQUEST_TIMED_OUT', 'UNKNOWN_SERVER_ERROR', 'UNKNOWN_TOPIC_OR_PARTITION',
]
# Rare enough that most transactions get somewhere.
FATAL = {'INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_TXN_STATE', 'INVALID_PRODUCER_ID_MAPPING',
         'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
         'UNKNOWN_SERVER_ERROR'}


def say(**command):
    print(json.dumps(command, separators=(',', ':')))


class Script:
    def __init__(self, kind, seed):
        self.chance = random.Random(seed)
        self.transactional = kind.startswith('transactional')
        # Of its own, so that the script is otherwise the same.
        self.metrics_chance = random.Random(seed) if kind.endswith('-metrics') else None
        pick = self.chance.choice
        self.nodes = pick([1, 2, 3])
        self.topics = {'t': pick([1, 2, 3, 5, 20])} if self.chance.random() < .7 else {'a': pick([1, 3, 8]), 'b': 2}
        config = dict(
            op='config', seed=seed, nodes=self.nodes, topics=self.topics, idempotent=self.chance.random() < .83,
            batch_size=pick([120, 200, 400, 1000]), linger_ms=pick([0, 0, 5, 50]), retry_backoff_ms=pick([0, 10, 100]),
            retry_backoff_max_ms=pick([100, 1000]), jitter=pick([0, 0.2]), request_timeout_ms=pick([500, 1000]),
            delivery_timeout_ms=pick([1500, 3000, 120000]), max_in_flight=pick([1, 2, 5]),
            max_request_size=pick([400, 1000, 1048576]), buffer_memory=pick([2000, 1000000]),
            retries=pick([0, 2, 2147483647]), acks=pick([-1, -1, -1, 1]), adaptive=self.chance.random() < .5,
            availability_timeout_ms=pick([0, 0, 100]), leader_epoch=pick([-1, 5]))
        if self.transactional:
            config.update(transactional_id='tx', txn_v2=self.chance.random() < .5)
        elif self.chance.random() < .05:
            config.update(idempotent=False, acks=0)
        if self.metrics_chance:
            config.update(metrics_num_samples=self.metrics_chance.choice([1, 2, 2, 3, 5]),
                          metrics_sample_window_ms=self.metrics_chance.choice([0, 1, 50, 300, 1000, 1000, 30000]),
                          client_id='c%d' % seed)
        say(**config)

    def metrics(self):
        if not self.metrics_chance or self.metrics_chance.random() > .15:
            return
        if self.metrics_chance.random() < .2:
            say(op='sleep', ms=self.metrics_chance.choice([300, 1000, 2500, 31000, 95000]))
        say(op='metrics')

    def partition(self):
        topic = self.chance.choice(list(self.topics))
        return topic, self.chance.randrange(self.topics[topic])

    def node(self):
        return self.chance.randrange(self.nodes)

    def send(self):
        command = dict(op='send', value_size=self.chance.choice([1, 10, 50, 100, 180, 350]))
        topic, partition = self.partition()
        command['topic'] = topic
        how = self.chance.random()
        if how < .5:
            command['partition'] = partition if self.chance.random() < .4 else min(partition, 1)
        elif how < .7:
            command['key'] = 'k%d' % self.chance.randrange(10)
        elif how < .72:
            del command['value_size']
        if self.chance.random() < .2:
            command['n'] = self.chance.randrange(2, 6)
        say(**command)

    def error(self):
        if not self.transactional or self.chance.random() < .4:
            return self.chance.choice(PRODUCE_ERRORS)
        error = self.chance.choice(TRANSACTION_ERRORS)
        return self.chance.choice(TRANSACTION_ERRORS) if error in FATAL else error

    def respond(self):
        command = dict(op='respond')
        if self.chance.random() < (.12 if self.transactional else .3):
            command['error'] = self.error()
        if command.get('error') == 'UNKNOWN_PRODUCER_ID':
            command['log_start_offset'] = self.chance.choice([-1, 0, 1000])
        if self.chance.random() < .1:
            command['node'] = self.node()
        if self.chance.random() < .1:
            command['coordinator'] = self.node()
        if self.chance.random() < .12:
            command['parts'] = [self.part() for _ in range(self.chance.randrange(1, 3))]
        say(**command)

    def rounds(self, most):
        """The cluster answers as it should for a while."""
        for _ in range(self.chance.randrange(1, most + 1)):
            say(op='poll')
            say(op='respond')

    def part(self):
        topic, partition = self.partition()
        part = dict(p=partition, topic=topic)
        if self.chance.random() < .8:
            part['error'] = self.error()
        if self.chance.random() < .2:
            part['record_errors'] = [[0, 'bad'], [1]][:self.chance.randrange(1, 3)]
        if self.chance.random() < .3:
            part.update(leader=self.node(), leader_epoch=self.chance.randrange(4, 12))
        if self.chance.random() < .2:
            part['log_append_time'] = 5
        return part

    def transaction(self):
        how = self.chance.random()
        if how < .40:
            say(op='begin_txn')
        elif how < .64:
            say(op='commit_txn')
        elif how < .80:
            say(op='abort_txn')
        elif how < .97:
            topic = self.chance.choice(list(self.topics))
            partitions = self.chance.sample(range(self.topics[topic]), self.chance.randrange(1, self.topics[topic] + 1))
            say(op='send_offsets', group=self.chance.choice(['g', 'g', 'h']), topic=topic, partitions=partitions,
                offset=self.chance.randrange(100))
        else:
            say(op='init_txn')

    def network(self):
        what = self.chance.random()
        if what < .35:
            say(op='disconnect', node=self.node(), backoff_ms=self.chance.choice([0, 50]))
        elif what < .55:
            say(op='throttle', node=self.node(), ms=self.chance.choice([10, 100]))
        elif what < .65:
            say(op='unreachable', node=self.node(), ms=self.chance.choice([50, 300]))
        elif what < .75:
            say(op='backoff', node=self.node(), ms=self.chance.choice([10, 100]))
        elif what < .85:
            say(op='delay_ready', node=self.node(), ms=self.chance.choice([20, 200]))
        else:
            topic, partition = self.partition()
            say(op='leader', topic=topic, partition=min(partition, 1), node=self.chance.choice([-1] + list(range(self.nodes))),
                now=self.chance.random() < .3)

    def rare(self):
        what = self.chance.random()
        if what < .3:
            say(op='flush')
        elif what < .5:
            say(op='flush_end')
        elif what < .8:
            say(op='metadata_freeze', on=self.chance.random() < .4)
        else:
            say(op='metadata_update')

    def play(self, steps):
        if self.transactional:
            say(op='init_txn')
            if self.chance.random() < .8:
                self.rounds(5)
        for _ in range(steps):
            self.metrics()
            if self.transactional and self.chance.random() < .15:
                self.transaction()
                continue
            if self.transactional and self.chance.random() < .1:
                self.rounds(6)
                continue
            what = self.chance.random()
            if what < .29:
                self.send()
            elif what < .61:
                say(op='poll')
            elif what < .83:
                self.respond()
            elif what < .92:
                say(op='sleep', ms=self.chance.choice([1, 5, 50, 100, 400, 1000]))
            elif what < .98:
                self.network()
            else:
                self.rare()
        say(op='metadata_freeze', on=False)
        end = self.chance.random()
        if end < .2:
            say(op='close')
        for _ in range(6):
            say(op='respond')
            say(op='poll')
        if end > .7:
            say(op='force_close')
        if self.metrics_chance:
            say(op='metrics')


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[1].removesuffix('-metrics') not in ('idempotent', 'transactional'):
        sys.exit(__doc__)
    first, count = int(sys.argv[2]), int(sys.argv[3])
    for seed in range(first, first + count):
        Script(sys.argv[1], seed).play(int(sys.argv[4]) if len(sys.argv) == 5 else 60)


main()
