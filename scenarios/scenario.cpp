#include "scenarios/scenario.h"

namespace linger::scenarios {

Fault::Fault() = default;
Fault::Fault(const Fault&) = default;
Fault::Fault(Fault&&) noexcept = default;
Fault& Fault::operator=(const Fault&) = default;
Fault& Fault::operator=(Fault&&) noexcept = default;
Fault::~Fault() = default;
bool operator==(const Fault& a, const Fault& b) {
  return a.id == b.id && a.at == b.at && a.on == b.on && a.action == b.action && a.lasts == b.lasts &&
         a.must_hit == b.must_hit;
}

}  // namespace linger::scenarios
