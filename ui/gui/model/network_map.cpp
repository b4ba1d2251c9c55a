// Hosts in a circle, their links, and what of these does not work.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "ui/gui/model/partition_panel.h"
#include "ui/gui/model/sheet.h"

namespace linger::gui {
namespace {

Paint paint_of(const HostFacts& host) {
  switch (host.kind) {
    case HostFacts::Kind::broker:
      return Paint::blue;
    case HostFacts::Kind::controller:
      return Paint::purple;
    case HostFacts::Kind::producer:
      return Paint::orange;
    case HostFacts::Kind::consumer:
      return Paint::green;
    case HostFacts::Kind::other:
      return Paint::mid;
  }
  return Paint::mid;
}

void draw_link(const LinkFacts& link, Point a, Point b, PanelPicture& out) {
  if (!link.cut_ab && !link.cut_ba) {
    out.line(a, b, link.connections > 0 ? Paint::dim : Paint::rule, link.connections > 0 ? 1.5 : 1);
    return;
  }
  out.line(a, b, Paint::vermillion, 1.5, 5);
  // A cross in the middle; a cut of one way stands nearer to where nothing arrives any more.
  const double part = link.cut_ab && link.cut_ba ? 0.5 : link.cut_ab ? 0.65 : 0.35;
  const Point at{a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part};
  out.line({at.x - 5, at.y - 5}, {at.x + 5, at.y + 5}, Paint::vermillion, 2.5);
  out.line({at.x - 5, at.y + 5}, {at.x + 5, at.y - 5}, Paint::vermillion, 2.5);
}

}  // namespace

PanelPicture network_map(const NetworkFacts& network, Language language, double width) {
  const auto say = [&](Str string, std::initializer_list<std::string> values) {
    return text(language, string, values);
  };
  Sheet sheet{width, 16};
  sheet.title(std::string(text(language, Str::c_network)), say(Str::c_islands, {std::to_string(network.islands)}));
  const double radius = std::min(sheet.inner() / 2 - 50, 120.0);
  const Point centre{width / 2, sheet.y() + radius + 26};
  const std::size_t count = network.hosts.size();
  std::vector<Point> places;
  for (std::size_t i = 0; i < count; ++i) {
    // From the top, clockwise.
    const double turn =
        2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(1, count)) -
        std::numbers::pi / 2;
    places.push_back({centre.x + radius * std::cos(turn), centre.y + radius * std::sin(turn)});
  }
  PanelPicture& out = sheet.picture();
  for (const bool cut : {false, true}) {
    for (const LinkFacts& link : network.links) {
      if ((link.cut_ab || link.cut_ba) == cut) draw_link(link, places[link.a], places[link.b], out);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const HostFacts& host = network.hosts[i];
    const double wide = std::max(30.0, words_width(host.name, 12, Face::semibold) + 10);
    const Box box{places[i].x - wide / 2, places[i].y - 11, wide, 22};
    out.fill(box, Paint::ground);
    if (!host.down) out.fill(box, paint_of(host), 0.3);
    if (host.down) out.hatch(box, Paint::vermillion);
    out.frame(box,
              host.down     ? Paint::vermillion
              : host.active ? Paint::purple
                            : paint_of(host),
              host.active ? 2.5 : 1.5);
    if (host.down) out.fill({box.x + 5, box.y + 3, wide - 10, 16}, Paint::ground, 0.85);
    out.text({box.x, box.y + 15}, wide, host.name, host.down ? Paint::vermillion_text : Paint::ink, Face::semibold,
             Align::centre, 12);
    constexpr std::array<Str, 5> kinds{Str::c_kind_broker, Str::c_kind_controller, Str::c_kind_producer,
                                       Str::c_kind_consumer, Str::c_kind_other};
    std::vector<std::string> hint{host.name, std::string(text(language, kinds[static_cast<std::size_t>(host.kind)]))};
    if (host.active) hint.emplace_back(text(language, Str::c_active));
    if (host.down) hint.emplace_back(text(language, Str::c_down));
    if (host.paused) hint.emplace_back(text(language, Str::c_paused));
    Target target;
    target.host = host.host;
    out.touches.push_back({box, std::move(hint), std::nullopt, std::nullopt,
                           host.host == sim::no_host ? std::nullopt : std::optional(target)});
  }
  for (const LinkFacts& link : network.links) {
    const HostFacts& a = network.hosts[link.a];
    const HostFacts& b = network.hosts[link.b];
    if (a.host == sim::no_host || b.host == sim::no_host) continue;
    // Not in the middle, where the links of a circle meet.
    constexpr double part = 0.38;
    const Point at{places[link.a].x + (places[link.b].x - places[link.a].x) * part,
                   places[link.a].y + (places[link.b].y - places[link.a].y) * part};
    Target target;
    target.kind = Target::Kind::link;
    target.host = a.host;
    target.other = b.host;
    out.touches.push_back({{at.x - 8, at.y - 8, 16, 16},
                           {say(Str::target_link, {a.name, b.name}), std::string(text(language, Str::menu_hint))},
                           std::nullopt,
                           std::nullopt,
                           target});
  }
  sheet.advance(2 * radius + 52);
  const auto cuts = std::count_if(network.links.begin(), network.links.end(),
                                  [](const LinkFacts& link) { return link.cut_ab || link.cut_ba; });
  if (cuts > 0) sheet.words(say(Str::c_cuts, {std::to_string(cuts)}), Paint::vermillion_text);
  // Who can talk to whom, where not all can.
  if (network.islands > 1) {
    for (std::uint32_t island = 0; island < network.islands; ++island) {
      std::string names;
      for (const HostFacts& host : network.hosts) {
        if (host.island == island) names += (names.empty() ? "" : " ") + host.name;
      }
      if (!names.empty()) sheet.words(say(Str::c_island, {std::to_string(island + 1), names}), Paint::ink);
    }
  }
  return std::move(sheet).done();
}

}  // namespace linger::gui
