#include "ui/gui/model/partition_panel.h"

#include <algorithm>
#include <array>

#include "ui/gui/model/producer_panel.h"
#include "ui/gui/model/say.h"
#include "ui/gui/model/sheet.h"

namespace linger::gui {
namespace {

std::string broker_name(std::int32_t node) {
  return "b" + std::to_string(node);
}

/// Offsets of all replicas on one scale.
struct Scale {
  std::int64_t from = 0;  ///< first offset that is shown
  double left = 0, cell = 1;
  double x(std::int64_t offset) const { return left + static_cast<double>(std::max(offset, from) - from) * cell; }
};

Scale scale_of(const PartitionFacts& facts, double left, double width) {
  std::int64_t from = -1;
  std::int64_t end = 0;
  for (const ReplicaFacts& one : facts.replicas) {
    const std::int64_t first = one.pieces.empty() ? one.log_end : std::max(one.log_start, one.pieces.front().first);
    from = from < 0 ? first : std::min(from, first);
    end = std::max({end, one.log_end, one.high_watermark});
  }
  from = std::max<std::int64_t>(0, from);
  // A log of few records has room for the next ones, a full strip a little.
  const double count = static_cast<double>(end - from);
  const double cells = count < 5 ? 5 : count * 1.08;
  return {from, left, width / cells};
}

/// Colours of producers in the order in which they first wrote.
Paint paint_of(std::int64_t producer_id, std::vector<std::int64_t>& known) {
  constexpr std::array<Paint, 4> paints{Paint::blue, Paint::green, Paint::vermillion, Paint::mid};
  auto found = std::find(known.begin(), known.end(), producer_id);
  if (found == known.end()) found = known.insert(known.end(), producer_id);
  return paints[static_cast<std::size_t>(found - known.begin()) % paints.size()];
}

std::string piece_in_words(const LogPiece& piece, const Say& say) {
  std::string out = say(Str::c_offsets, {seq_range(piece.first, piece.last)}) + " · " +
                    say(Str::c_leader_epoch, {std::to_string(piece.leader_epoch)});
  if (piece.marker != LogPiece::Marker::none)
    return out + " · " + (piece.marker == LogPiece::Marker::commit ? "COMMIT" : "ABORT");
  if (piece.producer_id >= 0)
    out += " · pid " + std::to_string(piece.producer_id) + ", epoch " + std::to_string(piece.epoch) + ", seq " +
           std::to_string(piece.base_sequence);
  return out;
}

struct StripContext {
  const Scale& scale;
  std::int32_t first_epoch;  ///< the oldest leader epoch in the strips
  std::vector<std::int64_t>& producers;
  const Say& say;
};

/// One batch of a log, as far as it is on the scale.
void draw_piece(const LogPiece& piece, const StripContext& context, double top, double height, PanelPicture& out) {
  const Scale& scale = context.scale;
  if (piece.last < scale.from) return;
  const Box box{scale.x(piece.first), top, scale.x(piece.last + 1) - scale.x(piece.first), height};
  const bool marker = piece.marker != LogPiece::Marker::none;
  const Paint producer = marker ? Paint::ink : paint_of(piece.producer_id, context.producers);
  const Paint paint = piece.again ? Paint::orange : producer;
  out.fill(box, paint, marker ? 0.55 : 0.3);
  const bool newer = piece.leader_epoch > context.first_epoch;
  if (box.width >= 4 && (piece.again || newer) && !marker) out.hatch(box, piece.again ? Paint::orange : Paint::purple);
  if (box.width >= 4) out.frame(box, paint);
  // A number for each offset where there is room for it, else one for the batch.
  const auto label = [&](std::int64_t offset, double x, double wide, const std::string& words) {
    const double need = words_width(words, 12, Face::mono);
    if (marker || wide < need + 4) return;
    const double middle = top + height / 2;
    if (piece.again || newer) out.fill({x + wide / 2 - need / 2 - 1, middle - 7, need + 2, 14}, Paint::ground, 0.85);
    out.text({x, middle + 4.5}, wide, words, Paint::ink, Face::mono, Align::centre, 12);
    static_cast<void>(offset);
  };
  if (scale.cell >= 20) {
    for (std::int64_t offset = std::max(piece.first, scale.from); offset <= piece.last; ++offset) {
      if (offset > piece.first && !marker) out.line({scale.x(offset), top}, {scale.x(offset), top + height}, paint, 1);
      label(offset, scale.x(offset), scale.cell, std::to_string(offset));
    }
  } else {
    const std::string range = seq_range(piece.first, piece.last);
    const bool all = box.width >= words_width(range, 12, Face::mono) + 4;
    label(piece.first, box.x, box.width, all ? range : std::to_string(piece.first));
  }
  if (box.width >= 3) out.touches.push_back({box, {piece_in_words(piece, context.say)}, std::nullopt, std::nullopt});
}

Paint role_paint(const ReplicaFacts& one, const PartitionFacts& facts) {
  if (one.down) return Paint::vermillion_text;
  if (one.leads) return one.node == facts.leader ? Paint::purple_text : Paint::vermillion_text;
  return Paint::dim;
}

Str role_word(const ReplicaFacts& one, const PartitionFacts& facts) {
  if (one.down) return Str::c_down;
  if (one.leads) return one.node == facts.leader ? Str::c_leader : Str::c_stale_leader;
  return one.in_sync ? Str::c_follower : one.eligible ? Str::c_eligible : Str::c_behind;
}

void draw_replica(const ReplicaFacts& one, const PartitionFacts& facts, const StripContext& context, double wide,
                  double names, Sheet& sheet) {
  constexpr double height = 20;
  PanelPicture& out = sheet.picture();
  const double top = sheet.y() + 4;
  const double strip_end = context.scale.left + wide;
  out.text({sheet.left(), top + 14}, 24, broker_name(one.node), Paint::ink, Face::semibold);
  out.text({sheet.left() + 24, top + 14}, names - 26, context.say(role_word(one, facts)), role_paint(one, facts),
           Face::regular, Align::left, 12);
  const Box strip{context.scale.left, top, wide, height};
  out.fill(strip, Paint::ground);
  out.frame(strip, Paint::rule);
  if (context.scale.cell >= 20) {
    for (double x = context.scale.left + context.scale.cell; x < strip_end - 1; x += context.scale.cell)
      out.line({x, top}, {x, top + height}, Paint::rule, 1);
  }
  for (const LogPiece& piece : one.pieces) draw_piece(piece, context, top, height, out);
  // On disk: a line under the strip.
  const double disk = context.scale.x(one.flushed_end);
  if (disk > strip.x) out.line({strip.x, top + height + 3.5}, {disk, top + height + 3.5}, Paint::dim, 3);
  const double mark = context.scale.x(one.high_watermark);
  out.line({mark, top - 3}, {mark, top + height + 3}, Paint::ink, 2.5);
  const std::string end = "LEO " + std::to_string(one.log_end);
  const double room = sheet.left() + sheet.inner() - strip_end - 6;
  out.text({strip_end + 6, top + 14}, room, end, Paint::ink, Face::mono, Align::right, 12);
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  std::vector<std::string> hint{broker_name(one.node) + " · " + context.say(role_word(one, facts)),
                                context.say(Str::c_hint_ends, {number(one.log_end), number(one.high_watermark)}),
                                context.say(Str::c_hint_disk, {number(one.flushed_end)}),
                                context.say(Str::c_hint_stable, {number(one.last_stable)})};
  out.touches.push_back({{sheet.left(), top - 4, names - 4, height + 8}, hint, std::nullopt, std::nullopt});
  out.touches.push_back({{strip_end + 4, top - 4, room + 2, height + 8}, std::move(hint), std::nullopt, std::nullopt});
  sheet.advance(32);
}

/// The tag over the strips: the leader's high watermark.
void draw_watermark(const PartitionFacts& facts, const Scale& scale, double strip_width, Sheet& sheet) {
  const auto leader = std::find_if(facts.replicas.begin(), facts.replicas.end(),
                                   [&](const ReplicaFacts& one) { return one.node == facts.leader; });
  if (leader == facts.replicas.end()) {
    sheet.gap(2);
    return;
  }
  const std::string words = "HW " + std::to_string(leader->high_watermark);
  const double wide = words_width(words, 12, Face::semibold) + 2;
  const double x = scale.x(leader->high_watermark);
  const double left = std::clamp(x - wide / 2, scale.left, scale.left + strip_width - wide);
  sheet.picture().text({left, sheet.y() + 12}, wide, words, Paint::ink, Face::semibold, Align::centre, 12);
  sheet.advance(16);
}

/// Dashed lines where a newer leader epoch begins, and below them their numbers.
void draw_epochs(const PartitionFacts& facts, std::int32_t first_epoch, const Scale& scale, double strip_width,
                 double top, const Say& say, Sheet& sheet) {
  std::vector<EpochStart> starts;
  for (const ReplicaFacts& one : facts.replicas) {
    for (const EpochStart& start : one.epochs) {
      const bool known = std::any_of(starts.begin(), starts.end(), [&](const EpochStart& s) {
        return s.epoch == start.epoch && s.offset == start.offset;
      });
      if (start.epoch > first_epoch && start.offset >= scale.from && !known) starts.push_back(start);
    }
  }
  if (starts.empty()) return;
  std::sort(starts.begin(), starts.end(), [](const EpochStart& a, const EpochStart& b) {
    return std::pair{a.offset, a.epoch} < std::pair{b.offset, b.epoch};
  });
  PanelPicture& out = sheet.picture();
  std::string words;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const double x = scale.x(starts[i].offset);
    out.line({x, top}, {x, sheet.y()}, Paint::purple, 2, 4);
    if (i + 1 < starts.size() && starts[i + 1].offset == starts[i].offset) continue;  // nothing was written in it
    words = say(Str::c_epoch_from, {std::to_string(starts[i].epoch), std::to_string(starts[i].offset)});
  }
  // Of several the newest is told; the hints of batches tell the others.
  const double wide = std::min(words_width(words, 12) + 2, sheet.inner());
  const double x = scale.x(starts.back().offset);
  const double most_left = scale.left + strip_width - wide;
  out.text({std::max(sheet.left(), std::min(x - wide / 2, most_left)), sheet.y() + 12}, wide, words, Paint::purple_text,
           Face::regular, Align::centre, 12);
  sheet.advance(18);
}

void draw_logs(const PartitionFacts& facts, const Say& say, Sheet& sheet) {
  double ends = words_width("LEO 0", 12, Face::mono);
  double roles = 0;
  std::int32_t first_epoch = -1;
  for (const ReplicaFacts& one : facts.replicas) {
    ends = std::max(ends, words_width("LEO " + std::to_string(one.log_end), 12, Face::mono));
    roles = std::max(roles, words_width(say(role_word(one, facts)), 12));
    for (const LogPiece& piece : one.pieces)
      first_epoch = first_epoch < 0 ? piece.leader_epoch : std::min(first_epoch, piece.leader_epoch);
  }
  const double names = 24 + roles + 8;
  const double strip = std::max(40.0, sheet.inner() - names - ends - 8);
  const Scale scale = scale_of(facts, sheet.left() + names, strip);
  std::vector<std::int64_t> producers;
  const StripContext context{scale, first_epoch, producers, say};
  draw_watermark(facts, scale, strip, sheet);
  const double top = sheet.y();
  for (const ReplicaFacts& one : facts.replicas) draw_replica(one, facts, context, strip, names, sheet);
  if (first_epoch >= 0) draw_epochs(facts, first_epoch, scale, strip, top, say, sheet);
}

void draw_members(const PartitionFacts& facts, const Say& say, Sheet& sheet) {
  PanelPicture& out = sheet.picture();
  const std::string insync = say(Str::c_in_sync);
  double x = sheet.left();
  const double right = sheet.left() + sheet.inner();
  const auto word = [&](const std::string& words) {
    const double wide = words_width(words);
    out.text({x, sheet.y() + 15}, wide, words, Paint::dim);
    x += wide + 6;
  };
  const auto chip = [&](std::int32_t node, Paint paint, Paint ink) {
    const double wide = words_width(broker_name(node), 12, Face::semibold) + 12;
    if (x + wide > right) {
      x = sheet.left();
      sheet.advance(24);
    }
    const Box box{x, sheet.y() + 1, wide, 20};
    out.fill(box, paint, 0.25);
    out.frame(box, paint);
    out.text({box.x, box.y + 14}, wide, broker_name(node), ink, Face::semibold, Align::centre, 12);
    x += wide + 4;
  };
  word(insync);
  for (const std::int32_t node : facts.isr) chip(node, Paint::green, Paint::green_text);
  if (facts.isr.empty()) word("–");
  if (!facts.elr.empty()) {
    x += 4;
    word("ELR");
    for (const std::int32_t node : facts.elr) chip(node, Paint::orange, Paint::orange_text);
  }
  const std::string note = "min.insync " + std::to_string(facts.min_isr);
  const double wide = words_width(note);
  if (x + wide + 6 > right) sheet.advance(22);
  const bool under = static_cast<std::int64_t>(facts.isr.size()) < facts.min_isr;
  out.text({right - wide, sheet.y() + 15}, wide, note, under ? Paint::vermillion_text : Paint::dim, Face::regular,
           Align::right);
  sheet.advance(28);
}

void draw_memory(const PartitionFacts& facts, const WriterFacts& writer, const Say& say, Sheet& sheet) {
  if (facts.leader < 0) return;
  const std::string leader = broker_name(facts.leader);
  const auto known = std::find_if(facts.remembered.begin(), facts.remembered.end(),
                                  [&](const RememberedProducer& one) { return one.producer_id == writer.producer_id; });
  const RememberedProducer* one = known != facts.remembered.end() ? &*known
                                  : facts.remembered.empty()      ? nullptr
                                                                  : &facts.remembered.back();
  if (one == nullptr) {
    sheet.words(say(writer.idempotent ? Str::c_remembers_nobody : Str::c_no_memory, {leader}));
    return;
  }
  sheet.heading(say(Str::c_remembers, {leader, std::to_string(one->producer_id), std::to_string(one->epoch)}),
                say(Str::c_last_five));
  std::vector<Cell> cells;
  bool matches = false;
  for (const RememberedBatch& batch : one->batches) {
    Cell cell;
    const std::string range = seq_range(batch.first_seq, batch.last_seq);
    cell.first = range;
    cell.unit = "seq";
    cell.second = say(Str::c_at, {std::to_string(batch.offset)});
    cell.paint = Paint::green;
    cell.marked = writer.retried_seq == batch.first_seq && one->producer_id == writer.producer_id;
    matches = matches || cell.marked;
    cell.hint = {"seq " + range, say(Str::c_offsets, {std::to_string(batch.offset)})};
    cells.push_back(std::move(cell));
  }
  while (cells.size() < 5) cells.push_back({});
  sheet.cells(cells, 5);
  if (matches) sheet.words(say(Str::c_retry_matches), Paint::green_text);
  if (one->open_txn_from) sheet.words(say(Str::c_open_txn, {std::to_string(*one->open_txn_from)}), Paint::purple_text);
}

std::string leader_note(const PartitionFacts& facts, const Say& say) {
  if (facts.leader < 0) return say(Str::c_nobody_leads);
  return say(Str::c_leads, {broker_name(facts.leader), std::to_string(facts.leader_epoch)});
}

}  // namespace

WriterFacts writer_facts(const ProducerFacts& producer, const std::string& partition) {
  WriterFacts out;
  out.producer_id = producer.producer_id;
  out.idempotent = producer.idempotent;
  for (const ConnectionFacts& connection : producer.connections) {
    for (const RequestFacts& request : connection.in_flight) {
      if (request.partition == partition && request.attempt > 1 && request.first_seq >= 0)
        out.retried_seq = static_cast<std::int32_t>(request.first_seq);
    }
  }
  return out;
}

PanelPicture partition_panel(const PartitionFacts& facts, const WriterFacts& writer, Language language, double width) {
  const Say say{language};
  Sheet sheet{width};
  sheet.title(say(Str::c_partition, {facts.name}), leader_note(facts, say));
  draw_members(facts, say, sheet);
  draw_logs(facts, say, sheet);
  draw_memory(facts, writer, say, sheet);
  return std::move(sheet).done();
}

PanelPicture cluster_page(const std::vector<PartitionFacts>& partitions, const ProducerFacts* producer,
                          const NetworkFacts& network, Language language, double width) {
  const Say say{language};
  const auto columns = static_cast<std::size_t>(std::clamp(width / 400, 1.0, 4.0));
  const double wide = width / static_cast<double>(columns);
  PanelPicture page;
  page.width = width;
  std::vector<double> ends(columns, 0);
  const auto put = [&](const PanelPicture& block) {
    const auto column = static_cast<std::size_t>(std::min_element(ends.begin(), ends.end()) - ends.begin());
    page.add(block, {static_cast<double>(column) * wide, ends[column]});
    ends[column] += block.height + 8;
  };
  put(network_map(network, language, wide));
  // Kafka's own topics have fifty partitions; those that hold nothing are counted.
  std::size_t empty = 0;
  for (const PartitionFacts& one : partitions) {
    const bool own = one.name.starts_with("__");
    const bool written = std::any_of(one.replicas.begin(), one.replicas.end(),
                                     [](const ReplicaFacts& replica) { return replica.log_end > 0; });
    if (own && !written) {
      ++empty;
      continue;
    }
    put(partition_panel(one, producer == nullptr ? WriterFacts{} : writer_facts(*producer, one.name), language, wide));
  }
  if (empty > 0) {
    Sheet rest{wide};
    rest.words(say(Str::c_empty_own, {std::to_string(empty)}));
    put(std::move(rest).done());
  }
  page.height = *std::max_element(ends.begin(), ends.end());
  return page;
}

}  // namespace linger::gui
