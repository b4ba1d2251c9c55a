#include "scenarios/log_records.h"

#include <algorithm>

#include "protocol/record_batch.h"
#include "scenarios/ledger.h"

namespace linger::scenarios {

namespace {

void add(IdentityHash& hash, const OptionalBytes& bytes) {
  hash.add(bytes ? bytes->data() : nullptr, bytes ? static_cast<std::int64_t>(bytes->size()) : -1);
}

}  // namespace

bool read_log_records(BytesView batches, std::uint32_t topic, std::vector<LogRecord>& out, std::vector<LogMarker>* markers) {
  BatchCursor cursor{batches};
  linger::Bytes scratch;
  while (const auto batch = cursor.next()) {
    const RecordBatchHeader header = batch->header();
    if (batch->check()) return false;
    if (header.control && markers == nullptr) continue;
    RecordCursor records{*batch, scratch};
    // A record has at least seven bytes, whatever the header claims. Doubling keeps many batches cheap as well.
    const auto claimed = static_cast<std::size_t>(std::max(header.record_count, 0));
    const std::size_t more = header.compression == CompressionType::none ? std::min(claimed, batch->size_in_bytes() / 7) : 0;
    if (out.capacity() < out.size() + more) out.reserve(std::max(out.size() + more, 2 * out.size()));
    RecordView record;
    while (records.next(record)) {
      if (header.control) {
        const auto type = parse_control_record_key(record.key);
        const bool ends = type == ControlRecordType::commit || type == ControlRecordType::abort;
        if (ends) markers->push_back({record.offset, header.producer.id, type == ControlRecordType::commit});
        continue;
      }
      IdentityHash identity{topic};
      add(identity, record.key);
      add(identity, record.value);
      if (record.header_count > 0) {
        for (const RecordHeader& one : record.headers()) {
          identity.add(reinterpret_cast<const std::byte*>(one.key.data()), static_cast<std::int64_t>(one.key.size()));
          add(identity, one.value);
        }
      }
      LogRecord found;
      found.offset = record.offset;
      found.leader_epoch = header.partition_leader_epoch.value();
      found.producer = header.producer;
      found.sequence = record.sequence;
      found.timestamp = record.timestamp;
      found.identity = identity.value();
      if (record.value && record.value->size() >= generated_prefix_bytes) {
        found.stated_producer = std::int64_t{wire::load<std::uint32_t>(record.value->data())} - 1;
        found.stated_number = wire::load<std::uint32_t>(record.value->data() + 4);
      }
      if (header.transactional) found.standing = Standing::open;
      out.push_back(found);
    }
    if (records.error()) return false;
  }
  return !cursor.error();
}

void decide(std::vector<LogRecord>& records, const std::vector<LogMarker>& markers) {
  for (LogRecord& record : records) {
    if (record.standing != Standing::open) continue;
    const auto end = std::find_if(markers.begin(), markers.end(),
                                  [&](const LogMarker& marker) { return marker.producer == record.producer.id && marker.offset > record.offset; });
    if (end != markers.end()) record.standing = end->commit ? Standing::committed : Standing::aborted;
  }
}

void write_generated_prefix(std::byte* to, std::uint32_t producer, std::uint64_t number) {
  wire::store<std::uint32_t>(to, producer + 1);
  wire::store<std::uint32_t>(to + 4, static_cast<std::uint32_t>(number));
}

}  // namespace linger::scenarios
