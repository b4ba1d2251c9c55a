#include "ui/gui/model/producer_panel.h"

#include <algorithm>
#include <array>

#include "ui/gui/model/say.h"
#include "ui/gui/model/sheet.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

std::string milliseconds_left(std::int64_t ms) {
  return ms == 0 ? "0" : report::length_of_time(sim::Duration::ms(ms));
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

const SequenceFacts* sequences_of(const ProducerFacts& facts, const std::string& partition) {
  const auto found = std::find_if(facts.sequences.begin(), facts.sequences.end(),
                                  [&](const SequenceFacts& one) { return one.partition == partition; });
  return found == facts.sequences.end() ? nullptr : &*found;
}

void identity(const ProducerFacts& facts, const SequenceFacts* sequence, const Say& say, Sheet& sheet) {
  if (!facts.alive) {
    sheet.words(say(Str::p_dead), Paint::vermillion_text);
    return;
  }
  if (!facts.idempotent) {
    sheet.words(say(Str::p_not_idempotent), Paint::orange_text);
    sheet.gap(4);
    return;
  }
  const auto number = [](std::int64_t value) { return value < 0 ? std::string("–") : std::to_string(value); };
  std::vector<Figure> figures{{"pid", number(facts.producer_id)}, {"epoch", number(facts.epoch)}};
  if (sequence != nullptr) {
    figures.push_back({say(Str::p_next_seq), std::to_string(sequence->next)});
    figures.push_back({say(Str::p_last_acked), sequence->last_acked ? std::to_string(*sequence->last_acked) : "–"});
  }
  sheet.figures(figures);
  if (!facts.transactional_id.empty())
    sheet.pair("transactional.id " + facts.transactional_id, facts.transaction_state, Paint::purple_text);
}

/// The batch that says most: of the selected record, else the first on its way, else the first that waits.
const BatchFacts* batch_to_show(const ProducerFacts& facts, const std::string& partition) {
  const BatchFacts* best = nullptr;
  int most = -1;
  for (const BatchFacts& batch : facts.batches) {
    const int rank =
        (batch.holds_selected ? 4 : 0) + (batch.partition == partition ? 2 : 0) + (batch.in_flight ? 1 : 0);
    if (rank <= most) continue;
    most = rank;
    best = &batch;
  }
  return best;
}

void batch_rows(const BatchFacts& batch, const ProducerFacts& facts, const Say& say, Sheet& sheet) {
  std::vector<Meter> rows;
  rows.push_back({say(Str::p_filled), share(batch.bytes, batch.batch_size), Paint::blue,
                  std::to_string(batch.bytes) + " / " + bytes_in_words(batch.batch_size)});
  if (batch.attempts > 0 && !batch.in_flight) {
    rows.push_back({say(Str::p_backoff), 1, Paint::orange, say(Str::p_waits, {milliseconds_left(batch.waited_ms)})});
  } else {
    rows.push_back(
        {say(Str::p_linger), share(facts.linger_ms - batch.linger_left_ms, facts.linger_ms), Paint::blue,
         say(Str::p_linger_left, {std::to_string(facts.linger_ms) + " ms", milliseconds_left(batch.linger_left_ms)})});
  }
  const std::int64_t gone = facts.delivery_timeout_ms - batch.deadline_left_ms;
  rows.push_back({say(Str::p_deadline), share(gone, facts.delivery_timeout_ms), Paint::mid,
                  say(Str::p_left, {milliseconds_left(batch.deadline_left_ms)})});
  sheet.meters(rows);
}

std::string title_of(const BatchFacts& batch, const Say& say) {
  return say(batch.records == 1 ? Str::p_batch_1 : Str::p_batch,
             {std::to_string(batch.number), std::to_string(batch.records)});
}

std::string note_of(const BatchFacts& batch, const Say& say) {
  if (batch.in_flight) return say(Str::p_attempt, {std::to_string(batch.attempts)});
  if (batch.attempts > 0) return say(Str::p_waits_again, {std::to_string(batch.attempts + 1)});
  return say(batch.open ? Str::p_open : Str::p_closed);
}

Cell cell_of(const RequestFacts& request, const Say& say) {
  Cell cell;
  cell.paint = request.produce ? Paint::blue : Paint::mid;
  cell.hint.push_back(request.api);
  if (request.produce) {
    const bool numbered = request.first_seq >= 0;
    cell.first = numbered ? seq_range(request.first_seq, request.last_seq) : say(Str::p_cell_batch);
    if (!request.partition.empty())
      cell.hint.push_back(request.partition +
                          (numbered ? " · seq " + seq_range(request.first_seq, request.last_seq) : ""));
    if (request.batches > 1) cell.hint.push_back(say(Str::p_and_more, {std::to_string(request.batches - 1)}));
    if (numbered) cell.unit = "seq";
    cell.second = say(Str::p_try, {std::to_string(request.attempt)});
    cell.marked = request.attempt > 1;
    if (request.attempt > 1) cell.paint = Paint::orange;
  } else {
    cell.first = say(Str::p_other_request);
  }
  cell.hint.push_back(say(Str::p_waits, {milliseconds_left(request.waits_ms)}));
  return cell;
}

/// The window of one connection: full cells, then free ones.
void window(const ConnectionFacts* connection, const ProducerFacts& facts, const Say& say, Sheet& sheet,
            std::size_t columns) {
  std::vector<Cell> cells;
  const std::size_t used = connection == nullptr ? 0 : connection->in_flight.size();
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(1, facts.max_in_flight));
  constexpr std::size_t shown_at_most = 10;
  const std::size_t shown = std::max(used, std::min(most, std::max(columns, std::min(used + 1, shown_at_most))));
  for (std::size_t i = 0; i < std::min(shown, most); ++i) {
    if (i < used)
      cells.push_back(cell_of(connection->in_flight[i], say));
    else
      cells.push_back({say(Str::p_free), {}, {}, Paint::none, Paint::dim, false, {}, std::nullopt});
  }
  sheet.cells(cells, columns);
}

std::string state_of(const ConnectionFacts& connection, const Say& say) {
  constexpr std::array<Str, 4> states{Str::p_connecting, Str::p_api_versions, Str::p_connected, Str::p_disconnected};
  return say(states[static_cast<std::size_t>(connection.state)]);
}

std::string window_note(const ConnectionFacts& connection, const ProducerFacts& facts, const Say& say) {
  return facts.name + " → b" + std::to_string(connection.node) + ", " +
         say(Str::p_of_window, {std::to_string(connection.in_flight.size()), std::to_string(facts.max_in_flight)});
}

/// The connection with most in flight, the leader's of several.
const ConnectionFacts* connection_to_show(const ProducerFacts& facts, std::int32_t leader) {
  const ConnectionFacts* best = nullptr;
  for (const ConnectionFacts& one : facts.connections) {
    const auto rank = [&](const ConnectionFacts& c) { return 2 * c.in_flight.size() + (c.node == leader ? 1U : 0U); };
    if (best == nullptr || rank(one) > rank(*best)) best = &one;
  }
  return best;
}

void memory(const ProducerFacts& facts, const Say& say, Sheet& sheet) {
  sheet.meters({{"buffer.memory", share(facts.memory_used, facts.memory_total), Paint::blue,
                 bytes_in_words(facts.memory_used) + " / " + bytes_in_words(facts.memory_total)}});
  if (facts.waiting_for_memory > 0)
    sheet.words(say(Str::p_memory_waits, {std::to_string(facts.waiting_for_memory)}), Paint::vermillion_text);
}

std::string settings(const ProducerFacts& facts, const Say& say) {
  return say(facts.idempotent ? Str::p_idempotence_on : Str::p_idempotence_off) + " · acks " +
         (facts.acks < 0 ? "all" : std::to_string(facts.acks));
}

std::string value_of(const Metric& metric) {
  return describe(metric.value);
}

/// Metrics of one group, by name.
void metric_rows(const std::vector<Metric>& metrics, const std::string& group, const Say& say, Sheet& sheet) {
  std::size_t hidden = 0;
  sheet.heading(group);
  for (const Metric& metric : metrics) {
    if (metric.group != group) continue;
    const std::string value = value_of(metric);
    if (value == "NaN" || value == "0.0" || value == "0" || value == "-0.0") {
      ++hidden;
      continue;
    }
    std::string name = metric.name;
    // The client's own id says nothing that the title does not.
    const std::size_t comma = metric.tags.find(',');
    if (comma != std::string::npos) name += " (" + metric.tags.substr(comma + 1) + ")";
    sheet.pair(name, value);
  }
  if (hidden > 0) sheet.words(say(Str::p_metrics_zero, {std::to_string(hidden)}));
  sheet.gap(6);
}

}  // namespace

std::string bytes_in_words(std::int64_t bytes) {
  constexpr std::int64_t mega = 1024 * 1024;
  if (bytes >= mega && bytes % mega == 0) return std::to_string(bytes / mega) + " MB";
  if (bytes >= 100 * 1024 && bytes % 1024 == 0) return std::to_string(bytes / 1024) + " kB";
  std::string digits = std::to_string(bytes);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, " ");
  return digits + " B";
}

std::string seq_range(std::int64_t first, std::int64_t last) {
  return first == last ? std::to_string(first) : std::to_string(first) + "–" + std::to_string(last);
}

PanelPicture producer_panel(const ProducerFacts& facts, const Focus& focus, std::int32_t leader, const std::string& at,
                            Language language, double width) {
  const Say say{language};
  Sheet sheet{width};
  sheet.title(say(Str::p_title, {facts.name}), say(Str::p_at, {at}));
  identity(facts, sequences_of(facts, focus.name), say, sheet);
  if (!facts.alive) return std::move(sheet).done();
  if (const BatchFacts* batch = batch_to_show(facts, focus.name)) {
    sheet.heading(title_of(*batch, say), note_of(*batch, say));
    batch_rows(*batch, facts, say, sheet);
    if (facts.batches.size() > 1) sheet.words(say(Str::p_batches_more, {std::to_string(facts.batches.size() - 1)}));
  } else {
    sheet.heading(say(Str::p_no_batch));
    sheet.words(settings(facts, say));
  }
  sheet.gap(2);
  if (const ConnectionFacts* connection = connection_to_show(facts, leader)) {
    sheet.heading(say(Str::p_in_flight), window_note(*connection, facts, say));
    if (connection->state == ConnectionFacts::State::ready)
      window(connection, facts, say, sheet, 5);
    else
      sheet.words(state_of(*connection, say), Paint::vermillion_text);
  } else {
    sheet.words(say(Str::p_no_connection));
  }
  memory(facts, say, sheet);
  return std::move(sheet).done();
}

PanelPicture producer_page(const ProducerFacts& facts, const std::vector<Metric>& metrics, const std::string& at,
                           Language language, double width) {
  const Say say{language};
  const auto columns = static_cast<std::size_t>(std::clamp(width / 400, 1.0, 4.0));
  const double wide = width / static_cast<double>(columns);
  std::vector<PanelPicture> blocks;

  Sheet who{wide, 16};
  who.title(say(Str::p_title, {facts.name}), say(Str::p_at, {at}));
  identity(facts, nullptr, say, who);
  who.words(settings(facts, say) + (facts.closed ? " · " + say(Str::p_closed_producer) : ""));
  for (const SequenceFacts& one : facts.sequences) {
    who.heading(one.partition);
    who.pair(say(Str::p_next_seq), std::to_string(one.next));
    who.pair(say(Str::p_last_acked), one.last_acked ? std::to_string(*one.last_acked) : "–");
  }
  if (facts.alive) memory(facts, say, who);
  blocks.push_back(std::move(who).done());

  Sheet queue{wide, 16};
  queue.title(say(Str::p_accumulator), say(Str::p_batch_count, {std::to_string(facts.batches.size())}));
  constexpr std::size_t most = 24;
  for (std::size_t i = 0; i < std::min(most, facts.batches.size()); ++i) {
    const BatchFacts& batch = facts.batches[i];
    queue.heading(title_of(batch, say), note_of(batch, say), batch.attempts > 1 ? Paint::orange_text : Paint::ink);
    queue.words(batch.partition + (batch.first_seq >= 0 ? " · seq " + seq_range(batch.first_seq, batch.last_seq) : ""));
    batch_rows(batch, facts, say, queue);
    queue.gap(4);
  }
  if (facts.batches.size() > most) queue.words(say(Str::p_batches_more, {std::to_string(facts.batches.size() - most)}));
  blocks.push_back(std::move(queue).done());

  Sheet wires{wide, 16};
  wires.title(say(Str::p_connections), say(Str::p_count, {std::to_string(facts.connections.size())}));
  for (const ConnectionFacts& one : facts.connections) {
    wires.heading(window_note(one, facts, say), state_of(one, say));
    if (one.state == ConnectionFacts::State::ready || !one.in_flight.empty()) window(&one, facts, say, wires, 5);
  }
  blocks.push_back(std::move(wires).done());

  // Groups in the order in which they come.
  std::vector<std::string> groups;
  for (const Metric& metric : metrics) {
    if (std::find(groups.begin(), groups.end(), metric.group) == groups.end()) groups.push_back(metric.group);
  }
  for (const std::string& group : groups) {
    Sheet sheet{wide, 16};
    metric_rows(metrics, group, say, sheet);
    blocks.push_back(std::move(sheet).done());
  }

  // The first blocks have columns of their own as far as there are any; each other goes where there is most room.
  PanelPicture page;
  page.width = width;
  std::vector<double> ends(columns, 0);
  for (const PanelPicture& block : blocks) {
    const auto column = static_cast<std::size_t>(std::min_element(ends.begin(), ends.end()) - ends.begin());
    page.add(block, {static_cast<double>(column) * wide, ends[column]});
    ends[column] += block.height;
  }
  page.height = *std::max_element(ends.begin(), ends.end());
  return page;
}

}  // namespace linger::gui
