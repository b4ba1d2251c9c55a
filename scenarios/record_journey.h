#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/runner.h"

namespace linger::scenarios {

/// A Produce request with a record in it. Places are indices in the trace.
struct RecordRequest {
  std::uint64_t sent = 0;  ///< produce_sent of its batch
  std::optional<std::uint64_t> delivered;
  std::int64_t connection = -1;
  std::int64_t correlation = -1;
  std::string partition;
  std::int64_t attempt = 1;
  std::int64_t place = 0;    ///< of the record in its batch
  std::int64_t records = 0;  ///< in its batch
};

/// A leader wrote a record into its log.
struct RecordCopy {
  std::uint64_t appended = 0;  ///< index in the trace
  std::size_t request = 0;     ///< index among the requests
  std::string partition;
  std::int64_t offset = 0;
};

/// Where one record went, read from the bytes of the requests: what a trace alone cannot say.
struct RecordJourney {
  RecordIndex record = no_record;
  std::optional<std::uint64_t> asked;  ///< app_send
  std::vector<RecordRequest> requests;
  std::vector<RecordCopy> copies;     ///< by leaders, in their order
  std::optional<std::uint64_t> told;  ///< app_acked, app_failed, app_refused
};

/// Follows records through runs. Twins, records of one producer with equal bytes that are under way at the same time,
/// cannot be told apart: each of them is then followed through the requests of all.
class JourneyReader {
 public:
  /// Requires a run that kept its frames; it must live as long as this.
  explicit JourneyReader(const Run& run);
  RecordJourney journey_of(RecordIndex record) const;

 private:
  struct Batch {
    RecordRequest request;
    std::uint32_t producer = 0;
    std::vector<std::uint64_t> records;  ///< their identities
  };
  void read_request(std::uint64_t record, std::uint64_t first_sent, const sim::Bytes& frame);
  std::uint32_t topic_of(const std::string& partition) const;

  const Run& run_;
  std::vector<Batch> batches_;
  struct Append {
    std::uint64_t record = 0;
    std::size_t batch = 0;
  };
  std::vector<Append> appends_;
};

}  // namespace linger::scenarios
