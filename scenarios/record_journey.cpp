#include "scenarios/record_journey.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>
#include <unordered_map>

#include "protocol/frame.h"
#include "protocol/messages/produce.h"
#include "scenarios/log_records.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

namespace linger::scenarios {

using BrokerKind = broker::Observation::Kind;
using sim::SimTrace;
using sim::TraceRecord;

namespace {

constexpr std::int64_t produce_request_tag = static_cast<std::int64_t>(ApiKey::produce) * 2;

bool is(const TraceRecord& record, AppTrace kind) {
  return record.kind == trace_kind(kind);
}

}  // namespace

JourneyReader::JourneyReader(const Run& run) : run_(run) {
  const sim::Trace& trace = run.trace;
  assert(trace.keeps_frames());
  std::unordered_map<std::uint64_t, const sim::Bytes*> frames;
  for (const sim::Trace::Frame& frame : trace.frames()) frames.emplace(frame.record, &frame.bytes);

  std::map<std::tuple<std::int64_t, std::int64_t>, std::vector<std::size_t>>
      by_message;                                                        // (connection, ordinal) -> batches
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> by_event;  // delivery event -> batches
  constexpr std::uint64_t none = ~std::uint64_t{0};
  std::uint64_t leaving = none;  // the first batch of the request that is being written down
  for (std::uint64_t r = 0; r < trace.stored(); ++r) {
    const TraceRecord& record = trace.at(r);
    if (is(record, AppTrace::produce_sent)) {
      if (leaving == none) leaving = r;
    } else if (record.kind == sim::trace_kind(SimTrace::sent) && leaving != none) {
      const std::size_t first = batches_.size();
      const auto frame = frames.find(r);
      if (frame != frames.end() && record.args[2] == produce_request_tag) read_request(r, leaving, *frame->second);
      for (std::size_t b = first; b < batches_.size(); ++b) by_message[{record.args[0], record.args[3]}].push_back(b);
      leaving = none;
    } else if (record.kind == sim::trace_kind(SimTrace::delivered) && record.args[1] == 0 &&
               record.args[2] == produce_request_tag) {
      const auto message = by_message.find({record.args[0], record.args[3]});
      if (message == by_message.end()) continue;
      for (const std::size_t b : message->second) batches_[b].request.delivered = r;
      by_event[record.event.value()] = message->second;
    } else if (record.kind == trace_kind(BrokerKind::appended) && record.args[7] != 0) {
      const auto request = by_event.find(record.cause.value());
      if (request == by_event.end()) continue;
      for (const std::size_t b : request->second) {
        if (batches_[b].request.partition == trace.text(record.text)) appends_.push_back({r, b});
      }
    }
  }
}

std::uint32_t JourneyReader::topic_of(const std::string& partition) const {
  const std::string topic = partition.substr(0, partition.rfind('-'));
  const auto& topics = run_.setup->topics;
  return static_cast<std::uint32_t>(std::find(topics.begin(), topics.end(), topic) - topics.begin());
}

void JourneyReader::read_request(std::uint64_t record, std::uint64_t first_sent, const sim::Bytes& frame) {
  constexpr std::size_t length_bytes = 4;
  const auto decoded = decode_request<ProduceRequest>(frame.span().subspan(length_bytes));
  if (!decoded) return;
  const HostRole role = run_.setup->roles[run_.trace.at(record).host.value()];
  std::uint64_t sent = first_sent;  // one trace record a batch, in the order of the request
  for (const auto& topic : decoded.message.topic_data) {
    for (const auto& data : topic.partition_data) {
      if (sent >= record || !is(run_.trace.at(sent), AppTrace::produce_sent)) return;
      const TraceRecord& said = run_.trace.at(sent);
      Batch batch;
      batch.request = {
          sent, std::nullopt, said.args[0], said.args[1], std::string(run_.trace.text(said.text)), said.args[7],
          0,    said.args[2]};
      batch.producer = role.index;
      std::vector<LogRecord> records;
      read_log_records(data.records.bytes(), topic_of(batch.request.partition), records);
      for (const LogRecord& one : records) batch.records.push_back(one.identity);
      batches_.push_back(std::move(batch));
      ++sent;
    }
  }
}

RecordJourney JourneyReader::journey_of(RecordIndex index) const {
  const LedgerRecord& entry = run_.ledger.records[index];
  RecordJourney journey;
  journey.record = index;
  const sim::HostId host = run_.setup->producer_host(entry.producer);
  // Another process of the application may send the same bytes: what leaves after it began is no longer this one's.
  std::uint64_t process_ends = run_.trace.stored();
  for (std::uint64_t r = 0; r < run_.trace.stored(); ++r) {
    const TraceRecord& record = run_.trace.at(r);
    if (record.host != host) continue;
    if (is(record, AppTrace::app_send) && record.args[0] == index) journey.asked = r;
    const bool answer =
        is(record, AppTrace::app_acked) || is(record, AppTrace::app_failed) || is(record, AppTrace::app_refused);
    if (answer && record.args[0] == index) journey.told = r;
    if (is(record, AppTrace::app_restarted) && journey.asked && process_ends == run_.trace.stored()) process_ends = r;
  }
  const std::uint64_t begin = journey.asked.value_or(0);
  const std::uint64_t end = std::min(journey.told.value_or(process_ends), process_ends);
  std::map<std::size_t, std::size_t> requests;  // batch -> request
  for (std::size_t b = 0; b < batches_.size(); ++b) {
    const Batch& batch = batches_[b];
    if (batch.producer != entry.producer || batch.request.sent < begin || batch.request.sent > end) continue;
    const auto found = std::find(batch.records.begin(), batch.records.end(), entry.identity);
    if (found == batch.records.end()) continue;
    requests[b] = journey.requests.size();
    journey.requests.push_back(batch.request);
    journey.requests.back().place = found - batch.records.begin();
  }
  for (const Append& append : appends_) {
    const auto request = requests.find(append.batch);
    if (request == requests.end()) continue;
    const TraceRecord& record = run_.trace.at(append.record);
    const RecordRequest& carried = journey.requests[request->second];
    journey.copies.push_back({append.record, request->second, carried.partition, record.args[0] + carried.place});
  }
  return journey;
}

}  // namespace linger::scenarios
