#pragma once

#include <vector>

#include "ui/gui/model/focus.h"
#include "ui/gui/model/picture.h"
#include "ui/gui/model/producer_facts.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// The producer in a column of this width: identity, the batch that matters most now, the requests in flight to one
/// broker, memory. `at`: the moment, in words. `leader`: the broker that leads the partition, -1: nobody.
PanelPicture producer_panel(const ProducerFacts& facts, const Focus& focus, std::int32_t leader, const std::string& at,
                            Language language, double width);

/// Everything about it, in a page of this width; higher than the window, if there is much.
PanelPicture producer_page(const ProducerFacts& facts, const std::vector<Metric>& metrics, const std::string& at,
                           Language language, double width);

/// A number of bytes with its unit, as "16 384 B" or "32 MB" where that is exact.
std::string bytes_in_words(std::int64_t bytes);
/// "0–1", or "3" if both are equal.
std::string seq_range(std::int64_t first, std::int64_t last);

}  // namespace linger::gui
