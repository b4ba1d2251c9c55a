#include "producer/producer_behaviour.h"

#include <array>

namespace linger {
namespace {

using Behaviour = ProducerBehaviour;

constexpr std::array fields{
    ProducerBehaviourField{"producer.inflight_scope", "connection", "partition", true, "KAFKA-3197",
                           &Behaviour::inflight_scope},
    ProducerBehaviourField{"producer.renumber_order", "container", "sequence", true, "KAFKA-8483",
                           &Behaviour::renumber_order},
    ProducerBehaviourField{"producer.inflight_key", "base_seq", "batch", true, "KAFKA-13794", &Behaviour::inflight_key},
    ProducerBehaviourField{"producer.on_delivery_timeout", "renumber", "mark_unresolved", true, "KAFKA-14397",
                           &Behaviour::on_delivery_timeout},
    ProducerBehaviourField{"producer.release_buffer_on_expiry", "immediate", "on_completion", true, "KAFKA-19012",
                           &Behaviour::release_buffer_on_expiry},
    ProducerBehaviourField{"producer.flush_tracks_split_children", "false", "true", true, "KAFKA-19479",
                           &Behaviour::flush_tracks_split_children},
    ProducerBehaviourField{"producer.keep_seq_when_topic_vanishes", "false", "true", true, "librdkafka 1.9.0",
                           &Behaviour::keep_seq_when_topic_vanishes},
    ProducerBehaviourField{"producer.epoch_bump_drains_inflight", "false", "true", true, "librdkafka #4953",
                           &Behaviour::epoch_bump_drains_inflight},
    ProducerBehaviourField{"producer.epoch_bump_awaits_unknown", "false", "true", false, "KAFKA-14034",
                           &Behaviour::epoch_bump_awaits_unknown},
    ProducerBehaviourField{"producer.inflight_limit", "connection", "partition", false, "KAFKA-17926 (related)",
                           &Behaviour::inflight_limit},
    ProducerBehaviourField{"txn.local_expiry_fails_txn", "false", "true", true, "KAFKA-5385",
                           &Behaviour::local_expiry_fails_txn},
    ProducerBehaviourField{"txn.on_oooseq", "init_producer_id", "abortable_error", true, "librdkafka #3575",
                           &Behaviour::on_oooseq},
    ProducerBehaviourField{"txn.answer_after_reset", "throws", "settles", false,
                           "IllegalStateException in handleCompletedBatch", &Behaviour::settles_after_reset},
};

}  // namespace

std::span<const ProducerBehaviourField> producer_behaviours() {
  return fields;
}

ProducerBehaviour corrected_producer_behaviour() {
  ProducerBehaviour behaviour;
  for (const ProducerBehaviourField& field : fields) {
    behaviour.*field.member = true;
  }
  return behaviour;
}

}  // namespace linger
