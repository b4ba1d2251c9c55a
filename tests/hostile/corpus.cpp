#include "hostile/corpus.h"

#include "protocol/frame.h"
#include "protocol/memory_records_builder.h"
#include "protocol/messages/all.h"
#include "support/random_message.h"

namespace linger::testing {
namespace {

/// Decompressing one batch may take this many times its bytes; with the output vector's growth it stays below 16.
constexpr std::size_t decompression_factor = 8;

bool decode_batches(BytesView input, std::int16_t /*version*/) {
  BatchCursor batches{input};
  bool ok = true;
  while (const auto batch = batches.next()) {
    // The checksum stops nearly every mutant; what lies behind it must hold without it.
    (void)batch->check();
    Bytes scratch;
    RecordCursor records{*batch, scratch, decompression_factor * batch->size_in_bytes()};
    RecordView record;
    std::size_t sum = 0;
    while (records.next(record)) {
      // Touch what the views show: a view past the end is an error that the sanitizer sees.
      for (const auto& bytes : {record.key, record.value}) {
        if (bytes && !bytes->empty())
          sum += static_cast<std::size_t>(bytes->front()) + static_cast<std::size_t>(bytes->back());
      }
    }
    ok = ok && !records.error() && sum != 1;
  }
  return ok && !batches.error();
}

template <RequestMessage M>
bool decode_request_frame(BytesView input, std::int16_t /*version*/) {
  return static_cast<bool>(decode_request<M>(input));
}

/// The request, and then the batches in it, as a broker does; each with its own bound on memory, so the request is gone
/// by then.
bool decode_produce_frame(BytesView input, std::int16_t /*version*/) {
  std::array<BytesView, 8> batches;
  std::size_t count = 0;
  bool ok = false;
  {
    const auto request = decode_request<ProduceRequest>(input);
    ok = static_cast<bool>(request);
    for (const auto& topic : request.message.topic_data) {
      for (const auto& partition : topic.partition_data) {
        if (count < batches.size()) batches[count++] = partition.records.bytes();
      }
    }
  }
  for (std::size_t i = 0; i < count; ++i) ok = decode_batches(batches[i], 0) && ok;
  return ok;
}

template <Message M>
bool decode_response_frame(BytesView input, std::int16_t version) {
  return static_cast<bool>(decode_response<M>(input, version));
}

template <Message M>
bool decode_body(BytesView input, std::int16_t version) {
  Reader reader{input};
  return static_cast<bool>(decode_whole<M>(reader, version));
}

Bytes without_length(const Bytes& frame) {
  return {frame.begin() + 4, frame.end()};
}

struct AddMessages {
  std::vector<Specimen>& corpus;
  Random& random;

  template <Message M>
  void operator()() const {
    for (std::int16_t version = M::spec.valid.min; version <= M::spec.valid.max; ++version) {
      const M message = random_message<M>(random, version);
      Specimen specimen{std::string{M::spec.name}, version, {}, nullptr};
      Bytes frame;
      if constexpr (RequestMessage<M>) {
        encode_request(frame, message, version, CorrelationId{7}, "client");
        specimen.bytes = without_length(frame);
        specimen.decode = decode_request_frame<M>;
      } else if constexpr (M::spec.type == MessageType::response) {
        encode_response(frame, message, version, CorrelationId{7});
        specimen.bytes = without_length(frame);
        specimen.decode = decode_response_frame<M>;
      } else {
        Writer writer{specimen.bytes};
        encode_message(message, version, writer);
        specimen.decode = decode_body<M>;
      }
      corpus.push_back(std::move(specimen));
    }
  }
};

Bytes make_batch(Random& random, CompressionType codec, std::size_t records) {
  BatchOptions options;
  options.compression = Compression::of(codec);
  options.producer = {ProducerId{1}, ProducerEpoch{0}};
  options.base_sequence = 0;
  MemoryRecordsBuilder builder{options};
  Bytes buffer;
  for (std::size_t i = 0; i < records; ++i) {
    const BytesView value = records_pool().first(random.below(64));
    const RecordHeader headers[] = {{"name", value}, {"none", std::nullopt}};
    const OptionalBytes key = random.one_in(3) ? OptionalBytes{} : OptionalBytes{value.first(value.size() / 2)};
    builder.append(buffer, static_cast<std::int64_t>(1000 + random.below(100)), key, value,
                   std::span{headers}.first(random.below(3)));
  }
  builder.close(buffer);
  const BytesView batch = builder.records(buffer);
  return {batch.begin(), batch.end()};
}

}  // namespace

std::vector<Specimen> make_corpus(std::uint64_t seed) {
  Random random{seed};
  std::vector<Specimen> corpus;
  for_each_message(AddMessages{corpus, random});
  for (int codec = 0; codec < compression_types; ++codec) {
    for (const std::size_t records : {1U, 4U, 40U}) {
      const Bytes batch = make_batch(random, static_cast<CompressionType>(codec), records);
      corpus.push_back(
          {"batch " + std::string{compression_name(static_cast<CompressionType>(codec))}, 0, batch, decode_batches});
      ProduceRequest request;
      request.acks = -1;
      request.topic_data.push_back({"orders", {}, {{0, RecordsView{batch}}}});
      Bytes frame;
      encode_request(frame, request, 12, CorrelationId{1}, "client");
      corpus.push_back({"ProduceRequest with batch", 12, without_length(frame), decode_produce_frame});
    }
  }
  return corpus;
}

}  // namespace linger::testing
