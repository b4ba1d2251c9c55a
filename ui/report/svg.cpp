#include "ui/report/svg.h"

#include "ui/report/diagram.h"
#include "ui/report/layout.h"

namespace linger::report {
namespace {

/// A paint's class, its colour by day and by night.
struct Colour {
  Paint paint;
  const char* name;
  const char* light;
  const char* dark;
};
constexpr Colour colours[] = {
    {Paint::ground, "ground", "#ffffff", "#12171d"},
    {Paint::lane, "lane", "#f6f8fa", "#191f27"},
    {Paint::well, "well", "#e9edf1", "#252e38"},
    {Paint::rule, "rule", "#cbd2da", "#3a4552"},
    {Paint::mid, "mid", "#8a94a1", "#7c8897"},
    {Paint::dim, "dim", "#505b68", "#a9b4c1"},
    {Paint::ink, "ink", "#161d26", "#eef2f6"},
    {Paint::blue, "blue", "#0072b2", "#56b4e9"},
    {Paint::green, "green", "#009e73", "#2dbe95"},
    {Paint::vermillion, "verm", "#d55e00", "#f27a2e"},
    {Paint::orange, "orange", "#e69f00", "#e69f00"},
    {Paint::purple, "purple", "#cc79a7", "#dd97be"},
    {Paint::blue_text, "bluet", "#005a8f", "#7cc6f0"},
    {Paint::green_text, "greent", "#006b4e", "#4fd3ac"},
    {Paint::vermillion_text, "vermt", "#a63f00", "#ff9a5c"},
    {Paint::orange_text, "oranget", "#7a5200", "#f2b634"},
    {Paint::purple_text, "purplet", "#8a3766", "#e9b3d0"},
};

const char* name_of(Paint paint) {
  for (const Colour& colour : colours) {
    if (colour.paint == paint) return colour.name;
  }
  return "none";
}

/// One decimal: enough for the eye, and the same text everywhere.
std::string number(double value) {
  const bool negative = value < 0;
  const auto tenths = static_cast<std::int64_t>((negative ? -value : value) * 10 + 0.5);
  std::string out = (negative && tenths > 0 ? "-" : "") + std::to_string(tenths / 10);
  if (tenths % 10 != 0) out += "." + std::to_string(tenths % 10);
  return out;
}

std::string rules(bool dark) {
  std::string out;
  for (const Colour& colour : colours) {
    const std::string value = dark ? colour.dark : colour.light;
    out += std::string(".lf-") + colour.name + "{fill:" + value + "}.ls-" + colour.name + "{stroke:" + value + "}";
  }
  return out;
}

std::string style() {
  return "<style>.lt{font-family:Inter,Helvetica,Arial,'Liberation "
         "Sans',sans-serif}.lb{font-weight:600}.lf-none{fill:none}" +
         rules(false) + ".lf-hatch{fill:url(#hatch)}\n@media (prefers-color-scheme: dark){" + rules(true) +
         "}\n@media print{" + rules(false) + "}</style>\n" +
         "<defs><pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
         "patternTransform=\"rotate(45)\"><rect width=\"7\" height=\"7\" class=\"lf-ground\"/>"
         "<line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"7\" class=\"ls-verm\" stroke-width=\"1.6\"/></pattern></defs>\n";
}

std::string points(const Points& points) {
  std::string out;
  for (const Point& point : points) out += (out.empty() ? "" : " ") + number(point.x) + "," + number(point.y);
  return out;
}

void write(const Shape& shape, std::string& out) {
  std::string classes = shape.hatched ? "lf-hatch" : std::string("lf-") + name_of(shape.fill);
  if (shape.stroke != Paint::none) classes += std::string(" ls-") + name_of(shape.stroke);
  std::string more = " class=\"" + classes + "\"";
  if (shape.stroke != Paint::none && shape.width != 1) more += " stroke-width=\"" + number(shape.width) + "\"";
  if (shape.dash != 0) more += " stroke-dasharray=\"" + number(shape.dash) + "\"";
  if (shape.opacity != 1) more += " fill-opacity=\"" + number(shape.opacity) + "\"";
  const Points& p = shape.points;
  const char* tag = "line";
  switch (shape.kind) {
    case Shape::Kind::line:
      out += "<line x1=\"" + number(p[0].x) + "\" y1=\"" + number(p[0].y) + "\" x2=\"" + number(p[1].x) + "\" y2=\"" +
             number(p[1].y) + "\"";
      break;
    case Shape::Kind::box:
      tag = "rect";
      out += "<rect x=\"" + number(p[0].x) + "\" y=\"" + number(p[0].y) + "\" width=\"" + number(p[1].x - p[0].x) +
             "\" height=\"" + number(p[1].y - p[0].y) + "\"";
      break;
    case Shape::Kind::polygon:
      tag = "polygon";
      out += "<polygon points=\"" + points(p) + "\"";
      break;
    case Shape::Kind::polyline:
      tag = "polyline";
      out += "<polyline points=\"" + points(p) + "\"";
      break;
    case Shape::Kind::disc:
      tag = "circle";
      out += "<circle cx=\"" + number(p[0].x) + "\" cy=\"" + number(p[0].y) + "\" r=\"" + number(p[1].x) + "\"";
      break;
  }
  out += more;
  if (shape.hint.empty())
    out += "/>\n";
  else
    out += "><title>" + escaped(shape.hint) + "</title></" + tag + ">\n";
}

void write(const Text& text, std::string& out) {
  if (text.plate) {
    const Box box = text.box();
    out += "<rect x=\"" + number(box.x - 1) + "\" y=\"" + number(box.y) + "\" width=\"" + number(box.width + 2) +
           "\" height=\"" + number(box.height) + "\" class=\"lf-ground\" fill-opacity=\"0.8\"/>";
  }
  out += "<text x=\"" + number(text.at.x) + "\" y=\"" + number(text.at.y) + "\" font-size=\"" +
         std::to_string(text.size) + "\" class=\"lt" + (text.bold ? " lb" : "") + " lf-" + name_of(text.paint) + "\">" +
         escaped(text.words) + "</text>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else if (byte >= 0x20 || c == '\n' || c == '\t')
      out += c;
  }
  return out;
}

std::string svg_of(const Drawing& drawing, bool inside) {
  const std::string size = "width=\"" + number(drawing.width) + "\" height=\"" + number(drawing.height) +
                           "\" viewBox=\"0 0 " + number(drawing.width) + " " + number(drawing.height) + "\"";
  std::string out = inside ? "" : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size + " role=\"img\">\n<title>" + escaped(drawing.title) +
         "</title>\n<desc>" + escaped(drawing.description) + "</desc>\n" + style();
  for (const Shape& shape : drawing.shapes) write(shape, out);
  for (const Text& text : drawing.texts) write(text, out);
  return out + "</svg>\n";
}

std::string export_svg(const scenarios::Run& run, const Wanted& wanted) {
  Subset subset;
  subset.from = wanted.from;
  subset.until = wanted.until;
  subset.events = wanted.events;
  return svg_of(lay_out(build_diagram(run, subset), run));
}

}  // namespace linger::report
