#include <catch2/catch.hpp>
#include <set>

#include "protocol/api_key.h"
#include "protocol/error_code.h"
#include "protocol/ids.h"
#include "protocol/wire.h"

using namespace linger;

TEST_CASE("an error has Kafka's name, number, exception and kind") {
  CHECK(wire_code(ErrorCode::not_leader_or_follower) == 6);
  CHECK(error_name(ErrorCode::not_leader_or_follower) == "NOT_LEADER_OR_FOLLOWER");
  CHECK(exception_name(ErrorCode::not_leader_or_follower) == "NotLeaderOrFollowerException");
  CHECK(is_retriable(ErrorCode::not_leader_or_follower));
  CHECK(invalidates_metadata(ErrorCode::not_leader_or_follower));
  CHECK(is_retriable(ErrorCode::request_timed_out));
  CHECK_FALSE(invalidates_metadata(ErrorCode::request_timed_out));
  CHECK(exception_name(ErrorCode::request_timed_out) == "TimeoutException");
  CHECK_FALSE(is_retriable(ErrorCode::message_too_large));
  CHECK(exception_name(ErrorCode::none).empty());
}

TEST_CASE("every error is found by its name, and the names differ") {
  std::set<std::string_view> names;
  for (const ErrorCode error : all_error_codes()) {
    CHECK(error_from_name(error_name(error)) == error);
    CHECK(error_from_wire(wire_code(error)) == error);
    CHECK_FALSE(error_message(error).empty());
    CHECK((error == ErrorCode::none || error == ErrorCode::unknown_server_error || !exception_name(error).empty()));
    names.insert(error_name(error));
  }
  CHECK(names.size() == 135);
  CHECK_FALSE(error_from_name("NO_SUCH_ERROR"));
}

TEST_CASE("an error number that 4.3.1 does not know is an unknown server error") {
  CHECK(error_from_wire(134) == ErrorCode::unknown_server_error);
  CHECK(error_from_wire(-2) == ErrorCode::unknown_server_error);
  CHECK(error_from_wire(32767) == ErrorCode::unknown_server_error);
}

TEST_CASE("an API has its versions and headers") {
  CHECK(api_info(ApiKey::produce).versions == VersionRange{3, 13});
  CHECK(api_info(ApiKey::leader_and_isr).versions.max < api_info(ApiKey::leader_and_isr).versions.min);
  CHECK(api_info(ApiKey::init_producer_id).versions.max == 6);
  CHECK(api_info(ApiKey::init_producer_id).latest_stable == 5);
  CHECK(request_header_version(ApiKey::produce, 8) == 1);
  CHECK(request_header_version(ApiKey::produce, 9) == 2);
  CHECK(response_header_version(ApiKey::produce, 9) == 1);
  CHECK(request_header_version(ApiKey::api_versions, 3) == 2);
  CHECK(response_header_version(ApiKey::api_versions, 3) == 0);
  CHECK(api_key_from_wire(92) == ApiKey::delete_share_group_offsets);
  CHECK_FALSE(api_key_from_wire(93));
  CHECK_FALSE(api_key_from_wire(-1));
  CHECK(api_key_from_name("ALTER_PARTITION") == ApiKey::alter_partition);
  CHECK(all_apis().size() == 93);
}

TEST_CASE("a topic id prints as Kafka prints it and reads back") {
  const Uuid one{0, 1};
  CHECK(one.describe() == "AAAAAAAAAAAAAAAAAAAAAQ");
  CHECK((Uuid{0x123e'4567'e89b'12d3, 0xa456'4266'1417'4000}).describe() == "Ej5FZ-ibEtOkVkJmFBdAAA");
  CHECK(Uuid::parse("Ej5FZ-ibEtOkVkJmFBdAAA") == Uuid{0x123e'4567'e89b'12d3, 0xa456'4266'1417'4000});
  CHECK_FALSE(Uuid::parse("Ej5FZ-ibEtOkVkJmFBdAAB"));
  CHECK_FALSE(Uuid::parse("Ej5FZ-ibEtOkVkJmFBdA"));
  CHECK_FALSE(Uuid::parse("Ej5FZ+ibEtOkVkJmFBdAAA"));
}

TEST_CASE("sequences wrap to 0 behind the largest int") {
  CHECK(increment_sequence(2147483647, 1) == 0);
  CHECK(increment_sequence(2147483645, 10) == 7);
  CHECK(decrement_sequence(0, 1) == 2147483647);
}

TEST_CASE("every fault has a sentence") {
  for (int i = 0; i <= static_cast<int>(WireFault::bad_compression); ++i) {
    CHECK(describe(static_cast<WireFault>(i)) != "unknown fault");
  }
  CHECK(WireError{WireFault::null_not_allowed, "Name"}.describe() == "null where none is allowed (Name)");
}
