#include <catch2/catch.hpp>

#include "producer/clients/metadata.h"
#include "support/client_stage.h"

using namespace linger;
using test::ClusterAnswer;
using test::CountedEntropy;

namespace {

const TopicPartition first{"topic-1", 0};

struct Stage {
  CountedEntropy entropy;
  ProducerMetadata metadata{ProducerMetadata::Config{100, 1000, 1000, 60000}};

  void update(const ClusterAnswer& answer, std::int64_t now_ms, bool partial = false,
              std::int16_t version = test::newest_metadata_version) {
    metadata.update_with_current_request_version(answer.build(), version, partial, now_ms, entropy);
  }
  void update_current_topics(std::int64_t now_ms) {
    ClusterAnswer answer;
    for (const std::string& topic : metadata.topics()) answer.partitions[topic] = 1;
    update(answer, now_ms);
  }
  std::int64_t to_next(std::int64_t now_ms) { return metadata.time_to_next_update(now_ms, entropy); }
  ClusterAnswer with_epoch(std::int32_t epoch, Uuid id = {}) {
    ClusterAnswer answer;
    answer.partitions["topic-1"] = 1;
    answer.epoch = epoch;
    if (!id.is_zero()) answer.ids["topic-1"] = id;
    return answer;
  }
  std::int32_t seen_epoch() { return metadata.last_seen_leader_epoch(first).value_or(no_leader_epoch).value(); }
};

}  // namespace

TEST_CASE("metadata asks at once after bootstrap and waits for expiry or backoff afterwards") {
  Stage stage;
  const std::int64_t now = 10'000;
  stage.metadata.bootstrap({{"host", 9092}}, stage.entropy);
  CHECK(stage.metadata.time_to_allow_update(now, stage.entropy) == 0);
  CHECK(stage.to_next(now) == 0);
  REQUIRE(stage.metadata.fetch().nodes().size() == 1);
  CHECK(stage.metadata.fetch().nodes()[0].id == NodeId{-1});

  stage.metadata.add("topic-1", now);
  stage.update_current_topics(now);
  CHECK(stage.to_next(now) == 1000);
  CHECK(stage.to_next(now + 400) == 600);
  stage.metadata.request_update(true);
  CHECK(stage.to_next(now) >= 80);
  CHECK(stage.to_next(now) <= 120);
  CHECK(stage.to_next(now + 120) == 0);
  stage.update_current_topics(now);
  CHECK(stage.to_next(now + 1000) == 0);
}

TEST_CASE("the jitter of the metadata backoff is drawn anew at each question") {
  Stage stage;
  stage.metadata.failed_update(10'000);
  stage.metadata.request_update(false);
  const auto before = stage.entropy.draws(DrawUse::metadata_backoff);
  const auto a = stage.to_next(10'000);
  const auto b = stage.to_next(10'000);
  CHECK(stage.entropy.draws(DrawUse::metadata_backoff) == before + 2);
  CHECK(a != b);
}

TEST_CASE("each question within the longest backoff takes its draws, also where expiry decides") {
  Stage stage;
  stage.metadata.add("topic-1", 10'000);
  stage.update_current_topics(10'000);
  stage.metadata.failed_update(10'000);
  for (std::int64_t now = 10'000; now < 11'000; ++now) {
    const auto before = stage.entropy.draws(DrawUse::metadata_backoff);
    CHECK(stage.to_next(now) >= 11'000 - now);
    REQUIRE(stage.entropy.draws(DrawUse::metadata_backoff) == before + 1);
  }
  const auto before = stage.entropy.draws(DrawUse::metadata_backoff);
  CHECK(stage.to_next(11'000) == 0);
  CHECK(stage.entropy.draws(DrawUse::metadata_backoff) == before);
}

TEST_CASE("failed attempts back off exponentially up to the longest backoff") {
  Stage stage;
  std::int64_t now = 100'000;
  for (const std::int64_t expected : {100, 200, 400, 800}) {
    stage.metadata.failed_update(now);
    stage.metadata.request_update(false);
    const std::int64_t wait = stage.to_next(now);
    CHECK(wait >= expected * 8 / 10 - 1);
    CHECK(wait <= std::min<std::int64_t>(1000, expected * 12 / 10));
    now += 5000;
  }
}

TEST_CASE("answers that say nothing new slow down retries but not new wishes") {
  Stage stage;
  stage.update({}, 0);
  stage.metadata.request_update(false);
  CHECK(stage.to_next(0) > 0);
  stage.update({}, 120);
  stage.metadata.request_update(false);
  CHECK(stage.to_next(120 + 100) > 0);  // the second equivalent answer: 200 ms, less 20 %
  CHECK(stage.to_next(120 + 240) == 0);
  stage.update({}, 360);
  stage.metadata.request_update(false);
  CHECK(stage.to_next(360 + 300) > 0);
  stage.metadata.request_update(true);
  CHECK(stage.to_next(360 + 120) == 0);
}

TEST_CASE("a newer leader epoch counts as progress, the same one does not") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  stage.update(stage.with_epoch(1), 0);
  stage.update(stage.with_epoch(1), 1000);
  stage.update(stage.with_epoch(1), 1120);
  stage.metadata.request_update(false);
  CHECK(stage.to_next(1120 + 150) > 0);
  stage.update(stage.with_epoch(2), 1400);
  stage.metadata.request_update(false);
  CHECK(stage.to_next(1400 + 120) == 0);
}

TEST_CASE("a topic added anew asks for itself without backoff") {
  Stage stage;
  const std::int64_t now = 10'000;
  stage.update_current_topics(now);
  stage.metadata.add("new-topic", now);
  CHECK(stage.to_next(now) == 0);
  stage.update_current_topics(now);
  stage.metadata.add("new-topic", now);
  CHECK(stage.to_next(now) == 1000);
  stage.metadata.add("another-new-topic", now);
  CHECK(stage.to_next(now) == 0);
}

TEST_CASE("a topic leaves the metadata when nobody used it for metadata.max.idle.ms") {
  Stage stage;
  std::int64_t now = 0;
  stage.metadata.add("topic1", now);
  stage.update_current_topics(now);
  CHECK(stage.metadata.contains_topic("topic1"));
  now += 60'000;
  stage.update_current_topics(now);
  CHECK_FALSE(stage.metadata.contains_topic("topic1"));

  stage.metadata.add("topic2", now);
  stage.update_current_topics(now);
  for (int i = 0; i < 3; ++i) {
    now += 30'000;
    stage.update_current_topics(now);
    CHECK(stage.metadata.contains_topic("topic2"));
    stage.metadata.add("topic2", now);
  }
  stage.metadata.add("topic3", now);
  now += 120'000;
  stage.update_current_topics(now);
  CHECK(stage.metadata.contains_topic("topic3"));
}

TEST_CASE("a partial answer settles only the new topics that it names") {
  Stage stage;
  const auto only = [](const std::string& topic) {
    ClusterAnswer answer;
    answer.partitions[topic] = 1;
    return answer;
  };
  stage.metadata.request_update(true);
  stage.update({}, 9000);
  stage.metadata.add("topic-one", 9500);
  CHECK(stage.metadata.new_metadata_request_and_version(9500).is_partial_update);
  CHECK(stage.metadata.new_metadata_request_and_version(9500).topics == std::vector<std::string>{"topic-one"});
  stage.update(only("topic-one"), 9600, true);
  CHECK_FALSE(stage.metadata.update_requested());
  CHECK(stage.metadata.new_topics().empty());
  stage.metadata.add("topic-one", 9600);
  CHECK_FALSE(stage.metadata.update_requested());

  stage.metadata.add("topic-two", 9700);
  stage.metadata.add("topic-three", 9800);
  stage.update(only("topic-two"), 9900, true);
  CHECK(stage.metadata.topics() == std::vector<std::string>{"topic-one", "topic-three", "topic-two"});
  CHECK(stage.metadata.new_topics() == std::set<std::string>{"topic-three"});
  CHECK(stage.metadata.fetch().topics() == std::vector<std::string>{"topic-one", "topic-two"});
  CHECK_FALSE(stage.metadata.new_metadata_request_and_version(10'000).is_partial_update);
}

TEST_CASE("a request made while another topic is asked for stays requested") {
  Stage stage;
  stage.metadata.add("topic-1", 10'000);
  const ProducerMetadata::Request request = stage.metadata.new_metadata_request_and_version(10'000);
  stage.metadata.add("topic-2", 10'000);
  stage.metadata.update(request.request_version, stage.with_epoch(1).build(), test::newest_metadata_version, true,
                        10'100, stage.entropy);
  CHECK(stage.metadata.update_requested());
  CHECK(stage.metadata.new_topics() == std::set<std::string>{"topic-2"});
}

TEST_CASE("asking for a known topic asks for a full update, which a partial answer does not settle") {
  Stage stage;
  stage.metadata.add("topic-1", 10'000);
  stage.metadata.request_update_for_topic("topic-1");
  stage.update(stage.with_epoch(1), 11'000, true);
  CHECK_FALSE(stage.metadata.update_requested());
  stage.metadata.request_update_for_topic("topic-1");
  stage.update(stage.with_epoch(1), 12'000, true);
  CHECK(stage.metadata.update_requested());
  stage.update(stage.with_epoch(1), 13'000);
  CHECK_FALSE(stage.metadata.update_requested());
}

TEST_CASE("leader epochs never go back unless the topic was created anew") {
  Stage stage;
  const Uuid id{1, 1};
  const Uuid other{2, 2};
  stage.metadata.add("topic-1", 0);
  stage.update(stage.with_epoch(100), 1);
  CHECK(stage.seen_epoch() == 100);
  stage.update(stage.with_epoch(99), 2);
  CHECK(stage.seen_epoch() == 100);
  CHECK(stage.metadata.fetch().leader_epoch_for(first) == LeaderEpoch{100});
  stage.update(stage.with_epoch(10, id), 3);
  CHECK(stage.seen_epoch() == 10);
  stage.update(stage.with_epoch(12, id), 4);
  CHECK(stage.seen_epoch() == 12);
  stage.update(stage.with_epoch(11, id), 5);
  CHECK(stage.seen_epoch() == 12);
  stage.update(stage.with_epoch(3, other), 6);
  CHECK(stage.seen_epoch() == 3);
  CHECK(stage.metadata.topic_ids().at("topic-1") == other);
  CHECK(stage.metadata.topic_names().at(other) == "topic-1");
}

TEST_CASE("an old answer leaves the whole cached partition as it is") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  stage.update(stage.with_epoch(10), 1);
  MetadataResponse stale = stage.with_epoch(9).build();
  stale.topics[0].partitions[0].isr_nodes = {};
  stage.metadata.update_with_current_request_version(stale, test::newest_metadata_version, false, 2, stage.entropy);
  CHECK(stage.metadata.fetch().partition(first)->in_sync_replicas.size() == 1);
  MetadataResponse current = stage.with_epoch(10).build();
  current.topics[0].partitions[0].isr_nodes = {};
  stage.metadata.update_with_current_request_version(current, test::newest_metadata_version, false, 3, stage.entropy);
  CHECK(stage.metadata.fetch().partition(first)->in_sync_replicas.empty());
}

TEST_CASE("epochs of answers before version 9 are not believed") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  stage.update(stage.with_epoch(10), 1, false, 8);
  CHECK_FALSE(stage.metadata.last_seen_leader_epoch(first).has_value());
  CHECK(stage.metadata.partition_metadata_if_current(first) != nullptr);
  stage.update(stage.with_epoch(10), 2, false, 9);
  CHECK(stage.seen_epoch() == 10);
}

TEST_CASE("an epoch learnt elsewhere hides the cached partition until metadata catches up") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  stage.update(stage.with_epoch(10), 1);
  CHECK(stage.metadata.current_leader(first).leader.has_value());
  CHECK_FALSE(stage.metadata.update_last_seen_epoch_if_newer(first, LeaderEpoch{10}));
  CHECK_FALSE(stage.metadata.update_requested());
  CHECK(stage.metadata.update_last_seen_epoch_if_newer(first, LeaderEpoch{12}));
  CHECK(stage.metadata.update_requested());
  CHECK(stage.metadata.partition_metadata_if_current(first) == nullptr);
  CHECK_FALSE(stage.metadata.current_leader(first).leader.has_value());
  CHECK(stage.metadata.current_leader(first).epoch == LeaderEpoch{12});
}

TEST_CASE("a leader that nobody described counts as no leader") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  MetadataResponse answer = stage.with_epoch(10).build();
  answer.topics[0].partitions[0].leader_id = 7;
  stage.metadata.update_with_current_request_version(answer, test::newest_metadata_version, false, 1, stage.entropy);
  CHECK(stage.metadata.fetch().leader_for(first) == nullptr);
  CHECK(stage.metadata.fetch().available_partitions_for_topic("topic-1").empty());
  CHECK(stage.metadata.fetch().partitions_for_topic("topic-1").size() == 1);
  CHECK(stage.metadata.fetch().leader_epoch_for(first) == LeaderEpoch{10});
}

TEST_CASE("hints of a produce answer are taken only when newer, complete and about something known") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  ClusterAnswer answer;
  answer.node_count = 2;
  answer.partitions["topic-1"] = 2;
  answer.epoch = 10;
  answer.ids["topic-1"] = Uuid{1, 1};
  stage.update(answer, 1);
  using Hint = ProducerMetadata::LeaderIdAndEpoch;
  const auto hint = [&](std::optional<std::int32_t> leader, std::int32_t epoch, std::vector<Node> nodes = {}) {
    const std::optional<NodeId> id = leader ? std::optional(NodeId{*leader}) : std::nullopt;
    return stage.metadata.update_partition_leadership({{first, Hint{id, LeaderEpoch{epoch}}}}, nodes, stage.entropy);
  };
  CHECK(hint(1, 10).empty());
  CHECK(hint(1, 9).empty());
  CHECK(hint(std::nullopt, 11).empty());
  CHECK(hint(5, 11).empty());
  CHECK(stage.metadata
            .update_partition_leadership({{TopicPartition{"other", 0}, Hint{NodeId{1}, LeaderEpoch{11}}}}, {},
                                         stage.entropy)
            .empty());
  CHECK(stage.metadata.fetch().leader_for(first)->id == NodeId{0});

  CHECK(hint(1, 11).size() == 1);
  CHECK(stage.metadata.fetch().leader_for(first)->id == NodeId{1});
  CHECK(stage.seen_epoch() == 11);
  CHECK(hint(5, 12, {Node{NodeId{5}, "host5", 9097, std::nullopt}}).size() == 1);
  CHECK(stage.metadata.fetch().leader_for(first)->host == "host5");
  CHECK(stage.metadata.fetch().nodes().size() == 3);
  CHECK(stage.metadata.fetch().leader_for(TopicPartition{"topic-1", 1})->id == NodeId{1});
  CHECK(stage.metadata.topic_ids().at("topic-1") == Uuid{1, 1});
  stage.update(answer, 2);
  CHECK(stage.metadata.fetch().leader_for(first) ==
        nullptr);  // the old answer lacks node 5 but may not take the epoch back
  CHECK(stage.seen_epoch() == 12);
}

TEST_CASE("a retriable error of a topic or partition asks for metadata again") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  ClusterAnswer missing;
  missing.errors["topic-1"] = ErrorCode::unknown_topic_or_partition;
  stage.update(missing, 1);
  CHECK(stage.metadata.update_requested());
  CHECK(stage.metadata.get_error("topic-1") == ErrorCode::unknown_topic_or_partition);
  MetadataResponse leaderless = stage.with_epoch(10).build();
  leaderless.topics[0].partitions[0].error_code = wire_code(ErrorCode::leader_not_available);
  leaderless.topics[0].partitions[0].leader_id = -1;
  stage.metadata.update_with_current_request_version(leaderless, test::newest_metadata_version, false, 2,
                                                     stage.entropy);
  CHECK(stage.metadata.update_requested());
  CHECK(stage.seen_epoch() == 10);
  CHECK_FALSE(stage.metadata.get_error("topic-1").has_value());
}

TEST_CASE("a refusal of a topic is told once, and asking about one topic forgets the others") {
  Stage stage;
  for (const char* topic : {"bad topic", "secret", "topic-1"}) stage.metadata.add(topic, 0);
  ClusterAnswer answer = stage.with_epoch(1);
  answer.errors["bad topic"] = ErrorCode::invalid_topic_exception;
  answer.errors["secret"] = ErrorCode::topic_authorization_failed;
  stage.update(answer, 1);
  const auto error = stage.metadata.maybe_throw_exception_for_topic("bad topic");
  REQUIRE(error.has_value());
  CHECK(error->exception == "InvalidTopicException");
  CHECK(error->message == "Invalid topics: [bad topic]");
  CHECK_FALSE(stage.metadata.maybe_throw_exception_for_topic("secret").has_value());
  stage.update(answer, 2);
  CHECK(stage.metadata.maybe_throw_exception_for_topic("secret")->exception == "TopicAuthorizationException");
  stage.metadata.fatal_error(kafka_exception("no way"));
  CHECK(stage.metadata.maybe_throw_exception_for_topic("topic-1")->message == "no way");
  CHECK_FALSE(stage.metadata.maybe_throw_fatal_exception().has_value());
}

TEST_CASE("rebootstrap forgets all but the first addresses") {
  Stage stage;
  stage.metadata.bootstrap({{"a", 1}, {"b", 2}}, stage.entropy);
  stage.metadata.add("topic-1", 0);
  stage.update(stage.with_epoch(10), 1);
  const int version = stage.metadata.update_version();
  stage.metadata.rebootstrap(stage.entropy);
  CHECK(stage.metadata.update_version() == version + 1);
  CHECK(stage.metadata.update_requested());
  CHECK(stage.metadata.fetch().nodes().size() == 2);
  CHECK(stage.metadata.fetch().node_by_id(NodeId{-2})->host == "b");
  CHECK(stage.metadata.fetch().topics().empty());
  CHECK(stage.seen_epoch() == 10);
}

TEST_CASE("a copy of the metadata goes its own way") {
  Stage stage;
  stage.metadata.add("topic-1", 0);
  stage.update(stage.with_epoch(10), 1);
  Stage copy = stage;
  copy.update(copy.with_epoch(20), 2);
  CHECK(copy.seen_epoch() == 20);
  CHECK(stage.seen_epoch() == 10);
  CHECK(stage.metadata.fetch().leader_epoch_for(first) == LeaderEpoch{10});
}
