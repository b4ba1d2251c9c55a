#include <algorithm>
#include <catch2/catch.hpp>

#include "conformance/producer_clients_metadata_bench.h"

using namespace linger;
using test::ClusterAnswer;
using test::MetadataBench;
using test::TopicNames;

namespace {

constexpr std::int64_t start_ms = 1'700'000'000'000;

void check_time_to_next_update(std::int64_t backoff_ms, std::int64_t expire_ms) {
  CAPTURE(backoff_ms, expire_ms);
  std::int64_t now = 10'000;
  const std::int64_t larger = std::max(backoff_ms, expire_ms);
  // With equal bounds the backoff does not grow.
  MetadataBench bench;
  bench.metadata = ProducerMetadata(ProducerMetadata::Config{backoff_ms, backoff_ms, expire_ms, 60'000});
  CHECK(bench.next_update_ms(now) == 0);
  bench.update_with_nothing(now);
  CHECK(bench.next_update_ms(now) == larger);
  bench.metadata.request_update(true);
  CHECK(bench.next_update_ms(now) == backoff_ms);
  bench.update_with_nothing(now);
  CHECK(bench.next_update_ms(now) == larger);
  now += larger;
  CHECK(bench.next_update_ms(now) == 0);
  CHECK(bench.next_update_ms(now + 1) == 0);
}

bool about_one_backoff(std::int64_t ms) {
  return std::abs(ms - MetadataBench::backoff_ms) <= 40;
}

ClusterAnswer refused(const std::map<std::string, ErrorCode>& errors) {
  ClusterAnswer answer;
  answer.errors = errors;
  return answer;
}

/// What a caller hears that waits for the topic: the exception and its sentence.
std::string heard(MetadataBench& bench, const std::string& topic) {
  const auto error = bench.metadata.maybe_throw_exception_for_topic(topic);
  return error ? error->exception + " " + error->message : "";
}

bool names(const std::string& text, const std::string& exception, const std::string& topic) {
  return text.starts_with(exception) && text.find("[" + topic + "]") != std::string::npos;
}

MetadataResponse one_topic(const std::string& topic = "topic") {
  return MetadataBench::topic_answer(topic, -1).build();
}

/// Answers the request that would go out now, whatever was asked for.
void answer(MetadataBench& bench, const ProducerMetadata::Request& request, bool partial, std::int64_t now_ms,
            const std::string& topic = "topic") {
  bench.metadata.update(request.request_version, one_topic(topic), test::newest_metadata_version, partial, now_ms,
                        bench.entropy);
}

}  // namespace

TEST_CASE("MetadataTest.testUpdateMetadataAllowedImmediatelyAfterBootstrap") {
  MetadataBench bench;
  bench.metadata.bootstrap({{"localhost", 9002}}, bench.entropy);
  CHECK(bench.metadata.time_to_allow_update(start_ms, bench.entropy) == 0);
  CHECK(bench.next_update_ms(start_ms) == 0);
}

TEST_CASE("MetadataTest.testTimeToNextUpdate") {
  check_time_to_next_update(100, 1000);
  check_time_to_next_update(1000, 100);
  check_time_to_next_update(0, 0);
  check_time_to_next_update(0, 100);
  check_time_to_next_update(100, 0);
}

TEST_CASE("MetadataTest.testTimeToNextUpdateRetryBackoff") {
  std::int64_t now = 10'000;
  MetadataBench bench;
  bench.metadata.failed_update(now);
  CHECK(about_one_backoff(bench.next_update_ms(now)));
  bench.metadata.request_update(true);
  CHECK(about_one_backoff(bench.next_update_ms(now)));
  now += MetadataBench::backoff_ms + 120;
  CHECK(bench.next_update_ms(now) == 0);
  CHECK(bench.next_update_ms(now + 1) == 0);
}

TEST_CASE("MetadataTest.testFailedUpdate") {
  MetadataBench bench;
  bench.update_with_nothing(100);
  CHECK(bench.next_update_ms(1000) == 100);
  bench.metadata.failed_update(1100);
  CHECK(about_one_backoff(bench.next_update_ms(1100)));
  CHECK(bench.metadata.last_successful_update() == 100);
  bench.update_with_nothing(100);
  CHECK(about_one_backoff(bench.next_update_ms(1000)));
}

TEST_CASE("MetadataTest.testClusterCopy") {
  const std::string internal = "__consumer_offsets";
  MetadataBench bench;
  bench.add({"topic1", "topic2", "topic3", "topic4", internal});
  ClusterAnswer all;
  all.node_count = 4;
  all.partitions = {{"topic1", 2}, {"topic2", 3}, {internal, 3}};
  all.errors = {{"topic3", ErrorCode::invalid_topic_exception}, {"topic4", ErrorCode::topic_authorization_failed}};
  MetadataResponse response = all.build();
  response.cluster_id = "dummy";
  for (auto& topic : response.topics) topic.is_internal = topic.name == internal;
  bench.update(response, 0);

  const Cluster& cluster = bench.metadata.fetch();
  CHECK(cluster.cluster_id() == "dummy");
  CHECK(cluster.nodes().size() == 4);
  CHECK(cluster.invalid_topics() == TopicNames{"topic3"});
  CHECK(cluster.unauthorized_topics() == TopicNames{"topic4"});
  CHECK(cluster.topics().size() == 3);
  CHECK(cluster.internal_topics() == TopicNames{internal});
  CHECK(cluster.partitions_for_topic("topic1").size() == 2);
  CHECK(cluster.partitions_for_topic("topic2").size() == 3);
}

TEST_CASE("MetadataTest.testRequestVersion") {
  MetadataBench bench;
  ProducerMetadata& metadata = bench.metadata;
  metadata.request_update(true);
  answer(bench, metadata.new_metadata_request_and_version(start_ms), false, start_ms);
  CHECK_FALSE(metadata.update_requested());

  // Another topic is asked for while a request is under way.
  metadata.request_update_for_new_topics();
  const ProducerMetadata::Request under_way = metadata.new_metadata_request_and_version(start_ms);
  metadata.request_update_for_new_topics();
  answer(bench, under_way, true, start_ms);
  CHECK(metadata.update_requested());
  answer(bench, metadata.new_metadata_request_and_version(start_ms), true, start_ms);
  CHECK_FALSE(metadata.update_requested());
}

TEST_CASE("MetadataTest.testPartialMetadataUpdate") {
  MetadataBench bench;
  ProducerMetadata& metadata = bench.metadata;
  const auto next = [&](std::int64_t now_ms) { return metadata.new_metadata_request_and_version(now_ms); };
  CHECK_FALSE(metadata.update_requested());

  metadata.request_update(true);
  ProducerMetadata::Request request = next(start_ms);
  CHECK_FALSE(request.is_partial_update);
  answer(bench, request, false, start_ms);
  CHECK_FALSE(metadata.update_requested());

  metadata.request_update_for_new_topics();
  request = next(start_ms);
  CHECK(request.is_partial_update);
  answer(bench, request, true, start_ms);
  CHECK_FALSE(metadata.update_requested());

  metadata.request_update(true);
  metadata.request_update_for_new_topics();
  request = next(start_ms);
  CHECK_FALSE(request.is_partial_update);
  answer(bench, request, false, start_ms);
  CHECK_FALSE(metadata.update_requested());

  // Only new topics are asked for, but everything is due.
  metadata.request_update_for_new_topics();
  const std::int64_t refresh_ms = start_ms + metadata.metadata_expire_ms();
  request = next(refresh_ms);
  CHECK_FALSE(request.is_partial_update);
  answer(bench, request, true, refresh_ms);
  CHECK_FALSE(metadata.update_requested());

  metadata.request_update_for_new_topics();
  request = next(start_ms);
  CHECK(request.is_partial_update);
  metadata.request_update_for_new_topics();
  const ProducerMetadata::Request overlapping = next(start_ms);
  CHECK(overlapping.is_partial_update);
  CHECK(metadata.update_requested());
  answer(bench, request, true, start_ms, "topic-1");
  CHECK(metadata.update_requested());
  answer(bench, overlapping, true, start_ms, "topic-2");
  CHECK_FALSE(metadata.update_requested());
}

TEST_CASE("MetadataTest.testInvalidTopicError") {
  const std::string topic = "topic dfsa";
  MetadataBench bench;
  bench.add({topic});
  bench.update(refused({{topic, ErrorCode::invalid_topic_exception}}), 0);
  const std::string error = heard(bench, topic);
  CHECK(error.starts_with("InvalidTopicException"));
  CHECK(names(error, "InvalidTopicException", topic));
  REQUIRE(heard(bench, topic).empty());
  bench.update(refused({{topic, ErrorCode::invalid_topic_exception}}), 0);
  bench.update_with_nothing(0);
  REQUIRE(heard(bench, topic).empty());
}

TEST_CASE("MetadataTest.testTopicAuthorizationError") {
  MetadataBench bench;
  bench.add({"foo"});
  bench.update(refused({{"foo", ErrorCode::topic_authorization_failed}}), 0);
  const std::string error = heard(bench, "foo");
  CHECK(error.starts_with("TopicAuthorizationException"));
  CHECK(names(error, "TopicAuthorizationException", "foo"));
  REQUIRE(heard(bench, "foo").empty());
  bench.update(refused({{"foo", ErrorCode::topic_authorization_failed}}), 0);
  bench.update_with_nothing(0);
  REQUIRE(heard(bench, "foo").empty());
}

TEST_CASE("MetadataTest.testMetadataTopicErrors") {
  const std::map<std::string, ErrorCode> errors{{"invalidTopic", ErrorCode::invalid_topic_exception},
                                                {"sensitiveTopic1", ErrorCode::topic_authorization_failed},
                                                {"sensitiveTopic2", ErrorCode::topic_authorization_failed}};
  MetadataBench bench;
  bench.add({"invalidTopic", "sensitiveTopic1", "sensitiveTopic2"});
  const auto hears_nothing_more = [&] {
    for (const auto& [topic, error] : errors) REQUIRE(heard(bench, topic).empty());
  };
  bench.update(refused(errors), 0);
  std::string error = heard(bench, "sensitiveTopic1");
  CHECK(error.starts_with("TopicAuthorizationException"));
  CHECK(names(error, "TopicAuthorizationException", "sensitiveTopic1"));
  hears_nothing_more();

  bench.update(refused(errors), 0);
  error = heard(bench, "sensitiveTopic2");
  CHECK(error.starts_with("TopicAuthorizationException"));
  CHECK(names(error, "TopicAuthorizationException", "sensitiveTopic2"));
  hears_nothing_more();

  bench.update(refused(errors), 0);
  error = heard(bench, "invalidTopic");
  CHECK(error.starts_with("InvalidTopicException"));
  CHECK(names(error, "InvalidTopicException", "invalidTopic"));
  hears_nothing_more();

  // Asking for another topic clears them as well.
  bench.update(refused(errors), 0);
  REQUIRE(heard(bench, "anotherTopic").empty());
  hears_nothing_more();
}

TEST_CASE("MetadataTest.testMetadataMerge") {
  const Uuid old_id{7, 1};
  const Uuid keep_id{7, 2};
  const Uuid new_id{7, 3};
  MetadataBench bench;
  const auto id_of = [&](const std::string& topic) {
    const auto& ids = bench.metadata.topic_ids();
    return ids.contains(topic) ? ids.at(topic) : Uuid{};
  };
  const auto update = [&](ClusterAnswer answer, const std::string& cluster_id, std::int64_t now_ms) {
    MetadataResponse response = answer.build();
    response.cluster_id = cluster_id;
    bench.update(response, now_ms, true);
  };

  bench.add({"oldInvalid", "keepInvalid", "oldUnauthorized", "keepUnauthorized", "oldValid", "keepValid"}, start_ms);
  ClusterAnswer older;
  older.node_count = 2;
  older.epoch = 100;
  older.partitions = {{"oldValid", 2}, {"keepValid", 3}};
  older.ids = {{"oldValid", old_id}, {"keepValid", keep_id}};
  older.errors = {{"oldInvalid", ErrorCode::invalid_topic_exception},
                  {"keepInvalid", ErrorCode::invalid_topic_exception},
                  {"oldUnauthorized", ErrorCode::topic_authorization_failed},
                  {"keepUnauthorized", ErrorCode::topic_authorization_failed}};
  update(older, "oldClusterId", start_ms);
  CHECK((id_of("oldValid") == old_id && id_of("keepValid") == keep_id && id_of("oldInvalid").is_zero()));
  CHECK(bench.metadata.fetch().cluster_id() == "oldClusterId");
  CHECK(bench.metadata.fetch().nodes().size() == 2);
  CHECK(bench.metadata.fetch().invalid_topics() == TopicNames{"oldInvalid", "keepInvalid"});
  CHECK(bench.metadata.fetch().unauthorized_topics() == TopicNames{"oldUnauthorized", "keepUnauthorized"});
  CHECK(bench.known_topics() == TopicNames{"oldValid", "keepValid"});
  CHECK(bench.metadata.fetch().partitions_for_topic("oldValid").size() == 2);
  CHECK(bench.metadata.fetch().partitions_for_topic("keepValid").size() == 3);
  CHECK(bench.metadata.fetch().topic_ids().size() == 2);

  // What is used again stays, the old ones have been idle for too long.
  const std::int64_t later_ms = start_ms + MetadataBench::idle_ms;
  bench.add({"keepInvalid", "newInvalid", "keepUnauthorized", "newUnauthorized", "keepValid", "newValid"},
            later_ms - 1);
  ClusterAnswer newer;
  newer.node_count = 3;
  newer.epoch = 200;
  newer.partitions = {{"keepValid", 2}, {"newValid", 4}};
  newer.ids = {{"keepValid", keep_id}, {"newValid", new_id}};
  newer.errors = {{"newInvalid", ErrorCode::invalid_topic_exception},
                  {"newUnauthorized", ErrorCode::topic_authorization_failed}};
  update(newer, "newClusterId", later_ms);
  CHECK((id_of("newValid") == new_id && id_of("keepValid") == keep_id));
  CHECK(id_of("oldValid").is_zero());
  CHECK(bench.metadata.fetch().cluster_id() == "newClusterId");
  CHECK(bench.metadata.fetch().nodes().size() == 3);
  CHECK(bench.metadata.fetch().invalid_topics() == TopicNames{"keepInvalid", "newInvalid"});
  CHECK(bench.metadata.fetch().unauthorized_topics() == TopicNames{"keepUnauthorized", "newUnauthorized"});
  CHECK(bench.known_topics() == TopicNames{"keepValid", "newValid"});
  CHECK(bench.metadata.fetch().partitions_for_topic("keepValid").size() == 2);
  CHECK(bench.metadata.fetch().partitions_for_topic("newValid").size() == 4);
  CHECK(bench.metadata.fetch().topic_ids().size() == 2);

  newer.epoch = 300;
  update(newer, "newClusterId", later_ms + MetadataBench::idle_ms);
  CHECK((id_of("newValid").is_zero() && id_of("keepValid").is_zero()));
  CHECK(bench.metadata.fetch().cluster_id() == "newClusterId");
  CHECK(bench.metadata.fetch().nodes().size() == 3);
  CHECK(bench.metadata.fetch().invalid_topics().empty());
  CHECK(bench.metadata.fetch().unauthorized_topics().empty());
  CHECK(bench.known_topics().empty());
  CHECK(bench.metadata.fetch().topic_ids().empty());
}

TEST_CASE("MetadataTest.testMetadataMergeOnIdDowngrade") {
  const Uuid first_id{7, 1};
  const Uuid second_id{7, 2};
  MetadataBench bench;
  const auto ids_are = [&](const std::map<std::string, Uuid>& ids) { return bench.metadata.topic_ids() == ids; };
  bench.add({"validTopic1", "validTopic2"});
  ClusterAnswer answer;
  answer.node_count = 2;
  answer.epoch = 100;
  answer.partitions = {{"validTopic1", 2}, {"validTopic2", 3}};
  answer.ids = {{"validTopic1", first_id}, {"validTopic2", second_id}};
  bench.update(answer, 0, true);
  CHECK(ids_are({{"validTopic1", first_id}, {"validTopic2", second_id}}));

  // A controller that knows no ids answers.
  answer.epoch = 200;
  answer.ids.erase("validTopic1");
  bench.update(answer, 0, true);
  CHECK(ids_are({{"validTopic2", second_id}}));
  CHECK(bench.known_topics() == TopicNames{"validTopic1", "validTopic2"});
  CHECK(bench.metadata.fetch().partitions_for_topic("validTopic1").size() == 2);
  CHECK(bench.metadata.fetch().topic_ids() == std::map<std::string, Uuid>{{"validTopic2", second_id}});
  CHECK(bench.metadata.fetch().topic_id("validTopic1").is_zero());
}
