#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "scenarios/result.h"
#include "ui/report/drawing.h"

namespace linger::report {

/// A verdict's letter, word and colour; its shape is drawn by draw_sign. Readable without colour.
struct VerdictSign {
  char letter;
  std::string_view word;
  Paint paint;
  Paint text;
};

/// The ten signs in their fixed order: A L F P R S D O C W. A to S are rows of the ledger, D to W flags beside a row.
inline constexpr std::array<VerdictSign, 10> verdict_signs{{
    {'A', "acked, present", Paint::green, Paint::green_text},
    {'L', "acked, LOST", Paint::vermillion, Paint::vermillion_text},
    {'F', "failed, absent", Paint::mid, Paint::dim},
    {'P', "failed, PRESENT", Paint::purple, Paint::purple_text},
    {'R', "refused", Paint::blue, Paint::blue_text},
    {'S', "stuck", Paint::ink, Paint::ink},
    {'D', "duplicated", Paint::orange, Paint::orange_text},
    {'O', "reordered", Paint::blue, Paint::blue_text},
    {'C', "corrupted", Paint::vermillion, Paint::vermillion_text},
    {'W', "wrong offset", Paint::purple, Paint::purple_text},
}};

/// The row of the ledger that a verdict belongs to. What is deleted or only unavailable was present; what nobody was
/// told about failed as far as anybody knows.
const VerdictSign& sign_of(scenarios::Verdict verdict);
const VerdictSign& sign_of(char letter);

/// Shapes of one sign, `size` pixels wide, around a point.
void draw_sign(char letter, Point at, double size, std::vector<Shape>& out);

/// How many records each sign has, in the order of verdict_signs.
std::array<std::int64_t, 10> tally(const scenarios::RunResult& result);

}  // namespace linger::report
