// Marks: records by their numbers, what happens to logs and hosts, and crowds of it.
#include <algorithm>

#include "ui/report/layout_parts.h"
#include "ui/report/verdict_sign.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

using sim::SimTime;

/// What is drawn as one: marks at neighbouring places of a list.
struct Group {
  const Spans* list = nullptr;
  const Reach::Records* records = nullptr;  ///< null: not records
  std::size_t first = 0, last = 0;          ///< places in the list
  bool crowd = false;
  std::int64_t count() const { return static_cast<std::int64_t>(last - first + 1); }
  std::size_t index() const { return (*list)[first].index; }
};

class Marks {
 public:
  explicit Marks(Board& board) : board_(board) {}

  void draw() {
    for (const Reach::Records& records : board_.reach.records) collect(records.marks, &records, records_apart);
    for (const Spans& list : board_.reach.alike) {
      if (board_.printed)
        collect(list, nullptr, 0);
      else
        collect_crowds(list);
    }
    collect(board_.reach.alone, nullptr, 0);
    std::sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) { return a.index() < b.index(); });
    for (const Group& group : groups_) {
      if (group.records != nullptr)
        records(group);
      else if (group.crowd)
        crowd(group);
      else
        mark(group);
    }
  }

 private:
  /// Records that stand closer than this are one: "r0..r4".
  static constexpr double records_apart = 18;

  /// Neighbours that stand up to `apart` from each other become one; with 0 each stands for itself.
  void collect(const Spans& list, const Reach::Records* records, double apart) {
    const std::size_t begin = groups_.size();
    double last = 0;
    list.touching(board_.from, board_.until, [&](std::size_t place) {
      const double at = apart > 0 ? board_.x(list[place].from) : 0;
      if (apart <= 0 || groups_.size() == begin || at - last > apart)
        groups_.push_back({&list, records, place, place, false});
      else
        groups_.back().last = place;
      last = at;
    });
  }

  /// Many marks that are too close to be told apart become a band; of a few only those that can be told apart are seen.
  void collect_crowds(const Spans& list) {
    const std::size_t begin = groups_.size();
    double last = 0;
    const auto close = [&](std::size_t first) {
      if (groups_.size() < first + crowd_from) return;
      groups_[first].last = groups_.back().first;
      groups_[first].crowd = true;
      groups_.resize(first + 1);
    };
    std::size_t first = begin;
    list.touching(board_.from, board_.until, [&](std::size_t place) {
      const double at = board_.x(list[place].from);
      if (groups_.size() > first && at - last >= crowded) {
        close(first);
        first = groups_.size();
      }
      groups_.push_back({&list, nullptr, place, place, false});
      last = at;
    });
    close(first);
    drop_covered(begin);
  }

  /// Marks that stand too close to the one before them go into it, and its number says so.
  void drop_covered(std::size_t begin) {
    double last = 0;
    std::size_t kept = begin;
    for (std::size_t i = begin; i < groups_.size(); ++i) {
      const double at = left_of(groups_[i]);
      if (kept > begin && !groups_[i].crowd && at - last < crowded) {
        groups_[kept - 1].last = groups_[i].last;
        continue;
      }
      last = right_of(groups_[i]);
      groups_[kept++] = groups_[i];
    }
    groups_.resize(kept);
  }

  double left_of(const Group& group) const { return board_.x((*group.list)[group.first].from); }
  double right_of(const Group& group) const { return board_.x((*group.list)[group.last].from); }

  // ---- Records

  void records(const Group& group) {
    const Mark& first = board_.diagram.marks[group.index()];
    const Scene::Row& row = board_.rows[first.lane];
    const double left = left_of(group);
    const double right = right_of(group);
    Label label;
    label.size = 12;
    const std::string names = records_named(numbers_of(group));
    if (first.kind == MarkKind::sent) {
      board_.box(left - 4, row.base - 4, right - left + 8, 8, Paint::blue, Paint::ink);
      label.first = "sends " + names;
      label.paint = Paint::ink;
      label.rank = 4;
    } else {
      const VerdictSign& sign = first.verdict ? sign_of(*first.verdict)
                                              : sign_of(first.kind == MarkKind::acked     ? 'A'
                                                        : first.kind == MarkKind::refused ? 'R'
                                                                                          : 'F');
      if (right > left) board_.line({left, row.base}, {right, row.base}, sign.paint, 4);
      draw_sign(sign.letter, {right, row.base}, 13, board_.out.shapes);
      label.paint = sign.text;
      label.bold = true;
      label.rank = 2;
      label.first = std::string(1, sign.letter) + "  " + names + (first.kind == MarkKind::acked ? " acked" : "");
      label.second = first.kind == MarkKind::acked ? offsets_of(group) : first.more;
      if (const auto requests = board_.requests_of(board_.diagram.lanes[first.lane].host);
          requests && first.kind == MarkKind::acked)
        board_.line({right, board_.rows[*requests].base}, {right, row.base + 8}, Paint::green, 0.8);
    }
    board_.labels.take({left - 7, row.base - 7, right - left + 14, 14});
    around(label, board_.in_sight(left), board_.in_sight(right), row.base);
    board_.want(std::move(label));
    board_.hit(Hit::Kind::mark, group.index(), {left - 8, row.base - 9, right - left + 16, 18});
    std::vector<std::size_t>& members = board_.hits.back().members;
    members.reserve(group.last - group.first + 1);
    for (std::size_t place = group.first; place <= group.last; ++place) members.push_back((*group.list)[place].index);
  }

  static std::vector<std::int64_t> numbers_of(const Group& group) {
    std::vector<std::int64_t> numbers;
    numbers.reserve(group.last - group.first + 1);
    for (std::size_t place = group.first; place <= group.last; ++place)
      numbers.push_back(group.records->records[place].number);
    return numbers;
  }

  /// "at 0..4", where the records follow each other in one partition.
  std::string offsets_of(const Group& group) const {
    using Record = Reach::Records::Record;
    const auto at = [&](std::size_t place) {
      return group.records->records.begin() + static_cast<std::ptrdiff_t>(place);
    };
    const auto [low, high] = std::minmax_element(at(group.first), at(group.last + 1),
                                                 [](const Record& a, const Record& b) { return a.offset < b.offset; });
    const bool one_partition = std::all_of(at(group.first), at(group.last + 1), [&](const Record& record) {
      return record.partition == at(group.first)->partition;
    });
    const bool in_a_row = high->offset - low->offset == static_cast<std::int64_t>(group.last - group.first);
    if (!one_partition || !in_a_row || low->offset < 0) return {};
    const std::string where =
        board_.diagram.several_partitions ? " of " + board_.diagram.marks[group.index()].partition : "";
    return "at " + range(low->offset, high->offset) + where;
  }

  static void around(Label& label, double left, double right, double y) {
    const double middle = (left + right) / 2;
    label.places = {{{right + 11, y + 4}, Label::Anchor::left}, {{left - 11, y + 4}, Label::Anchor::right},
                    {{right + 6, y - 11}, Label::Anchor::left}, {{left - 6, y - 11}, Label::Anchor::right},
                    {{right + 6, y + 19}, Label::Anchor::left}, {{left - 6, y + 19}, Label::Anchor::right},
                    {{middle, y - 13}, Label::Anchor::centre},  {{middle, y + 21}, Label::Anchor::centre},
                    {{right + 6, y - 24}, Label::Anchor::left}, {{left - 6, y - 24}, Label::Anchor::right},
                    {{right + 6, y + 31}, Label::Anchor::left}, {{left - 6, y + 31}, Label::Anchor::right}};
  }

  // ---- Crowds

  void crowd(const Group& group) {
    const Mark& first = board_.diagram.marks[group.index()];
    const Scene::Row& row = board_.rows[first.lane];
    const double left = board_.in_sight(left_of(group));
    const double right = board_.in_sight(right_of(group));
    const bool log = first.kind == MarkKind::appended || first.kind == MarkKind::replicated;
    const double high = first.kind == MarkKind::appended         ? 5
                        : log                                    ? 3.5
                        : first.kind == MarkKind::high_watermark ? 9
                                                                 : 5;
    const Paint paint = log ? Paint::blue : paint_of(first.tone);
    board_.box(left - 2, row.base - high, right - left + 4, 2 * high, paint, paint).opacity = log ? 0.5 : 0.12;
    board_.hit(Hit::Kind::mark, group.index(), {left - 7, row.base - 9, right - left + 14, 18});
    Hit& hit = board_.hits.back();
    hit.count = group.count();
    hit.last = (*group.list)[group.last].index;
    board_.labels.take({left - 5, row.base - 6, right - left + 10, 12});
    Label label;
    label.first = crowd_in_words(board_.diagram, hit);
    label.paint = log ? Paint::ink : text_of(first.tone);
    label.size = 11;
    label.rank = 4;
    // Above or below the band, anywhere along it.
    for (const double across : {0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9}) {
      const double at = left + (right - left) * across;
      for (const double down : {-13.0, 21.0, -27.0, 35.0})
        label.places.push_back({{at, row.base + down}, Label::Anchor::centre});
    }
    board_.want(std::move(label));
  }

  // ---- Marks by themselves

  void mark(const Group& group) {
    const Mark& mark = board_.diagram.marks[group.index()];
    const Scene::Row& row = board_.rows[mark.lane];
    const double at = left_of(group);
    const std::size_t first = board_.out.shapes.size();
    Label label;
    label.paint = text_of(mark.tone);
    label.size = 11;
    sign(mark, at, row.base, label);
    if (board_.printed) board_.hint(first, mark.text + (mark.more.empty() ? "" : ", " + mark.more));
    board_.labels.take({at - 5, row.base - 6, 10, 12});
    if (board_.diagram.lanes[mark.lane].kind == LaneKind::faults && mark.tone == Tone::lost)
      board_.flag(mark.at, {at, row.base});
    board_.hit(Hit::Kind::mark, group.index(), {at - 7, row.base - 9, 14, 18});
    board_.hits.back().count = group.count();
    board_.hits.back().last = (*group.list)[group.last].index;
    if (mark.text.empty() || !board_.has_room_for(label.rank)) return;
    label.first = mark.text;
    label.second = mark.more;
    around(label, at, at, row.base);
    board_.want(std::move(label));
  }

  /// Paints it, and says how important its label is.
  void sign(const Mark& mark, double at, double y, Label& label) {
    const Paint paint = paint_of(mark.tone);
    switch (mark.kind) {
      case MarkKind::appended:
      case MarkKind::replicated: {
        const double size = mark.kind == MarkKind::appended ? 5 : 3.5;
        board_.box(at - size * 0.7, y - size, size * 1.4, size * 2, Paint::blue, Paint::ink);
        label.paint = Paint::ink;
        label.rank = mark.kind == MarkKind::appended ? 5 : 8;
        break;
      }
      case MarkKind::duplicate:
        board_.polygon({{at, y - 8}, {at + 8, y}, {at, y + 8}, {at - 8, y}}, Paint::green, Paint::ink);
        label.bold = true;
        label.rank = 1;
        break;
      case MarkKind::turned_away:
      case MarkKind::truncated:
      case MarkKind::gives_up:
        board_.cross_out({at, y}, 5, paint, 2.4);
        label.rank = 0;
        break;
      case MarkKind::high_watermark:
        board_.line({at, y - 9}, {at, y + 9}, Paint::ink, 2);
        label.rank = 7;
        break;
      case MarkKind::leads:
      case MarkKind::elected:
        if (mark.kind == MarkKind::elected) board_.line({at, board_.lanes_top}, {at, board_.lanes_end}, paint, 0.8, 4);
        board_.polygon({{at, y - 15}, {at + 11, y - 10.5}, {at, y - 6}}, paint);
        board_.line({at, y - 15}, {at, y}, paint, 1.5);
        label.bold = mark.kind == MarkKind::elected;
        label.rank = 2;
        break;
      case MarkKind::host:
        board_.line({at, y - 12}, {at, y + 12}, paint, 2.4);
        label.bold = true;
        label.rank = 1;
        break;
      case MarkKind::retry:
      case MarkKind::note:
      default:
        board_.line({at, y - 5}, {at, y + 5}, paint, 1.5);
        label.rank = mark.tone == Tone::lost ? 1 : 6;
        break;
    }
  }

  Board& board_;
  std::vector<Group> groups_;
};

}  // namespace

void draw_marks(Board& board) {
  Marks{board}.draw();
}

}  // namespace linger::report
