#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "scenarios/scenario_reader.h"
#include "ui/gui/model/lab.h"
#include "ui/gui/model/lab_chart.h"
#include "ui/gui/model/lab_theory.h"

using namespace linger;
using namespace linger::gui;

namespace {

/// The shares by going through everything that can happen to one record.
Shares counted(double p, int attempts) {
  Shares shares;
  const auto go = [&](const auto& self, int attempt, int copies, double chance) -> void {
    if (attempt == attempts) {
      (copies == 0 ? shares.failed_absent : shares.failed_present) += chance;
      if (copies > 1) shares.duplicated += chance;
      return;
    }
    self(self, attempt + 1, copies, chance * p);
    self(self, attempt + 1, copies + 1, chance * (1 - p) * p);
    if (copies > 0) shares.duplicated += chance * (1 - p) * (1 - p);
  };
  go(go, 0, 0, 1);
  return shares;
}

LabPoint run(LabSetting setting, std::size_t index) {
  LabSweep sweep{{setting, index, index}};
  sweep.finish();
  REQUIRE(sweep.points().size() == 1);
  return sweep.points().front();
}

constexpr std::array settings{LabSetting::retries,   LabSetting::loss_rate,     LabSetting::batch_size,
                              LabSetting::linger_ms, LabSetting::max_in_flight, LabSetting::acks};

}  // namespace

TEST_CASE("what the lab sweeps is a word of a command, and back") {
  for (std::size_t i = 0; i < lab_setting_count; ++i) {
    const LabChoice whole = whole_range(static_cast<LabSetting>(i));
    CHECK(parse_lab_choice(lab_choice_words(whole)) == whole);
    for (std::size_t first = 0; first < whole.last; ++first) {
      for (std::size_t last = first + 1; last <= whole.last; ++last) {
        const LabChoice part{whole.setting, first, last};
        INFO(lab_choice_words(part));
        CHECK(lab_choice_words(part).find(' ') == std::string::npos);
        CHECK(parse_lab_choice(lab_choice_words(part)) == part);
      }
    }
  }
  for (const char* wrong :
       {"", "=", "size", "linger.ms=", "linger.ms=0", "linger.ms=..", "linger.ms=5..0", "acks=7..8"})
    CHECK_FALSE(parse_lab_choice(wrong));
}

TEST_CASE("the formulas for loss agree with going through every case") {
  for (const double p : {0.0, 0.05, 0.2, 0.5}) {
    for (int attempts = 1; attempts <= 7; ++attempts) {
      CAPTURE(p, attempts);
      const Shares theory = theory_of_loss(p, attempts);
      const Shares all = counted(p, attempts);
      CHECK(theory.failed_absent == Approx(all.failed_absent).margin(1e-12));
      CHECK(theory.failed_present == Approx(all.failed_present).margin(1e-12));
      CHECK(theory.duplicated == Approx(all.duplicated).margin(1e-12));
    }
  }
}

TEST_CASE("every plan of the lab is one that the reader would take") {
  for (const LabSetting setting : settings) {
    for (const double value : lab_values(setting)) {
      CAPTURE(lab_name(setting), value);
      const auto mistakes = scenarios::check_scenario(lab_scenario(setting, value, 0));
      INFO(scenarios::describe_mistakes("lab", mistakes));
      CHECK(mistakes.empty());
    }
  }
}

TEST_CASE("a sweep gives the same in one go and in small pieces") {
  LabSweep whole{{LabSetting::retries, 1, 2}};
  whole.finish();
  LabSweep pieces{{LabSetting::retries, 1, 2}};
  std::size_t before = 0;
  while (!pieces.done()) {
    pieces.advance(777);
    CHECK(pieces.finished() >= before);
    before = pieces.finished();
  }
  REQUIRE(whole.points().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(whole.points()[i].records == pieces.points()[i].records);
    CHECK(whole.points()[i].duplicated == pieces.points()[i].duplicated);
    CHECK(whole.points()[i].failed_present == pieces.points()[i].failed_present);
    CHECK(whole.points()[i].runs == lab_runs(LabSetting::retries));
  }
}

TEST_CASE("what becomes of records under loss is what the theory says, within chance") {
  for (const std::size_t retries : {0U, 2U, 4U}) {
    CAPTURE(retries);
    const LabPoint point = run(LabSetting::retries, retries);
    REQUIRE(point.records == 2000);
    const Shares theory = theory_of_loss(lab_loss, static_cast<int>(retries) + 1);
    const auto near = [&](std::int64_t count, double share) {
      // Four standard deviations, and one record for what is very rare.
      const double spread = 4 * std::sqrt(share * (1 - share) * 2000) + 1;
      CHECK(std::abs(static_cast<double>(count) - share * 2000) <= spread);
    };
    near(point.failed_absent, theory.failed_absent);
    near(point.failed_present, theory.failed_present);
    near(point.duplicated, theory.duplicated);
  }
}

TEST_CASE("throughput over a busy connection is near the formula's, for small batches and for large ones") {
  for (const std::size_t index : {1U, 3U, 5U, 7U}) {
    const double value = lab_values(LabSetting::batch_size)[index];
    const LabPoint point = run(LabSetting::batch_size, index);
    const double theory = theory_of_throughput(lab_pipe(LabSetting::batch_size, value));
    CAPTURE(value, theory, point.throughput());
    CHECK(point.acked == 8000);
    CHECK(point.throughput() > 0.8 * theory);
    CHECK(point.throughput() < 1.2 * theory);
  }
}

TEST_CASE("acks=all is slower than acks=1, and acks=0 faster") {
  const double none = run(LabSetting::acks, 0).throughput();
  const double leader = run(LabSetting::acks, 1).throughput();
  const double all = run(LabSetting::acks, 2).throughput();
  CHECK(none > leader);
  CHECK(leader > all);
}

TEST_CASE("records per request grow with linger.ms until the batch is full") {
  const auto values = lab_values(LabSetting::linger_ms);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double theory = theory_of_linger(values[i], lab_linger_rate, lab_linger_records);
    const double simulated = run(LabSetting::linger_ms, i).records_per_request();
    CAPTURE(values[i], theory, simulated);
    CHECK(simulated <= theory + 0.6);
    CHECK(simulated >= theory - 1.1);
  }
}

TEST_CASE("a logarithmic scale puts equal factors equally far apart") {
  const ChartScale scale{true, 1e-4, 1, {}};
  CHECK(scale.place(1e-4) == 0);
  CHECK(scale.place(0) == 0);
  CHECK(scale.place(1e-2) == Approx(0.5));
  CHECK(scale.place(5) == 1);
  CHECK(scale.beyond(1e-6) == Approx(-0.5));
}

TEST_CASE("a chart has a mark for each value that was run, inside of its area, and says where nothing was seen") {
  const LabChoice choice{LabSetting::retries, 0, 2};
  std::vector<LabPoint> points(3);
  for (std::size_t i = 0; i < 2; ++i) {
    points[i].value = static_cast<double>(i);
    points[i].runs = 50;
    points[i].records = 2000;
    points[i].failed_present = 300;
  }
  points[2].value = 2;
  const Box area{100, 50, 400, 300};
  const LabChart chart = lay_out_lab(choice, points, area);
  REQUIRE(chart.curves.size() == 3);
  for (const LabCurve& curve : chart.curves) {
    CHECK_FALSE(curve.theory.empty());
    for (const Point& point : curve.theory) CHECK((point.x >= 100 && point.x <= 500 && point.y >= 50));
    for (const LabCurve::Mark& mark : curve.marks) {
      CHECK(contains({area.x, area.y, area.width, area.height + 1}, mark.at));
      CHECK(mark.point < 2);
      CHECK(mark.none == (curve.sign != 'P'));
    }
  }
  // Without a retry nothing can be written twice: no line there, and no "none seen".
  CHECK(chart.curves[0].sign == 'D');
  CHECK(chart.curves[0].marks.size() == 1);
  CHECK(chart.curves[0].theory.size() == 2);
  CHECK(chart.curves[1].marks.size() == 2);
}

TEST_CASE("values of the lab in words") {
  CHECK(lab_value_words(LabSetting::acks, -1) == "all");
  CHECK(lab_value_words(LabSetting::loss_rate, 0.05) == "5 %");
  CHECK(lab_value_words(LabSetting::batch_size, 16384) == "16 384");
  CHECK(lab_outcome_words(LabOutcome::shares, 0.03872) == "3.87 %");
  CHECK(lab_outcome_words(LabOutcome::shares, 0.0008) == "0.08 %");
  CHECK(lab_outcome_words(LabOutcome::records_per_request, 5.46) == "5.5");
}
