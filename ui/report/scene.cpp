#include "ui/report/scene.h"

#include <algorithm>
#include <cmath>

namespace linger::report {
namespace {

double distance_to_line(Point point, Point from, Point to) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double square = dx * dx + dy * dy;
  const double part =
      square == 0 ? 0 : std::clamp(((point.x - from.x) * dx + (point.y - from.y) * dy) / square, 0.0, 1.0);
  return std::hypot(point.x - from.x - part * dx, point.y - from.y - part * dy);
}

}  // namespace

const Hit* Scene::at(Point point) const {
  constexpr double near = 6;
  const auto rank = [](Hit::Kind kind) {
    switch (kind) {
      case Hit::Kind::mark:
        return 0;
      case Hit::Kind::arrow:
        return 1;
      case Hit::Kind::bar:
        return 2;
      case Hit::Kind::fold:
        return 3;
    }
    return 3;
  };
  const Hit* best = nullptr;
  double best_distance = 0;
  for (const Hit& hit : hits) {
    double distance = 0;
    if (hit.kind == Hit::Kind::arrow) {
      distance = distance_to_line(point, hit.from, hit.to);
      if (distance > near) continue;
    } else if (point.x < hit.from.x || point.x > hit.to.x || point.y < hit.from.y - 2 || point.y > hit.to.y + 2) {
      continue;
    }
    if (best == nullptr || rank(hit.kind) < rank(best->kind) || (hit.kind == best->kind && distance <= best_distance)) {
      best = &hit;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace linger::report
